/// Which usage rows are meant.
public struct UsageQuery: Sendable, Equatable {
    /// Of the clients of this host application; nil for all.
    public var issuer: String?
    /// Of this client; nil for all.
    public var client: ClientID?
    /// Of these brands, and what ``owner`` did for the client as a whole; nil for all.
    public var brands: Set<BrandID>?
    /// Of these locations, and what ``owner`` did for a brand as a whole; nil for all.
    public var locations: Set<LocationID>?
    /// Whose rows are meant beside those of ``brands`` and ``locations``; nil for nobody's.
    public var owner: PrincipalID?
    /// Of this brand only.
    public var brand: BrandID?
    /// Of this principal only.
    public var principal: PrincipalID?
    /// From this day on.
    public var from: UTCDay?
    /// Until this day, which is included.
    public var until: UTCDay?

    /// Makes a query for everything that belongs to a client.
    public init() {}

    /// Makes a query for what a user may see within a scope: what ``Scope/admitsUsage(of:at:for:)`` says.
    public init(_ scope: Scope, of user: PrincipalID) {
        client = scope.client
        brands = scope.brands
        locations = scope.locations
        owner = user
    }
}

/// What a report sums up by.
public enum UsageDimension: String, Sendable, CaseIterable {
    case client, brand, user, day, model
}

/// The sum of usage rows that have the same values of some dimensions; other values are nil.
public struct UsageSum: Sendable, Equatable {
    /// The client.
    public var client: ClientID?
    /// The brand; nil also for what belongs to none.
    public var brand: BrandID?
    /// Who.
    public var principal: PrincipalID?
    /// The day it ended.
    public var day: UTCDay?
    /// The model or item.
    public var model: ModelReference?
    /// How many rows.
    public var calls: Int
    /// Input tokens.
    public var inputTokens: Int
    /// Output tokens.
    public var outputTokens: Int
    /// What was charged.
    public var cost: Credits

    /// Makes a sum.
    public init(calls: Int = 0, inputTokens: Int = 0, outputTokens: Int = 0, cost: Credits = .zero) {
        self.calls = calls
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cost = cost
    }
}

/// What a host application did itself, to be recorded.
public struct ItemDraft: Sendable, Equatable {
    /// The same key records nothing a second time; unique for the client.
    public var key: String
    /// What was done, such as `document`.
    public var item: String
    /// How often.
    public var quantity: Int
    /// Where.
    public var place: Place
    /// For whom.
    public var principal: PrincipalID
    /// What is to be charged; nothing for a record only.
    public var charge: Credits
    /// The charge is the application's word, not the price list's.
    public var isCostStated = false

    /// Makes a draft.
    public init(
        key: String,
        item: String,
        quantity: Int = 1,
        place: Place,
        principal: PrincipalID,
        charge: Credits = .zero
    ) {
        self.key = key
        self.item = item
        self.quantity = quantity
        self.place = place
        self.principal = principal
        self.charge = charge
    }
}
