internal import Core
internal import Domain
internal import Synchronization

/// What a panel's page vouches for: who looks at it, and at which page.
struct PanelClaims: Sendable, Equatable {
    /// The system user that the page runs as, or that root named.
    let user: SystemUser
    /// The origin of the page, which alone may use it.
    let audience: String
}

/// Signs and takes back what panels' pages hand to browsers: for one page, for a minute, once.
///
/// The signature covers random bytes that only this process has ever held besides the installation's key, so that nothing
/// signed before a restart is good after it, when nobody knows any more what was used up.
final class PanelAssertions: Sendable {
    private struct Used {
        var ends: [String: Timestamp] = [:]
    }

    /// Assertions that may be used up within their lifetime.
    private static let maximumUsed = 10_000
    private static let longest = 2_048

    private let cryptography: any Cryptography
    private let lifetime: Duration
    private let process: [UInt8]
    private let used = Mutex(Used())

    init(cryptography: any Cryptography, lifetime: Duration) {
        self.cryptography = cryptography
        self.lifetime = lifetime
        process = cryptography.randomBytes(32)
    }

    /// Signs claims; returns the text and when it ends.
    func sign(_ claims: PanelClaims, at now: Timestamp) -> (text: Secret<String>, expires: Timestamp) {
        let expires = now + lifetime
        let payload = JSONValue.object([
            "uid": .integer(Int64(claims.user.uid)), "user": .string(claims.user.name),
            "aud": .string(claims.audience), "exp": .integer(expires.microseconds),
            "nonce": .string(TextCoding.base64URL(cryptography.randomBytes(18))),
        ]).bytes
        let text = TextCoding.base64URL(payload) + "." + TextCoding.base64URL(code(payload))
        return (Secret(text), expires)
    }

    /// Uses an assertion up for a page.
    ///
    /// Throws `Failure` of kind unauthenticated: `assertion_invalid`, `assertion_expired`, `assertion_foreign` for another
    /// page's, `assertion_used`. One for another page stays good for its own.
    func take(_ text: Secret<String>, for audience: String, at now: Timestamp) throws(Failure) -> PanelClaims
    {
        let parts = text.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard text.reveal().utf8.count <= Self.longest, parts.count == 2,
            let payload = TextCoding.bytes(base64URL: String(parts[0])),
            let signature = TextCoding.bytes(base64URL: String(parts[1])),
            cryptography.areEqual(signature, code(payload)),
            let claims = try? JSONValue(parsing: payload),
            let uid = claims["uid"]?.integer.flatMap({ UInt32(exactly: $0) }),
            let user = claims["user"]?.string, let own = claims["aud"]?.string,
            let expires = claims["exp"]?.integer.map({ Timestamp(microseconds: $0) }),
            let nonce = claims["nonce"]?.string
        else {
            throw Self.refusal(
                code: "assertion_invalid",
                "This was not signed by this server since it was started."
            )
        }
        guard now < expires else {
            throw Self.refusal(code: "assertion_expired", "This held for a short time, which is over.")
        }
        guard own == audience else {
            throw Self.refusal(code: "assertion_foreign", "This was given for another page.")
        }
        try useUp(nonce, until: expires, at: now)
        return PanelClaims(user: SystemUser(uid: uid, name: user), audience: own)
    }

    private func useUp(_ nonce: String, until end: Timestamp, at now: Timestamp) throws(Failure) {
        let isNew = used.withLock { used -> Bool? in
            if used.ends.count >= Self.maximumUsed { used.ends = used.ends.filter { $0.value > now } }
            guard used.ends.count < Self.maximumUsed else { return nil }
            return used.ends.updateValue(end, forKey: nonce) == nil
        }
        guard let isNew else {
            throw Failure(
                .unavailable,
                code: "panel_busy",
                message: "Too many people sign in from the panel at this moment.",
                hint: "Try again in a minute.",
                retryAfter: lifetime
            )
        }
        guard isNew else { throw Self.refusal(code: "assertion_used", "This was used already.") }
    }

    private func code(_ payload: [UInt8]) -> [UInt8] {
        cryptography.authenticationCode(for: process + payload, purpose: .panel)
    }

    private static func refusal(code: String, _ message: String) -> Failure {
        Failure(
            .unauthenticated,
            code: code,
            message: message,
            hint: "Load the panel's page again, which asks for a new one."
        )
    }
}
