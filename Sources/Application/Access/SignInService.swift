public import Core
public import Domain
internal import Synchronization

/// How long sign-ins last, and how many an operator may have.
public struct SignInSettings: Sendable, Equatable {
    /// How long a browser's lasts after its last use.
    public var browserLifetime: Duration = .seconds(30 * 86_400)
    /// How long a client's lasts.
    public var clientLifetime: Duration = .seconds(86_400)
    /// Live ones of one operator; the oldest end first.
    public var limit = 100

    /// The usual settings.
    public init() {}
}

/// A sign-in that just began.
public struct BegunSignIn: Sendable {
    /// The sign-in and its operator.
    public let known: KnownSignIn
    /// What the cookie carries, or the client's token.
    public let credential: Secret<String>
}

/// Signing in and out.
public final class SignInService: Sendable {
    private static let longestPassphrase = 1_024

    private let operators: any OperatorStore
    let signIns: any SignInStore
    private let passphrases: any PasswordVerifier
    private let tokens: any SignInTokens
    let audit: any AuditStore
    private let cryptography: any Cryptography
    let clock: any WallClock
    private let settings: SignInSettings
    let limiter = SignInLimiter()
    private let lastTouched = Mutex<[SignInID: Timestamp]>([:])
    /// The open streams of those who are signed in.
    public let hub: SignInHub
    /// What the cookie is called: the same for as long as the installation lives, and another one elsewhere.
    public let cookieName: String

    /// Makes the service.
    public init(
        operators: any OperatorStore,
        signIns: any SignInStore,
        passphrases: any PasswordVerifier,
        tokens: any SignInTokens,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock,
        hub: SignInHub,
        settings: SignInSettings = SignInSettings()
    ) {
        self.operators = operators
        self.signIns = signIns
        self.passphrases = passphrases
        self.tokens = tokens
        self.audit = audit
        self.cryptography = cryptography
        self.clock = clock
        self.hub = hub
        self.settings = settings
        let code = cryptography.authenticationCode(for: Array("cookie".utf8), purpose: .crossSite)
        cookieName = "deckhand-" + TextCoding.hex(Array(code.prefix(4)))
    }

    // MARK: Signing in

    /// Begins a sign-in.
    ///
    /// Throws `Failure` `sign_in_refused` for a wrong name, a wrong passphrase and a disabled operator alike and in the
    /// same time; `too_many_failures` (rateLimited) after several of them; `passphrase_checks_busy` (unavailable).
    public func signIn(
        name: String,
        passphrase: Secret<String>,
        kind: SignInKind,
        from address: String
    ) async throws -> BegunSignIn {
        try limiter.begin(name: name, from: address, at: clock.now())
        let person: Operator?
        do { person = try await check(name, passphrase) } catch {
            limiter.withdrawn(name: name, from: address)
            throw error
        }
        guard let person, let begun = try await begin(kind, of: person) else {
            try await recordFailure(name, kind, from: address)
            throw Self.refused
        }
        limiter.succeeded(name: name, from: address)
        return begun
    }

    /// Begins a sign-in of somebody whom another part of the program vouches for; `operator_disabled` (forbidden).
    func signIn(vouchedFor person: Operator, kind: SignInKind) async throws -> BegunSignIn {
        guard !person.isDisabled, let begun = try await begin(kind, of: person) else {
            throw Failure(
                .forbidden,
                code: "operator_disabled",
                message: "\(person.name) is shut out of this server.",
                hint: "On the server: deckhand user enable \(person.name)"
            )
        }
        return begun
    }

    func check(_ name: String, _ passphrase: Secret<String>) async throws -> Operator? {
        let name = try? OperatorName(name)
        let credential: OperatorCredential? =
            if let name { try await operators.credential(named: name) } else { nil }
        let isUsable = passphrase.reveal().utf8.count <= Self.longestPassphrase
        let isRight = try await passphrases.verify(
            isUsable ? passphrase : Secret(""),
            against: credential?.passphraseHash
        )
        guard let person = credential?.person, isRight, isUsable, !person.isDisabled else { return nil }
        return person
    }

    /// Nil when the operator was changed meanwhile.
    private func begin(_ kind: SignInKind, of person: Operator) async throws -> BegunSignIn? {
        let now = clock.now()
        let cookie = kind == .browser ? TextCoding.base64URL(cryptography.randomBytes(32)) : nil
        let signIn = try await audit.keeping { (begun: SignIn?) in
            begun.map { [Self.entry("sign_in.begin", $0, of: person)] } ?? []
        } with: {
            try await signIns.beginSignIn(
                kind,
                of: person,
                secretDigest: cookie.map { cryptography.digest(Array($0.utf8)) },
                expires: now + lifetime(kind),
                limit: settings.limit,
                at: now
            )
        }
        guard let signIn else { return nil }
        let credential =
            cookie.map { Secret($0) }
            ?? tokens.sign(
                SignInClaims(signIn: signIn.id, operator: person.id, issued: now, expires: signIn.expires)
            )
        return BegunSignIn(known: KnownSignIn(signIn: signIn, person: person), credential: credential)
    }

    private func lifetime(_ kind: SignInKind) -> Duration {
        kind == .browser ? settings.browserLifetime : settings.clientLifetime
    }

    // MARK: Being signed in

