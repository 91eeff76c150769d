public import Core

/// A provider at which principals have accounts of their own.
///
/// Errors are `Failure` with a remedy a person can act on, or `CancellationError`; anything else is internal. All verbs may be
/// called concurrently; those about one owner may wait for each other. Nothing that is returned names files or holds tokens.
public protocol AccountProvider: Sendable {
    /// The configured name.
    var id: ProviderID { get }
    /// The name of an owner's profile; it cannot be traced back to them without this installation's key.
    func profile(of owner: PrincipalID) -> String
    /// Whether the owner's account can be used; asks the provider, and never throws for an account that is not connected.
    func status(of owner: PrincipalID) async throws -> AccountStatus
    /// Begins a login; an earlier one of the same owner ends.
    func startLogin(for owner: PrincipalID) async throws -> LoginInvitation
    /// Waits until a login has ended; cancellation leaves it as it is.
    func loginStatus(_ key: String, for owner: PrincipalID) async throws -> LoginOutcome
    /// Ends a login, and removes what it left behind; nothing when there is none.
    func cancelLogin(_ key: String?, for owner: PrincipalID) async throws
    /// Disconnects the account, and removes the owner's profile.
    func logout(_ owner: PrincipalID) async throws
    /// Disconnects the account, and begins a login with another one.
    func switchAccount(for owner: PrincipalID) async throws -> LoginInvitation
    /// The models that the owner can choose.
    func models(for owner: PrincipalID) async throws -> [ModelDescription]
    /// Checks that the owner can choose a model; `model_not_found` (notFound) otherwise.
    func updateModel(_ model: String, for owner: PrincipalID) async throws
    /// What the owner's account may still use; `account_not_connected` (conflict) without one.
    func rateLimits(of owner: PrincipalID) async throws -> AccountLimits
}

extension AccountProvider {
    /// Disconnects the account, and begins a login with another one.
    public func switchAccount(for owner: PrincipalID) async throws -> LoginInvitation {
        try await logout(owner)
        return try await startLogin(for: owner)
    }

    /// Checks that the owner can choose a model; `model_not_found` (notFound) otherwise.
    public func updateModel(_ model: String, for owner: PrincipalID) async throws {
        let known = try await models(for: owner)
        guard known.contains(where: { $0.name == model }) else {
            throw Failure(
                .notFound,
                code: "model_not_found",
                message: "The account has no such model.",
                hint: "Choose one of: \(known.prefix(20).map(\.name).joined(separator: ", "))."
            )
        }
    }
}

/// The keys that principals brought, for the providers that use them.
public protocol UserKeys: Sendable {
    /// The key of an owner for a provider; nil when they brought none.
    func key(of owner: PrincipalID, for provider: ProviderID) async throws -> Secret<String>?
}
