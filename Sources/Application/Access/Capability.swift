public import Core
public import Domain

/// What a link allows, and on what: one verb on one ticket or session, until a time.
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
    }

    /// The verb.
    public let verb: Verb
    /// The session, by its immutable identity.
    public let session: SessionID
    /// The ticket's number; 0 for the session itself.
    public let number: Int
    /// When it ends.
    public let expires: Timestamp

    /// Makes a value.
    public init(verb: Verb, session: SessionID, number: Int, expires: Timestamp) {
        self.verb = verb
        self.session = session
        self.number = number
        self.expires = expires
    }
}

/// Signs and checks capabilities: 21 bytes of payload and 16 of HMAC-SHA-256, as base64url.
public struct CapabilitySigner: Sendable {
    private static let payloadLength = 1 + 8 + 4 + 8
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

    /// The text of a fresh capability.
    public func sign(_ verb: Capability.Verb, session: SessionID, number: Int = 0) -> String {
        let expires = (clock.now() + lifetime).seconds
        var bytes: [UInt8] = [verb.rawValue]
        bytes.reserveCapacity(Self.payloadLength + Self.codeLength)
        bytes.append(bigEndian: UInt64(bitPattern: session.rawValue), count: 8)
        bytes.append(bigEndian: UInt64(number), count: 4)
        bytes.append(bigEndian: UInt64(bitPattern: expires), count: 8)
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
            let verb = Capability.Verb(rawValue: payload[0])
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

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: UInt64, count: Int) {
        for shift in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
    }

    fileprivate func bigEndian(from start: Int, count: Int) -> UInt64 {
        self[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
