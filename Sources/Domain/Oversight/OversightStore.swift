public import Core

/// Where a list of accounts goes on.
public struct AccountCursor: Sendable, Equatable {
    /// The owner of the last account.
    public let owner: PrincipalID
    /// Its provider.
    public let provider: ProviderID

    /// Makes a value.
    public init(owner: PrincipalID, provider: ProviderID) {
        self.owner = owner
        self.provider = provider
    }
}

/// What administrators see of all owners: read only, and conversations are no part of it.
public protocol OversightStore: Sendable {
    /// Users of a host application, oldest first; with a text those whose subject or name contains it.
    func users(of issuer: String, containing text: String?, after: UserID?, limit: Int, at now: Timestamp)
        async throws -> Page<OverseenUser>
    /// Sessions of a user, newest first; those that are long over are not kept.
    func sessions(of user: UserID, limit: Int) async throws -> [OverseenSession]
    /// Accounts at providers, by owner and provider.
    func accounts(after: AccountCursor?, limit: Int) async throws -> Page<OverseenAccount>
    /// Proposals, newest first.
    func actions(_ filter: OverseenActionFilter, before: ActionID?, limit: Int) async throws
        -> Page<OverseenAction>
    /// The proposal; nil when there is none.
    func action(_ id: ActionID) async throws -> OverseenAction?
    /// Turns that read from host applications, newest first.
    func receipts(before: TurnID?, limit: Int) async throws -> Page<OverseenReceipt>
    /// What this turn read, in short; nil when it read nothing or is not there any more.
    func receipt(of turn: TurnID) async throws -> OverseenReceipt?
}
