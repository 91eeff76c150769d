public import Core
public import Domain

/// Makes, lists and revokes tokens; for the command line of the data directory's owner.
public struct TokenService: Sendable {
    private let tokens: any TokenStore
    private let audit: any AuditStore
    private let cryptography: any Cryptography
    private let clock: any WallClock

    /// Puts the service together.
    public init(
        tokens: any TokenStore,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock
    ) {
        self.tokens = tokens
        self.audit = audit
        self.cryptography = cryptography
        self.clock = clock
    }

    /// Makes a token and returns its text, which is stored nowhere.
    public func create(
        name: String,
        permissions: Set<Permission>,
        lifetime: Duration?,
        by principal: PrincipalID
    ) async throws -> (token: AccessToken, text: Secret<String>) {
        guard permissions.isSubset(of: Permission.withoutSignIn), !permissions.isEmpty else {
            throw Failure(
                .unprocessable,
                code: "permission_not_grantable",
                message: "A token can carry shell.read, shell.run, shell.input, chat and chat.tools only.",
                hint: "Approving, policy, tokens and users need an interactive sign-in."
            )
        }
        guard (1...64).contains(name.utf8.count) else {
            throw Failure(
                .unprocessable,
                code: "invalid_token_name",
                message: "A token needs a name of 1 to 64 bytes."
            )
        }
        let text = "dh_" + TextCoding.base64URL(cryptography.randomBytes(32))
        let now = clock.now()
        let token = try await audit.keeping { (token: AccessToken) in
            [
                AuditEntry(
                    time: now,
                    principal: principal,
                    action: "token.create",
                    subject: "token/\(token.id)"
                )
            ]
        } with: {
            try await tokens.createToken(
                name: name,
                hash: cryptography.digest(Array(text.utf8)),
                permissions: permissions,
                expires: lifetime.map { now + $0 },
                at: now
            )
        }
        return (token, Secret(text))
    }

    /// All tokens, oldest first.
    public func list() async throws -> [AccessToken] { try await tokens.tokens() }

    /// Revokes a token; it is refused from the next request on.
    public func revoke(_ id: Int64, by principal: PrincipalID) async throws {
        let now = clock.now()
        let entry = AuditEntry(
            time: now,
            principal: principal,
            action: "token.revoke",
            subject: "token/\(id)"
        )
        let isRevoked = try await audit.keeping {
            $0 ? [entry] : []
        } with: {
            try await tokens.revokeToken(id, at: now)
        }
        guard isRevoked else {
            throw Failure(
                .notFound,
                code: "token_not_found",
                message: "There is no token \(id).",
                hint: "See: deckhand token list"
            )
        }
    }
}
