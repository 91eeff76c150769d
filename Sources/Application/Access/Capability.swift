public import Core
public import Domain

/// What a link allows, to whom, and on what: one verb on one ticket or session, until a time.
public struct Capability: Sendable, Equatable {
    /// The verb.
    public enum Verb: UInt8, Sendable, CaseIterable {
        /// Read a ticket's result.
        case read = 1
        /// Follow a ticket live.
        case follow = 2
        /// Submit to a session.
        case submit = 3
        /// List a session's tickets.
        case list = 4
        /// Read a ticket's result, which then says how to submit to its session.
        case answer = 5
    }

    /// Whom a link was given to: it is worth what they may do when it is used, never more.
    public enum Holder: Sendable, Hashable {
        /// Whoever knew the hash with this keyed fingerprint.
        case hash(UInt64)
        /// A user of this machine at the local socket.
        case socket(UInt32)
        /// The bearer of a token.
        case token(Int64)
        /// Whoever signed in.
        case signIn(SignInID)
    }

    /// The verb.
    public let verb: Verb
    /// Whom it was given to.
    public let holder: Holder
    /// The session, by its immutable identity.
    public let session: SessionID
    /// The ticket's number; 0 for the session itself.
    public let number: Int
    /// When it ends.
    public let expires: Timestamp

    /// Makes a value.
    public init(verb: Verb, holder: Holder, session: SessionID, number: Int, expires: Timestamp) {
        self.verb = verb
        self.holder = holder
        self.session = session
        self.number = number
        self.expires = expires
    }
}

/// Signs and checks capabilities: 30 bytes of payload and 16 of HMAC-SHA-256, as base64url.
public struct CapabilitySigner: Sendable {
    private static let payloadLength = 1 + 8 + 4 + 8 + 1 + 8
    private static let codeLength = 16
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let lifetime: Duration

    /// Makes a signer whose links live this long; each answer carries fresh ones.
    public init(cryptography: any Cryptography, clock: any WallClock, lifetime: Duration = .seconds(86_400)) {
        self.cryptography = cryptography
        self.clock = clock
        self.lifetime = lifetime
    }

    /// The holder who knows a hash with this digest; another hash gives another fingerprint, so that its links end with it.
    public func holder(hashDigest: [UInt8]) -> Capability.Holder {
        let code = cryptography.authenticationCode(
            for: Array("hash ".utf8) + hashDigest,
            purpose: .capability
        )
        return .hash(code.bigEndian(from: 0, count: 8))
    }

    /// The text of a fresh capability.
    public func sign(
        _ verb: Capability.Verb,
        for holder: Capability.Holder,
        session: SessionID,
        number: Int = 0
    ) -> String {
        let expires = (clock.now() + lifetime).seconds
        var bytes: [UInt8] = [verb.rawValue]
        bytes.reserveCapacity(Self.payloadLength + Self.codeLength)
        bytes.append(bigEndian: UInt64(bitPattern: session.rawValue), count: 8)
        bytes.append(bigEndian: UInt64(number), count: 4)
        bytes.append(bigEndian: UInt64(bitPattern: expires), count: 8)
        bytes.append(holder.tag)
        bytes.append(bigEndian: holder.value, count: 8)
        bytes += cryptography.authenticationCode(for: bytes, purpose: .capability).prefix(Self.codeLength)
        return TextCoding.base64URL(bytes)
    }

    /// The capability in a text; throws `Failure` `invalid_capability` or `capability_expired`.
    public func verify(_ text: String) throws(Failure) -> Capability {
        guard text.utf8.count <= 64, let bytes = TextCoding.bytes(base64URL: text),
            bytes.count == Self.payloadLength + Self.codeLength
        else { throw Self.invalid }
        let payload = Array(bytes.prefix(Self.payloadLength))
        let code = cryptography.authenticationCode(for: payload, purpose: .capability).prefix(Self.codeLength)
        guard cryptography.areEqual(Array(code), Array(bytes.suffix(Self.codeLength))),
            let verb = Capability.Verb(rawValue: payload[0]),
            let holder = Capability.Holder(
                tag: payload[21],
                value: payload.bigEndian(from: 22, count: 8)
            )
        else { throw Self.invalid }
        let expires = Timestamp(seconds: Int64(bitPattern: payload.bigEndian(from: 13, count: 8)))
        guard clock.now() < expires else {
            throw Failure(
                .unauthenticated,
                code: "capability_expired",
                message: "This link has expired.",
                hint: "Fetch the ticket again with the hash, or from a newer answer's link."
            )
        }
        return Capability(
            verb: verb,
            holder: holder,
            session: SessionID(Int64(bitPattern: payload.bigEndian(from: 1, count: 8))),
            number: Int(payload.bigEndian(from: 9, count: 4)),
            expires: expires
        )
    }

    private static var invalid: Failure {
        Failure(
            .unauthenticated,
            code: "invalid_capability",
            message: "This link is not valid.",
            hint: "Copy the whole link from the answer, or send the hash."
        )
    }
}

extension Capability.Holder {
    fileprivate init?(tag: UInt8, value: UInt64) {
        switch tag {
        case 1: self = .hash(value)
        case 2: self = .socket(UInt32(truncatingIfNeeded: value))
        case 3: self = .token(Int64(bitPattern: value))
        case 4: self = .signIn(SignInID(Int64(bitPattern: value)))
        default: return nil
        }
    }

    fileprivate var tag: UInt8 {
        switch self {
        case .hash: 1
        case .socket: 2
        case .token: 3
        case .signIn: 4
        }
    }

    fileprivate var value: UInt64 {
        switch self {
        case .hash(let fingerprint): fingerprint
        case .socket(let uid): UInt64(uid)
        case .token(let id): UInt64(bitPattern: id)
        case .signIn(let id): UInt64(bitPattern: id.rawValue)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: UInt64, count: Int) {
        for shift in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
    }

    fileprivate func bigEndian(from start: Int, count: Int) -> UInt64 {
        self[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
