public import Core

/// A user of a host application as administrators see them.
public struct OverseenUser: Sendable, Equatable {
    /// Who, with what they are granted by name.
    public var user: HostUser
    /// When they were first seen.
    public var created: Timestamp
    /// Sessions that hold now.
    public var liveSessions: Int
    /// Their latest session; nil when there is none any more.
    public var latest: OverseenSession?

    /// Makes a value.
    public init(user: HostUser, created: Timestamp, liveSessions: Int, latest: OverseenSession?) {
        self.user = user
        self.created = created
        self.liveSessions = liveSessions
        self.latest = latest
    }
}

/// A session of a user as administrators see it: names in place of numbers, and nothing that opens it.
public struct OverseenSession: Sendable, Equatable {
    /// Which, and how long it holds.
    public var session: UserSession
    /// What the host application calls the client.
    public var client: String
    /// What it calls the brands.
    public var brands: [String]
    /// What it calls the locations; nil for all of the brands.
    public var locations: [String]?

    /// Makes a value.
    public init(session: UserSession, client: String, brands: [String], locations: [String]?) {
        self.session = session
        self.client = client
        self.brands = brands
        self.locations = locations
    }
}

/// Whose something is, with the name that people know.
public struct OverseenOwner: Sendable, Equatable {
    /// Whose.
    public var principal: PrincipalID
    /// An operator's name, or a user's; nil when there is none.
    public var name: String?

    /// Makes a value.
    public init(principal: PrincipalID, name: String?) {
        self.principal = principal
        self.name = name
    }
}

/// An account at a provider as administrators see it: no key, code, address or path.
public struct OverseenAccount: Sendable, Equatable {
    /// Whose.
    public var owner: OverseenOwner
    /// At which provider.
    public var provider: ProviderID
    /// As it was last seen.
    public var state: AccountState
    /// What they chose; nil for the provider's own choice.
    public var model: String?
    /// Whether it answers when they name no provider.
    public var isDefault: Bool
    /// Whether they brought a key.
    public var hasKey: Bool
    /// Whether a login is open.
    public var hasOpenLogin: Bool
    /// When any of it last changed.
    public var changed: Timestamp

    /// Makes a value.
    public init(
        owner: OverseenOwner,
        provider: ProviderID,
        state: AccountState,
        model: String?,
        isDefault: Bool,
        hasKey: Bool,
        hasOpenLogin: Bool,
        changed: Timestamp
    ) {
        self.owner = owner
        self.provider = provider
        self.state = state
        self.model = model
        self.isDefault = isDefault
        self.hasKey = hasKey
        self.hasOpenLogin = hasOpenLogin
        self.changed = changed
    }
}

/// A proposal with the names of whose it is.
public struct OverseenAction: Sendable {
    /// The proposal.
    public var proposal: ActionProposal
    /// Whose.
    public var owner: OverseenOwner
    /// Where.
    public var place: PlaceName

    /// Makes a value.
    public init(proposal: ActionProposal, owner: OverseenOwner, place: PlaceName) {
        self.proposal = proposal
        self.owner = owner
        self.place = place
    }
}

/// Which proposals are asked for.
public struct OverseenActionFilter: Sendable, Equatable {
    /// Only those that stand here.
    public var state: ActionState?
    /// Only those of this host application.
    public var issuer: String?
    /// Only those of the client that it calls so.
    public var client: String?
    /// Lets all through.
    public init() {}
}

/// What a turn read from host applications, in short.
public struct OverseenReceipt: Sendable, Equatable {
    /// The turn.
    public var turn: TurnID
    /// Whose.
    public var owner: OverseenOwner
    /// Where; nil when its chat is at no place.
    public var place: PlaceName?
    /// When it read first.
    public var time: Timestamp
    /// How many sources it read.
    public var sources: Int
    /// How many of them gave nothing.
    public var missing: Int
    /// How many facts were left out.
    public var leftOut: Int

    /// Makes a value.
    public init(
        turn: TurnID,
        owner: OverseenOwner,
        place: PlaceName?,
        time: Timestamp,
        sources: Int,
        missing: Int,
        leftOut: Int
    ) {
        self.turn = turn
        self.owner = owner
        self.place = place
        self.time = time
        self.sources = sources
        self.missing = missing
        self.leftOut = leftOut
    }
}
