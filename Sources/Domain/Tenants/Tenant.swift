/// Whether a client or brand may change anything.
public enum TenantState: String, Sendable, CaseIterable {
    case active
    /// Its users can read what they have, and do nothing else.
    case suspended
}

/// A customer of a host application.
public struct Client: Sendable, Equatable {
    /// Who, for good.
    public let id: ClientID
    /// The host application that it belongs to, by its issuer.
    public let issuer: String
    /// What the host application calls it.
    public let key: TenantKey
    /// What people call it; nil for nothing but the key.
    public var name: String?
    /// Whether its users may change anything.
    public var state: TenantState
    /// Whether its plan has AI.
    public var hasAI: Bool
    /// The host application's name for what was bought; shown, and not looked at.
    public var plan: String?

    /// Makes a value.
    public init(
        id: ClientID,
        issuer: String,
        key: TenantKey,
        name: String? = nil,
        state: TenantState = .active,
        hasAI: Bool = false,
        plan: String? = nil
    ) {
        self.id = id
        self.issuer = issuer
        self.key = key
        self.name = name
        self.state = state
        self.hasAI = hasAI
        self.plan = plan
    }
}

/// A brand of a client.
public struct Brand: Sendable, Equatable {
    /// Which, for good.
    public let id: BrandID
    /// Whose.
    public let client: ClientID
    /// What the host application calls it.
    public let key: TenantKey
    /// What people call it; nil for nothing but the key.
    public var name: String?
    /// Whether anything of it may be changed.
    public var state: TenantState
    /// Whether it has AI as an add-on, or has it taken away; nil for what the client's plan says.
    public var hasAI: Bool?

    /// Makes a value.
    public init(
        id: BrandID,
        client: ClientID,
        key: TenantKey,
        name: String? = nil,
        state: TenantState = .active,
        hasAI: Bool? = nil
    ) {
        self.id = id
        self.client = client
        self.key = key
        self.name = name
        self.state = state
        self.hasAI = hasAI
    }
}

/// A location of a brand.
public struct Location: Sendable, Equatable {
    /// Which, for good.
    public let id: LocationID
    /// Whose.
    public let brand: BrandID
    /// What the host application calls it.
    public let key: TenantKey
    /// What people call it; nil for nothing but the key.
    public var name: String?

    /// Makes a value.
    public init(id: LocationID, brand: BrandID, key: TenantKey, name: String? = nil) {
        self.id = id
        self.brand = brand
        self.key = key
        self.name = name
    }
}
