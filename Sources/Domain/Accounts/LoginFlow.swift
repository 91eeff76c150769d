public import Core

/// The number of a login.
public struct LoginID: Hashable, Sendable {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// Where a login stands; all but `pending` are final.
public enum LoginState: String, Sendable, CaseIterable {
    case pending, connected, failed, expired, cancelled

    /// Nothing changes any more.
    public var isOver: Bool { self != .pending }
}

/// An attempt of a principal to connect an account; neither address nor code is kept.
public struct Login: Sendable, Equatable {
    /// The number.
    public let id: LoginID
    /// Who wants to connect.
    public let owner: PrincipalID
    /// With which provider.
    public let provider: ProviderID
    /// Where it stands.
    public var state: LoginState
    /// Why it failed, as the code of a failure; nil otherwise.
    public var reason: String?
    /// When it began.
    public let created: Timestamp
    /// Until when the person may confirm it.
    public let expires: Timestamp
    /// When it ended; nil while it is pending.
    public var ended: Timestamp?

    /// Makes a value.
    public init(
        id: LoginID,
        owner: PrincipalID,
        provider: ProviderID,
        state: LoginState = .pending,
        reason: String? = nil,
        created: Timestamp,
        expires: Timestamp,
        ended: Timestamp? = nil
    ) {
        self.id = id
        self.owner = owner
        self.provider = provider
        self.state = state
        self.reason = reason
        self.created = created
        self.expires = expires
        self.ended = ended
    }
}

/// What a person needs to confirm a login; shown once.
public struct LoginInvitation: Sendable {
    /// What the provider calls the login.
    public let key: String
    /// Where the person goes.
    public let address: String
    /// What they enter there.
    public let code: Secret<String>

    /// Makes a value.
    public init(key: String, address: String, code: Secret<String>) {
        self.key = key
        self.address = address
        self.code = code
    }
}

/// How a login ended at the provider.
public enum LoginOutcome: Sendable, Equatable {
    case connected
    case failed(Failure)
}

/// What happens to a login, in the order in which it happens.
public struct LoginFlow: Sendable, Equatable {
    /// What can happen.
    public enum Event: Sendable, Equatable {
        /// The provider said how it ended.
        case ended(LoginOutcome)
        /// The person did not confirm it in time.
        case deadline
        /// The person gave up.
        case cancelled
        /// The server that waited for it is gone.
        case serverEnded
    }

    /// What is to be done about the provider.
    public enum Action: Sendable, Equatable {
        /// The account is connected.
        case connect
        /// Whatever the attempt left behind is removed.
        case clear
        /// It was over before.
        case nothing
    }

    /// Where it stands.
    public private(set) var login: Login

    /// Goes on from a login as it is stored.
    public init(_ login: Login) { self.login = login }

    /// Takes in what happened: the first event that ends a login counts.
    public mutating func apply(_ event: Event, at now: Timestamp) -> Action {
        guard !login.state.isOver else { return .nothing }
        login.ended = now
        switch event {
        case .ended(.connected):
            login.state = .connected
            return .connect
        case .ended(.failed(let failure)):
            login.state = .failed
            login.reason = failure.code
        case .deadline, .serverEnded: login.state = .expired
        case .cancelled: login.state = .cancelled
        }
        return .clear
    }
}
