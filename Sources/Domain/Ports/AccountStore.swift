public import Core

/// Accounts, logins and keys of principals.
///
/// Every verb is atomic, and what it returned is stored durably. Whatever belongs to another owner is as if it were not there.
public protocol AccountStore: Sendable {
    /// What an owner chose, in the order of the providers' names.
    func settings(of owner: PrincipalID) async throws -> [AccountSettings]
    /// Stores what an owner chose of a provider; a new default takes the place of the one before.
    func set(_ settings: AccountSettings) async throws
    /// Forgets what an owner chose of a provider, and their key; false when there was nothing.
    func remove(_ provider: ProviderID, of owner: PrincipalID) async throws -> Bool

    /// Begins a login; `login_pending` (conflict) when one of the owner's is open.
    func begin(_ provider: ProviderID, for owner: PrincipalID, at now: Timestamp, expires: Timestamp)
        async throws -> Login
    /// A login of an owner; nil when there is none of that number.
    func login(_ id: LoginID, of owner: PrincipalID) async throws -> Login?
    /// The open login of an owner; nil when there is none.
    func openLogin(of owner: PrincipalID) async throws -> Login?
    /// All open logins, of everybody.
    func openLogins() async throws -> [Login]
    /// Stores the end of a login; false when it was over before. One that is connected connects the account in the same
    /// step, which becomes the owner's standard one if they have none.
    func end(_ login: Login) async throws -> Bool
    /// Removes logins that ended before a time.
    func removeLogins(endedBefore time: Timestamp) async throws

    /// Stores an owner's key for a provider, sealed, in place of an earlier one.
    func setKey(_ sealed: [UInt8], of owner: PrincipalID, for provider: ProviderID, at now: Timestamp)
        async throws
    /// An owner's key for a provider; nil when there is none.
    func key(of owner: PrincipalID, for provider: ProviderID) async throws -> [UInt8]?
}
