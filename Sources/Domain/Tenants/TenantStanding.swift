/// How the client and the brands in a user's scope stand now, and what the host application calls them.
public struct TenantStanding: Sendable, Equatable {
    /// The client.
    public let client: Client
    /// The brands in scope.
    public let brands: [BrandID: Brand]
    /// The locations in scope that are named one by one.
    public let locations: [LocationID: Location]

    /// Makes a value.
    public init(client: Client, brands: [Brand] = [], locations: [Location] = []) {
        self.client = client
        self.brands = Dictionary(uniqueKeysWithValues: brands.map { ($0.id, $0) })
        self.locations = Dictionary(uniqueKeysWithValues: locations.map { ($0.id, $0) })
    }

    /// Says whether AI is switched on: for a brand by its add-on, else by the client's plan.
    ///
    /// Without a brand by the plan, and by one of the brands in scope at least, where there are any.
    public func hasAI(at place: Place) -> Bool {
        guard place.client == client.id else { return false }
        guard let brand = place.brand else {
            return client.hasAI && (brands.isEmpty || brands.values.contains(where: hasAI))
        }
        return brands[brand].map(hasAI) ?? false
    }

    private func hasAI(_ brand: Brand) -> Bool { brand.hasAI ?? client.hasAI }

    /// Says whether AI is switched on anywhere in scope.
    public var hasAIAnywhere: Bool {
        brands.isEmpty ? client.hasAI : brands.values.contains(where: hasAI)
    }

    /// The brands in scope of which something may be read and changed now: AI is on, and nothing is suspended.
    public var openBrands: Set<BrandID> {
        guard client.state == .active else { return [] }
        return Set(brands.values.filter { $0.state == .active && hasAI($0) }.map(\.id))
    }

    /// What keeps anything from being changed at a place; nil when nothing does.
    ///
    /// Without a brand one of those in scope has to be open, where there are any.
    public func suspension(at place: Place) -> Failure? {
        if client.state == .suspended {
            return Self.suspended(
                code: "client_suspended",
                "The client \(client.name ?? client.key.rawValue)"
            )
        }
        guard let id = place.brand else {
            guard !brands.isEmpty, openBrands.isEmpty else { return nil }
            return Self.suspended(code: "brand_suspended", "Each brand with AI that you see")
        }
        guard let brand = brands[id], brand.state == .suspended else { return nil }
        return Self.suspended(code: "brand_suspended", "The brand \(brand.name ?? brand.key.rawValue)")
    }

    private static func suspended(code: String, _ who: String) -> Failure {
        Failure(
            .forbidden,
            code: code,
            message: "\(who) is suspended: what there is can be read, and nothing can be changed.",
            hint: "Ask whoever runs the application to lift the suspension."
        )
    }
}

extension Principal {
    /// Throws `ai_off` (forbidden) unless AI is switched on at a place; nil for anywhere in the scope.
    ///
    /// Only users of host applications have a standing; nobody else is ever turned away.
    public func requireAI(at place: Place?) throws(Failure) {
        guard let standing else { return }
        let isOn = place.map(standing.hasAI) ?? standing.hasAIAnywhere
        guard isOn else {
            throw Failure(
                .forbidden,
                code: "ai_off",
                message: "AI is not switched on here.",
                hint:
                    "It is switched on for a client or a brand as a part of its plan: ask whoever runs the application. GET /v1/ai/session says where it is on."
            )
        }
    }

    /// Throws `ai_off`, `client_suspended` or `brand_suspended` (forbidden) unless something may be changed at a place.
    public func requireChange(at place: Place?) throws(Failure) {
        guard let standing, let place else { return }
        try requireAI(at: place)
        if let suspension = standing.suspension(at: place) { throw suspension }
    }
}
