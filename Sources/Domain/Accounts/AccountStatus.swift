public import Core

/// Whether a principal's account of a provider can be used.
public enum AccountState: String, Sendable, CaseIterable {
    case connected
    case disconnected
    /// The provider could not be asked.
    case unknown
}

/// How much of a limit is used.
public struct AccountWindow: Sendable, Equatable {
    /// 0 to 100.
    public var usedPercent: Int
    /// Over how long it counts; nil when the provider did not say.
    public var length: Duration?
    /// When it begins anew; nil when the provider did not say.
    public var resets: Timestamp?

    /// Makes a value.
    public init(usedPercent: Int, length: Duration? = nil, resets: Timestamp? = nil) {
        self.usedPercent = usedPercent
        self.length = length
        self.resets = resets
    }
}

/// What an account may still use, as its provider says.
public struct AccountLimits: Sendable, Equatable {
    /// The plan's name at the provider; nil when it has none.
    public var plan: String?
    /// The short window; nil when there is none.
    public var primary: AccountWindow?
    /// The long window; nil when there is none.
    public var secondary: AccountWindow?
    /// Nothing more is answered until a window begins anew.
    public var isReached: Bool

    /// Makes a value.
    public init(
        plan: String? = nil,
        primary: AccountWindow? = nil,
        secondary: AccountWindow? = nil,
        isReached: Bool = false
    ) {
        self.plan = plan
        self.primary = primary
        self.secondary = secondary
        self.isReached = isReached
    }
}

/// A principal's account of a provider, as far as it is to be shown.
public struct AccountStatus: Sendable, Equatable {
    /// The provider.
    public var provider: ProviderID
    /// Whether it can be used.
    public var state: AccountState
    /// The plan's name at the provider; nil for none.
    public var plan: String?
    /// The model that answers; nil when none is chosen and the provider names none.
    public var model: String?
    /// Limits as they were last seen; nil before.
    public var limits: AccountLimits?
    /// What keeps it from being used; nil for nothing.
    public var problem: Failure?

    /// Makes a value.
    public init(provider: ProviderID, state: AccountState) {
        self.provider = provider
        self.state = state
    }
}

/// How an account of a provider comes to be used.
public enum CredentialSource: String, Sendable, CaseIterable {
    /// A key of this installation, for everybody.
    case deployment
    /// A key that a principal brings, kept sealed.
    case user
    /// A login of a principal at the provider.
    case account
}

/// What a principal chose of a provider.
public struct AccountSettings: Sendable, Equatable {
    /// Whose.
    public var owner: PrincipalID
    /// The provider.
    public var provider: ProviderID
    /// The provider answers when nobody chooses another one.
    public var isDefault: Bool
    /// The model that was chosen; nil for the provider's default.
    public var model: String?
    /// The name of the profile's folder, which says nothing about its owner; nil for keys.
    public var profile: String?
    /// As it was last seen.
    public var state: AccountState
    /// When it was last changed.
    public var changed: Timestamp

    /// Makes a value.
    public init(
        owner: PrincipalID,
        provider: ProviderID,
        isDefault: Bool = false,
        model: String? = nil,
        profile: String? = nil,
        state: AccountState = .disconnected,
        changed: Timestamp
    ) {
        self.owner = owner
        self.provider = provider
        self.isDefault = isDefault
        self.model = model
        self.profile = profile
        self.state = state
        self.changed = changed
    }
}
