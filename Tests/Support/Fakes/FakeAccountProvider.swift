internal import Core
public import Domain
internal import Synchronization

/// Accounts in memory; logins end when the test says so.
public final class FakeAccountProvider: AccountProvider {
    private struct State {
        var connected: Set<PrincipalID> = []
        var logins: [PrincipalID: BoundedChannel<LoginOutcome>] = [:]
        var cleared: [PrincipalID] = []
        var problem: Failure?
        var clearing: Signal?
    }

    /// The configured name.
    public let id: ProviderID
    private let state = Mutex(State())

    /// Makes a provider without accounts.
    public init(_ id: ProviderID) { self.id = id }

    /// Ends the open login of an owner.
    public func finish(_ owner: PrincipalID, _ outcome: LoginOutcome) {
        let login = state.withLock { state in
            if outcome == .connected { state.connected.insert(owner) }
            return state.logins[owner]
        }
        _ = login?.offer(outcome)
    }

    /// What beginning a login throws from now on.
    public func refuse(_ failure: Failure?) { state.withLock { $0.problem = failure } }
    /// Removing leftovers waits for this from now on.
    public func holdClearing(until signal: Signal) { state.withLock { $0.clearing = signal } }
    /// For whom leftovers of a login were removed, in order.
    public var cleared: [PrincipalID] { state.withLock { $0.cleared } }

    /// `p-` and the owner.
    public func profile(of owner: PrincipalID) -> String { "p-\(owner)" }

    /// Connected or not.
    public func status(of owner: PrincipalID) async throws -> AccountStatus {
        let isConnected = state.withLock { $0.connected.contains(owner) }
        return AccountStatus(provider: id, state: isConnected ? .connected : .disconnected)
    }

    /// Always the same address and code.
    public func startLogin(for owner: PrincipalID) async throws -> LoginInvitation {
        try state.withLock { state in
            if let problem = state.problem { throw problem }
            state.logins[owner] = BoundedChannel(capacity: 1)
        }
        return LoginInvitation(key: "k", address: "https://login.example/device", code: Secret("FAKE-CODE"))
    }

    /// Waits until the test ends it.
    public func loginStatus(_ key: String, for owner: PrincipalID) async throws -> LoginOutcome {
        let login = state.withLock { $0.logins[owner] }
        guard let outcome = await login?.receive().first else { throw CancellationError() }
        return outcome
    }

    /// Takes note.
    public func cancelLogin(_ key: String?, for owner: PrincipalID) async throws {
        await state.withLock { $0.clearing }?.wait()
        state.withLock { state in
            state.logins[owner] = nil
            state.cleared.append(owner)
        }
    }

    /// Disconnects.
    public func logout(_ owner: PrincipalID) async throws {
        _ = state.withLock { $0.connected.remove(owner) }
    }

    /// Two models.
    public func models(for owner: PrincipalID) async throws -> [ModelDescription] {
        [ModelDescription(name: "gpt-6.1-sol", title: "Sol"), ModelDescription(name: "model")]
    }

    /// A tenth is used.
    public func rateLimits(of owner: PrincipalID) async throws -> AccountLimits {
        AccountLimits(plan: "plus", primary: AccountWindow(usedPercent: 10))
    }
}
