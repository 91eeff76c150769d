import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@Suite("Clients, brands, users and their sessions")
struct TenantConformanceTests {
    @Test("tenants on SQLite", arguments: TenantStoreSuite.cases)
    func tenants(_ promise: TenantStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.tenants)
        await installation.database.close()
    }

    @Test("sessions on SQLite", arguments: UserSessionStoreSuite.cases)
    func sessions(_ promise: UserSessionStoreSuite.Case) async throws {
        let installation = try await Installation()
        let stores = installation.stores
        try await promise.run(
            UserSessionStoreSuite.Both(tenants: stores.tenants, sessions: stores.userSessions)
        )
        await installation.database.close()
    }

    @Test("a chat does not exist for whoever cannot see its place, though it is theirs")
    func scope() async throws {
        let installation = try await Installation()
        let world = try await ScopedChats(installation.stores)
        for (name, chat) in world.chats {
            for (scopeName, scope) in world.scopes {
                let store = installation.stores.chats.limited(to: scope)
                let isSeen = try await world.seen(chat, by: store)
                #expect(
                    isSeen.allSatisfy { $0 == scope.admits(chat.place) },
                    "\(name) in \(scopeName): \(isSeen)"
                )
            }
        }
        await installation.database.close()
    }

    @Test("without the filter of scopes everything of the owner would be seen")
    func mutation() async throws {
        let installation = try await Installation()
        let stores = makeStores(on: installation.database, scopes: ScopeFilter(without: .chat))
        let world = try await ScopedChats(stores)
        var wrong = 0
        for (_, chat) in world.chats {
            for (_, scope) in world.scopes {
                let isSeen = try await world.seen(chat, by: stores.chats.limited(to: scope))
                wrong += isSeen.count { $0 != scope.admits(chat.place) }
            }
        }
        #expect(wrong > 0)
        await installation.database.close()
    }
}

/// Chats of one user in all places of two clients, and scopes that see some of them.
private struct ScopedChats {
    struct ScopedChat {
        let id: ChatID
        let turn: TurnID
        let key: String
        let place: Place
    }

    let owner = UserID(7).principal
    private(set) var chats: [(String, ScopedChat)] = []
    private(set) var scopes: [(String, Scope)] = []

    init(_ stores: Stores) async throws {
        let now = Timestamp(seconds: 1_700_000_000)
        var places: [(String, Place)] = []
        for name in ["a", "b"] {
            let key = try TenantKey(name)
            let client = try await stores.tenants.putClient(key, of: "i", ClientChange(), at: now)
            places.append((name, Place(client: client.id)))
            scopes.append(("\(name) without brands", Scope(client: client.id, brands: [])))
            var brands: Set<BrandID> = []
            for brandName in ["1", "2"] {
                let text = name + brandName
                let brand = try await stores.tenants.putBrand(
                    try TenantKey(text),
                    of: client,
                    BrandChange(),
                    at: now
                )
                places.append((text, Place(client: client.id, brand: brand.id)))
                scopes.append((text, Scope(client: client.id, brands: [brand.id])))
                scopes.append(
                    (text + " without locations", Scope(client: client.id, brands: [brand.id], locations: []))
                )
                brands.insert(brand.id)
                for locationName in ["x", "y"] {
                    let location = try await stores.tenants.putLocation(
                        try TenantKey(text + locationName),
                        of: brand,
                        in: client,
                        name: nil,
                        at: now
                    )
                    let place = Place(client: client.id, brand: brand.id, location: location.id)
                    places.append((text + locationName, place))
                    scopes.append(
                        (
                            text + locationName,
                            Scope(client: client.id, brands: [brand.id], locations: [location.id])
                        )
                    )
                }
            }
            scopes.append((name + " with all brands", Scope(client: client.id, brands: brands)))
        }
        let model = ModelReference(provider: try ProviderID("fake"), model: "m")
        for (name, place) in places {
            let draft = ChatDraft(key: name, title: "word", place: place)
            let chat = try await stores.chats.create(draft, owner: owner, at: now)
            let turn = TurnDraft(message: [.text("word")], options: TurnOptions(model: model))
            let begun = try await stores.chats.begin(turn, in: chat.id, owner: owner, above: 0, at: now)
            chats.append((name, ScopedChat(id: chat.id, turn: begun.turn.id, key: name, place: place)))
        }
    }

    /// Whether each verb of a store finds a chat.
    func seen(_ chat: ScopedChat, by store: any ChatStore) async throws -> [Bool] {
        let now = Timestamp(seconds: 1_700_000_000)
        let listed = { (search: String?) async throws -> Bool in
            try await store.chats(of: owner, matching: search, after: nil, limit: 99).elements.contains {
                $0.id == chat.id
            }
        }
        let next = TurnID(chat.turn.rawValue + 1)
        let removal: Bool
        // Its turn works, so that a chat that is found is not removed.
        do { removal = try await store.remove(chat.id, owner: owner) } catch let failure as Failure {
            removal = failure.code == "turn_working"
        }
        return [
            try await store.chat(chat.id, owner: owner) != nil,
            try await store.chat(key: chat.key, at: chat.place, owner: owner) != nil,
            try await listed(nil), try await listed("word"),
            try await store.change(chat.id, owner: owner, ChatChange(), above: 0, at: now)
                != nil,
            removal,
            try await store.turn(chat.turn, owner: owner) != nil,
            try await !store.turns(of: chat.id, owner: owner, before: nil, limit: 9).elements.isEmpty,
            try await !store.events(of: chat.id, owner: owner, after: 0, limit: 9).isEmpty,
            try await !store.events(of: chat.turn, owner: owner).isEmpty,
            try await !store.context(of: chat.id, owner: owner, before: next, maximumBytes: 9_999).turns
                .isEmpty,
        ]
    }
}
