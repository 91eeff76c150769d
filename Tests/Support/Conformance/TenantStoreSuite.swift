public import Domain
internal import Core
internal import Testing

/// What a `TenantStore` must do, tried on an empty one.
public enum TenantStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any TenantStore>

    private static let start = Timestamp(seconds: 1_700_000_040)
    private static let shop = "https://shop.example"
    private static let other = "https://other.example"

    private static func key(_ text: String) throws -> TenantKey { try TenantKey(text) }

    private static func client(_ store: any TenantStore, _ name: String, of issuer: String = shop)
        async throws
        -> Client
    {
        try await store.putClient(try key(name), of: issuer, ClientChange(), at: start)
    }

    /// All cases.
    public static var cases: [Case] { clientCases + brandCases + userCases }

    private static var clientCases: [Case] {
        [
            Case("a client is made without AI, and changes what it is told to change") { store in
                let made = try await client(store, "acme")
                #expect(made.state == .active && !made.hasAI && made.name == nil && made.plan == nil)
                #expect(made.issuer == shop && made.key.rawValue == "acme")
                var change = ClientChange()
                change.hasAI = true
                change.name = "Acme"
                change.plan = "pro"
                let named = try await store.putClient(made.key, of: shop, change, at: start)
                #expect(named.id == made.id && named.hasAI && named.name == "Acme" && named.plan == "pro")
                change = ClientChange()
                change.state = .suspended
                let suspended = try await store.putClient(made.key, of: shop, change, at: start)
                #expect(suspended.state == .suspended && suspended.hasAI && suspended.name == "Acme")
                #expect(try await store.client(made.key, of: shop) == suspended)
                #expect(try await store.client(try key("ACME"), of: shop) == nil)
            },
            Case("what two issuers call the same are two clients, and neither sees the other's") { store in
                let (mine, theirs) = (
                    try await client(store, "acme"), try await client(store, "acme", of: other)
                )
                #expect(mine.id != theirs.id)
                #expect(try await store.client(mine.key, of: shop)?.id == mine.id)
                #expect(try await store.client(mine.key, of: other)?.id == theirs.id)
                #expect(try await store.clients(of: other, after: nil, limit: 9).elements == [theirs])
                #expect(try await store.clients(called: mine.key) == [mine, theirs])
                #expect(try await store.clients(called: try key("zeta")) == [])
                #expect(try await store.client(theirs.id) == theirs)
                #expect(try await store.client(ClientID(99)) == nil)
            },
            Case("clients are listed in pages, oldest first") { store in
                var made: [ClientID] = []
                for name in ["c", "b", "a"] { made.append(try await client(store, name).id) }
                let first = try await store.clients(of: shop, after: nil, limit: 2)
                #expect(first.elements.map(\.id) == Array(made[..<2]) && first.hasMore)
                let rest = try await store.clients(of: shop, after: made[1], limit: 2)
                #expect(rest.elements.map(\.id) == [made[2]] && !rest.hasMore)
            },
        ]
    }

    private static var brandCases: [Case] {
        [
            Case("a brand inherits AI until it is told otherwise, and can be told to inherit again") {
                store in
                let acme = try await client(store, "acme")
                var brand = try await store.putBrand(try key("north"), of: acme, BrandChange(), at: start)
                #expect(brand.hasAI == nil && brand.client == acme.id && brand.state == .active)
                for (word, wanted) in [(BrandAI.on, true), (.off, false)] {
                    var change = BrandChange()
                    change.ai = word
                    brand = try await store.putBrand(brand.key, of: acme, change, at: start)
                    #expect(brand.hasAI == wanted)
                    var name = BrandChange()
                    name.name = "North"
                    #expect(try await store.putBrand(brand.key, of: acme, name, at: start).hasAI == wanted)
                }
                var change = BrandChange()
                change.ai = .inherit
                brand = try await store.putBrand(brand.key, of: acme, change, at: start)
                #expect(brand.hasAI == nil && brand.name == "North")
                #expect(try await store.brands(of: acme.id) == [brand])
            },
            Case("a brand and a location stay where they are") { store in
                let (acme, zeta) = (try await client(store, "acme"), try await client(store, "zeta"))
                let north = try await store.putBrand(try key("north"), of: acme, BrandChange(), at: start)
                let east = try await store.putBrand(try key("east"), of: zeta, BrandChange(), at: start)
                let taken = await #expect(throws: Failure.self) {
                    try await store.putBrand(try key("north"), of: zeta, BrandChange(), at: start)
                }
                #expect(taken?.code == "brand_elsewhere" && taken?.kind == .conflict)
                let main = try await store.putLocation(
                    try key("main"),
                    of: north,
                    in: acme,
                    name: "Main",
                    at: start
                )
                #expect(main.brand == north.id && main.name == "Main")
                let elsewhere = await #expect(throws: Failure.self) {
                    try await store.putLocation(try key("main"), of: east, in: zeta, name: nil, at: start)
                }
                #expect(elsewhere?.code == "location_elsewhere")
                #expect(try await store.locations(of: north.id) == [main])
                #expect(try await store.locations(of: east.id) == [])
                #expect(try await store.locations([main.id, LocationID(99)], in: acme.id) == [main])
                #expect(try await store.locations([main.id], in: zeta.id) == [])
                let names: Set = [main.key, try key("nowhere")]
                #expect(try await store.locations(called: names, in: acme.id) == [main])
                #expect(try await store.locations(called: names, in: zeta.id) == [])
                #expect(try await store.brands(of: zeta.id) == [east])
                let far = try await client(store, "acme", of: other)
                let theirs = try await store.putBrand(try key("north"), of: far, BrandChange(), at: start)
                #expect(theirs.id != north.id)
            },
        ]
    }

    private static var userCases: [Case] {
        [
            Case("grants replace what was granted before, and nothing that users cannot have is kept") {
                store in
                let ann = try key("ann")
                #expect(try await store.user(ann, of: shop) == nil)
                let all = UserRights(
                    permissions: Set(Permission.allCases),
                    grants: ["jobs.create", "jobs.see"]
                )
                let made = try await store.grant(all, to: ann, of: shop, at: start)
                #expect(made.granted.permissions == Permission.forUsers)
                #expect(made.granted.grants == ["jobs.create", "jobs.see"])
                let less = try await store.grant(
                    UserRights(permissions: [.chat]),
                    to: ann,
                    of: shop,
                    at: start
                )
                #expect(less.id == made.id && less.granted == UserRights(permissions: [.chat]))
                #expect(try await store.user(ann, of: shop) == less)
                #expect(try await store.user(ann, of: other) == nil)
                let theirs = try await store.grant(UserRights(), to: ann, of: other, at: start)
                #expect(theirs.id != made.id)
                #expect(try await store.user(made.id) == less)
                let (acme, zeta) = (try await client(store, "acme"), try await client(store, "zeta"))
                let there = UserRights(permissions: [.aiWallet], grants: ["jobs.create"])
                let granted = try await store.grant(there, to: ann, of: shop, in: acme.id, at: start)
                #expect(granted.granted == less.granted.union(there))
                #expect(try await store.user(ann, of: shop, in: acme.id) == granted)
                #expect(try await store.user(ann, of: shop, in: zeta.id) == less)
                #expect(try await store.user(ann, of: shop) == less)
                let none = try await store.grant(UserRights(), to: ann, of: shop, in: acme.id, at: start)
                #expect(none == less)
                #expect(try await store.user(UserID(99)) == nil)
            }
        ]
    }
}
