public import Core
public import Domain

/// Registers, lists and removes secrets; nobody reads a value here.
public struct SecretService: Sendable {
    private static let fewestDifferentBytes = 4

    private let store: any SecretStore
    private let sealer: any Sealer
    private let audit: any AuditStore
    private let clock: any WallClock
    private let vault: SecretVault?

    /// Puts the service together; with a running server's vault, which takes changes in at once.
    public init(
        store: any SecretStore,
        sealer: any Sealer,
        audit: any AuditStore,
        clock: any WallClock,
        vault: SecretVault? = nil
    ) {
        self.store = store
        self.sealer = sealer
        self.audit = audit
        self.clock = clock
        self.vault = vault
    }

    // MARK: For people who signed in

    /// Registers a value under a name, in place of an earlier one.
    public func set(_ name: SecretName, _ value: Secret<[UInt8]>, as principal: Principal) async throws
        -> NamedSecret
    {
        try principal.requireSignIn()
        try principal.require(.admin)
        return try await set(name, value, by: principal.id)
    }

    /// Forgets a secret; `secret_unknown` (notFound) when there is none of that name.
    public func remove(_ name: SecretName, as principal: Principal) async throws {
        try principal.requireSignIn()
        try principal.require(.admin)
        try await remove(name, by: principal.id)
    }

    /// What can be named in commands, for whoever may run them.
    public func list(as principal: Principal) async throws -> [NamedSecret] {
        try principal.require(.shellRun)
        return try await list()
    }

    // MARK: For the owner of the data directory

    /// Registers a value under a name, in place of an earlier one.
    ///
    /// `invalid_secret` (unprocessable) for a value that cannot be masked or passed on; `secrets_full` (conflict).
    public func set(_ name: SecretName, _ value: Secret<[UInt8]>, by principal: PrincipalID) async throws
        -> NamedSecret
    {
        try Self.validate(value.reveal())
        try await checkRoom(for: value.reveal(), named: name)
        let now = clock.now()
        let secret = try await audit.keeping { (_: NamedSecret) in
            [Self.entry("secret.set", name, principal, now)]
        } with: {
            try await store.set(
                name,
                sealed: sealer.seal(value, for: name.rawValue),
                by: principal,
                at: now
            )
        }
        try await vault?.refresh()
        return secret
    }

    /// Forgets a secret.
    public func remove(_ name: SecretName, by principal: PrincipalID) async throws {
        let now = clock.now()
        let isRemoved = try await audit.keeping { isRemoved in
            isRemoved ? [Self.entry("secret.remove", name, principal, now)] : []
        } with: {
            try await store.remove(name)
        }
        guard isRemoved else {
            throw Failure(
                .notFound,
                code: "secret_unknown",
                message: "There is no secret named \(name).",
                hint: "See: deckhand secret list"
            )
        }
        try await vault?.refresh()
    }

    /// All secrets in the order of their names, without values.
    public func list() async throws -> [NamedSecret] { try await store.secrets().map(\.secret) }

    private static func entry(
        _ action: String,
        _ name: SecretName,
        _ principal: PrincipalID,
        _ now: Timestamp
    ) -> AuditEntry {
        AuditEntry(time: now, principal: principal, action: action, subject: "secret/\(name)")
    }

    /// Throws `secrets_full` when runners could not be handed all forms any more.
    private func checkRoom(for value: [UInt8], named name: SecretName) async throws {
        let others = try await store.secrets().filter { $0.secret.name != name }
            .compactMap { sealer.open($0.sealed, for: $0.secret.name.rawValue)?.reveal() }
        guard MaskList(values: others + [value]).size <= NamedSecret.maximumFormBytes else {
            throw Failure(
                .conflict,
                code: "secrets_full",
                message: "All secrets together would be too long to be masked in outputs.",
                hint: "Remove those that are not needed; put long keys into files that only root reads."
            )
        }
    }

    private static func validate(_ value: [UInt8]) throws(Failure) {
        func reject(_ message: String, _ hint: String) throws(Failure) {
            throw Failure(.unprocessable, code: "invalid_secret", message: message, hint: hint)
        }
        if value.count < NamedSecret.shortest {
            try reject(
                "A secret needs at least \(NamedSecret.shortest) bytes: a shorter one occurs in outputs by chance.",
                "Set a longer password where it is used, and register that."
            )
        }
        if value.count > NamedSecret.longest {
            try reject(
                "A secret has at most \(NamedSecret.longest) bytes.",
                "Put it into a file that only its user reads, and let the command read that file."
            )
        }
        if value.contains(0) {
            try reject("A secret cannot contain a NUL byte.", "Encode it, for example with base64.")
        }
        if Set(value).count < fewestDifferentBytes {
            try reject(
                "A secret needs at least \(fewestDifferentBytes) different characters.",
                "Register a real password or key."
            )
        }
    }
}