    /// The sign-in of a cookie; throws `Failure` `sign_in_ended` when there is none or none any more.
    public func signIn(cookie: Secret<String>) async throws -> KnownSignIn {
        let text = cookie.reveal()
        guard text.utf8.count <= 64,
            let known = try await signIns.signIn(secretDigest: cryptography.digest(Array(text.utf8)))
        else { throw Self.ended }
        return try await live(known, .browser)
    }

    /// The sign-in of a client's token; nil when the text is no valid token of ours, and `sign_in_ended` as above.
    func signIn(token: String) async throws -> KnownSignIn? {
        guard let claims = tokens.verify(token, at: clock.now()) else { return nil }
        guard let known = try await signIns.signIn(claims.signIn), known.person.id == claims.operator else {
            throw Self.ended
        }
        return try await live(known, .client)
    }

    /// The sign-in with this id, whatever carries it; `sign_in_ended` as above.
    ///
    /// Nobody showed its credential now, so that its end does not move on.
    func signIn(_ id: SignInID) async throws -> KnownSignIn {
        guard let known = try await signIns.signIn(id),
            known.signIn.isLive(for: known.person, at: clock.now())
        else { throw Self.ended }
        return known
    }

    /// Says whether a text is a token of ours for a client that signed in.
    func isToken(_ text: String) -> Bool { tokens.verify(text, at: clock.now()) != nil }

    private func live(_ known: KnownSignIn, _ kind: SignInKind) async throws -> KnownSignIn {
        let now = clock.now()
        guard known.signIn.kind == kind, known.signIn.isLive(for: known.person, at: now) else {
            throw Self.ended
        }
        try await touch(known.signIn, now)
        return known
    }

    /// Remembers the use of a sign-in, at most once a minute.
    private func touch(_ signIn: SignIn, _ now: Timestamp) async throws {
        let isDue = lastTouched.withLock { times in
            if now - max(times[signIn.id] ?? signIn.lastSeen, signIn.lastSeen) < .seconds(60) { return false }
            if times.count > 10_000 { times.removeAll() }
            times[signIn.id] = now
            return true
        }
        guard isDue else { return }
        let expires = signIn.kind == .browser ? now + lifetime(.browser) : signIn.expires
        try await signIns.touchSignIn(signIn.id, lastSeen: now, expires: expires)
    }

    /// What a page sends along with each change to show that it is ours; bound to the sign-in.
    public func crossSiteToken(for signIn: SignInID) -> String {
        let code = cryptography.authenticationCode(
            for: Array("sign-in \(signIn)".utf8),
            purpose: .crossSite
        )
        return TextCoding.base64URL(Array(code.prefix(24)))
    }

    /// Compares in constant time.
    public func isCrossSiteToken(_ text: String, for signIn: SignInID) -> Bool {
        cryptography.areEqual(Array(text.utf8), Array(crossSiteToken(for: signIn).utf8))
    }

    // MARK: Looking and ending

    /// The caller's own sign-in as it stands.
    public func current(as principal: Principal) async throws -> KnownSignIn {
        try principal.requireSignIn()
        guard let id = principal.signIn, let known = try await signIns.signIn(id),
            known.signIn.isLive(for: known.person, at: clock.now())
        else { throw Self.ended }
        return known
    }

    /// The caller's live sign-ins, newest first.
    public func signIns(as principal: Principal) async throws -> [SignIn] {
        try await signIns.signIns(of: try principal.requireSignIn(), at: clock.now())
    }

    /// Ends one of the caller's sign-ins with its open streams; `sign_in_not_found` for those of others.
    public func end(_ id: SignInID, as principal: Principal) async throws {
        let owner = try principal.requireSignIn()
        let now = clock.now()
        let entry = AuditEntry(
            time: now,
            principal: principal.id,
            action: "sign_in.end",
            subject: "sign-in/\(id)"
        )
        let isEnded = try await audit.keeping {
            $0 ? [entry] : []
        } with: {
            try await signIns.endSignIn(id, of: owner, at: now)
        }
        guard isEnded else {
            throw Failure(
                .notFound,
                code: "sign_in_not_found",
                message: "You have no such sign-in.",
                hint: "GET /v1/signins lists yours."
            )
        }
        hub.end([id])
    }

    /// Names the operator, if there is one: what else stands where a name is asked for may be a passphrase.
    func recordFailure(_ name: String, _ kind: SignInKind, from address: String) async throws {
        var person: Operator?
        if let name = try? OperatorName(name) { person = try await operators.credential(named: name)?.person }
        let detail = JSONValue.object(["kind": .string(kind.rawValue), "address": .string(address)]).bytes
        try await audit.record(
            AuditEntry(
                time: clock.now(),
                principal: .nobody,
                action: "sign_in.fail",
                subject: person.map { "operator/\($0.id)" } ?? "operator",
                detail: String(decoding: detail, as: UTF8.self)
            )
        )
    }

    private static func entry(_ action: String, _ signIn: SignIn, of person: Operator) -> AuditEntry {
        AuditEntry(
            time: signIn.created,
            principal: person.principal,
            action: action,
            subject: "sign-in/\(signIn.id)",
            detail: "{\"kind\":\"\(signIn.kind.rawValue)\"}"
        )
    }

    /// The one answer to a sign-in that is over.
    static let ended = Failure(
        .unauthenticated,
        code: "sign_in_ended",
        message: "This sign-in is over.",
        hint: "Sign in again with POST /v1/signin."
    )

    private static let refused = Failure(
        .unauthenticated,
        code: "sign_in_refused",
        message: "The name or the passphrase is wrong.",
        hint: "Check both; deckhand user passwd on the server sets a new passphrase."
    )
}
