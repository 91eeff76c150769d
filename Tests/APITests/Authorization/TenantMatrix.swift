import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API
import WebAssets

/// Every route of users × every role × every relation between who asks and whose the object is, over two clients with
/// two brands each and two users in each brand.
struct TenantMatrix {
    /// Whose the object is, as seen by who asks.
    enum Relation: String, CaseIterable {
        case own
        /// Their own, at a brand that their session does not see.
        case ownElsewhere
        /// Their own, at a location that their session does not see.
        case ownAtAnotherLocation
        case colleague
        case otherBrand
        case otherClient
        /// What the other application calls the same, by the same name.
        case otherIssuer
    }

    /// Every role of the table, one that is nowhere, and none.
    static let roles: [String?] = RoleTable.standard.roles.keys.sorted() + ["owner_of_all", nil]

    private static let clients = ["acme", "zeta"]

    let harness: AssistantHarness
    let routes: [Route]
    private let document: JSONValue

    init(scopes: ScopeFilter = ScopeFilter(), filter: OwnerFilter = OwnerFilter()) async throws {
        var limits = UserLimitSettings()
        limits.turnsOfUser = 1_000_000
        limits.turnsOfBrand = 1_000_000
        limits.turnsOfClient = 1_000_000
        limits.turnsOfAddress = 1_000_000
        limits.requestsOfUser = 1_000_000
        harness = try await AssistantHarness(
            Array(repeating: .text("ok"), count: 500),
            filter: filter,
            scopes: scopes,
            limits: limits
        )
        routes = Edge.routes(harness.services).filter { $0.access.door == .user || $0.access.users != nil }
        document = try JSONValue(parsing: WebAssets.document)
        // So that both brands of a client are there before anybody asks.
        for client in Self.clients {
            for brand in ["1", "2"] {
                for user in ["ann", "bob"] { _ = try await session(client, brand, user, role: nil) }
            }
        }
    }

    /// All that is wrong; nothing on a server that is right.
    func findings(roles: [String?] = roles, relations: [Relation] = Relation.allCases) async throws
        -> [String]
    {
        var findings: [String] = []
        for route in routes {
            for role in roles {
                for relation in relations {
                    if let finding = try await ask(route, role, relation) {
                        findings.append(
                            "\(route.method) \(route.template) as \(role ?? "nobody"), \(relation): \(finding)"
                        )
                    }
                }
            }
        }
        return findings
    }

    struct Person {
        let caller: AssistantCaller
        let known: KnownUserSession
        var id: PrincipalID { known.user.id.principal }
    }

    func session(
        _ client: String,
        _ brand: String,
        _ user: String,
        role: String?,
        issuer: String = AssistantHarness.issuer
    ) async throws -> Person {
        var claims = UserBench.claims(
            "\(client)-\(brand)-\(user)",
            client: client,
            brands: [client + brand],
            locations: ["\(client)-\(brand)-here"]
        )
        claims["role"] = role.map(JSONValue.string)
        let given = try await harness.hosts.sessions.exchange(
            Secret(UserBench.token(claims, issuer: issuer)),
            from: "192.0.2.9"
        )
        return Person(
            caller: AssistantCaller(harness: harness, bearer: given.token.reveal()),
            known: given.known
        )
    }

    /// Whose the object is, and where it lies.
    func target(_ relation: Relation, _ asking: Person) async throws -> (PrincipalID, Place) {
        let here = try #require(asking.known.standing.brands.keys.first)
        let client = asking.known.standing.client
        switch relation {
        case .own:
            let location = try #require(asking.known.standing.locations.keys.first)
            return (asking.id, Place(client: client.id, brand: here, location: location))
        case .ownElsewhere:
            let away = try await harness.stores.tenants.brands(of: client.id).first { $0.id != here }
            return (asking.id, Place(client: client.id, brand: try #require(away).id))
        case .ownAtAnotherLocation:
            let brand = try #require(asking.known.standing.brands[here])
            let away = try await harness.stores.tenants.putLocation(
                try TenantKey("there"),
                of: brand,
                in: client,
                name: nil,
                at: harness.clock.now()
            )
            return (asking.id, Place(client: client.id, brand: here, location: away.id))
        case .colleague: return try await place(of: session("acme", "1", "bob", role: nil))
        case .otherBrand: return try await place(of: session("acme", "2", "ann", role: nil))
        case .otherClient: return try await place(of: session("zeta", "1", "ann", role: nil))
        case .otherIssuer:
            return try await place(
                of: session("acme", "1", "ann", role: nil, issuer: AssistantHarness.otherIssuer)
            )
        }
    }

    private func place(of person: Person) throws -> (PrincipalID, Place) {
        let brand = try #require(person.known.standing.brands.keys.first)
        return (person.id, Place(client: person.known.standing.client.id, brand: brand))
    }

    /// An object that users can have; a new kind of object does not compile until it has its case here.
    func make(_ kind: ObjectKind, of owner: PrincipalID, at place: Place) async throws -> [String:
        String]?
    {
        switch kind {
        case .chat:
            let stores = harness.stores
            let now = harness.clock.now()
            let id = try await stores.chats.create(
                ChatDraft(title: "matrix", place: place),
                owner: owner,
                at: now
            ).id
            let model = ModelReference(provider: try ProviderID("fake"), model: "model")
            let draft = TurnDraft(message: [.text("question")], options: TurnOptions(model: model))
            let begun = try await stores.chats.begin(draft, in: id, owner: owner, above: 0, at: now)
            let over = ChatEvent(
                .turnFinished(.completed, usage: TokenUsage(), failure: nil),
                number: begun.event.number + 1,
                turn: begun.turn.id,
                at: now
            )
            let change = TurnChange(state: .completed, reason: nil, usage: TokenUsage())
            try await stores.chats.record([over], of: begun.turn, change, reserving: 0, at: now)
            return ["chat": "\(id.rawValue)", "turn": "\(begun.turn.id.rawValue)"]
        case .action:
            let names = try await make(.chat, of: owner, at: place) ?? [:]
            let made = try await harness.stores.actions.proposal(
                waitingOf: owner,
                in: ChatID(Int64(names["chat"] ?? "") ?? 0),
                TurnID(Int64(names["turn"] ?? "") ?? 0),
                at: place,
                harness.clock.now()
            )
            return ["action": "\(made)"]
        case .share:
            let names = try await make(.chat, of: owner, at: place) ?? [:]
            let draft = ShareDraft(
                chat: ChatID(Int64(names["chat"] ?? "") ?? 0),
                owner: owner,
                extent: .following,
                includesOutput: false,
                expires: harness.clock.now() + .seconds(9_999)
            )
            let made = try await harness.stores.shares.createShare(
                draft,
                tokenDigest: Array((names["chat"] ?? "").utf8),
                limit: 10_000,
                at: harness.clock.now()
            )
            return names.merging(["id": "\(try #require(made).id.rawValue)"]) { _, new in new }
        case .login:
            return ["id": "\(try await login(of: owner).rawValue)"]
        case .wallet:
            let brand = try #require(place.brand)
            let owner = WalletOwner(client: place.client, brand: brand)
            _ = try await harness.stores.wallets.open(owner, at: harness.clock.now())
            let name = try await TenantPlaces(harness.stores.tenants).names(of: place)
            return ["client": name.client, "brand": name.brand ?? ""]
        case .artifact:
            let names = try await make(.chat, of: owner, at: place) ?? [:]
            let chat = ChatID(Int64(names["chat"] ?? "") ?? 0)
            let made = try await harness.artifact("matrix", of: owner, at: place, in: chat)
            return ["artifact": "\(made.id)"]
        // Those of operators, and of host applications' backends: no route of users names one.
        case .session, .ticket, .operator, .signIn, .token, .approval, .secret, .client, .user,
            .auditEntry, .policyRule, .proposal, .actionRecord, .receipt:
            return nil
        }
    }

    /// A login of somebody; one of an owner is open at a time.
    private func login(of owner: PrincipalID) async throws -> LoginID {
        let (accounts, now) = (harness.stores.accounts, harness.clock.now())
        if var open = try await accounts.openLogin(of: owner) {
            (open.state, open.ended) = (.cancelled, now)
            _ = try await accounts.end(open)
        }
        let provider = try ProviderID("codex")
        return try await accounts.begin(provider, for: owner, at: now, expires: now + .seconds(9_999)).id
    }

    private func ask(_ route: Route, _ role: String?, _ relation: Relation) async throws -> String? {
        let asking = try await session("acme", "1", "ann", role: role)
        var fixture: ObjectFixture?
        if let kind = route.access.object {
            let (owner, place) = try await target(relation, asking)
            guard let names = try await make(kind, of: owner, at: place) else {
                return "names no object of users"
            }
            fixture = ObjectFixture(names: names)
        } else if relation != .own {
            return nil
        }
        let request = try MatrixRequest(route, fixture, document)
        let response = await asking.caller.respond(
            route.method,
            request.path,
            request.query,
            json: request.body.isEmpty ? nil : String(decoding: request.body, as: UTF8.self)
        )
        let wanted = wanted(route, role, relation)
        let status = response.status
        let isRight = wanted == 200 ? Self.isAdmitted(status, route) : status == wanted
        return isRight ? nil : "\(status), which should be \(wanted)"
    }

    /// Where no object is named, also what is admitted and not understood, and what keeps nothing under an id.
    private static func isAdmitted(_ status: Int, _ route: Route) -> Bool {
        if (200...299).contains(status) || status == 409 { return true }
        guard route.access.object == nil else { return false }
        return [400, 422].contains(status)
            || status == 404 && route.template.description.hasPrefix("/v1/responses/{id}")
    }

    private func wanted(_ route: Route, _ role: String?, _ relation: Relation) -> Int {
        let rights = RoleTable.standard.rights(role: role, granted: UserRights())
        let permission = route.access.users ?? route.access.permission
        if let permission, !rights.permissions.contains(permission) { return 403 }
        guard let kind = route.access.object, !Self.sees(kind, relation) else {
            // The session names its locations: the ledger of the whole brand is more than it sees.
            return route.template.description == "/v1/ai/wallet/transfers" ? 403 : 200
        }
        return 404
    }

    /// A wallet is the brand's, and is named: the other application's names mean one's own.
    ///
    /// A login lies nowhere.
    private static func sees(_ kind: ObjectKind, _ relation: Relation) -> Bool {
        switch relation {
        case .own: true
        case .ownAtAnotherLocation: !kind.isScoped
        case .ownElsewhere: !kind.isScoped && kind != .wallet
        case .colleague, .otherIssuer: kind == .wallet
        case .otherBrand, .otherClient: false
        }
    }
}

@Suite("Who may do what in a host application")
struct TenantMatrixTests {
    @Test("every route of users admits their own things in their scope, and nothing of anybody else")
    func matrix() async throws {
        let matrix = try await TenantMatrix()
        try await matrix.harness.running {
            let findings = try await matrix.findings()
            #expect(findings == [])
        }
        #expect(matrix.routes.contains { $0.access.object == .chat })
    }

    @Test(
        "a server without the filter of scopes is noticed",
        arguments: ObjectKind.allCases.filter(\.isScoped)
    )
    func scopes(_ kind: ObjectKind) async throws {
        let matrix = try await TenantMatrix(scopes: ScopeFilter(without: kind))
        let role = "brand_admin"
        try await matrix.harness.running {
            for relation in [TenantMatrix.Relation.ownElsewhere, .ownAtAnotherLocation] {
                let findings = try await matrix.findings(roles: [role], relations: [relation])
                #expect(findings.contains { $0.contains(relation.rawValue) }, "\(relation)")
            }
        }
    }

    @Test(
        "a server without the filter of owners is noticed among users",
        arguments: ObjectKind.allCases.filter { $0.isScoped && $0.ownerRule == .owner } + [.login]
    )
    func owners(_ kind: ObjectKind) async throws {
        let matrix = try await TenantMatrix(filter: OwnerFilter(without: kind))
        try await matrix.harness.running {
            let findings = try await matrix.findings(roles: ["brand_admin"], relations: [.colleague])
            #expect(!findings.isEmpty)
        }
    }

    @Test("backends reach what is theirs: another application's clients and users do not exist")
    func backends() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":true}"#)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme/brands/north")
        _ = try await bench.backend(.put, "/v1/ai/users/ann/grants")
        for path in ["/v1/ai/clients/acme", "/v1/ai/clients/acme/brands", "/v1/ai/users/ann/grants"] {
            #expect(try await bench.backend(.get, path).status == 200, "\(path)")
            #expect(
                try await bench.backend(.get, path, issuer: AssistantHarness.otherIssuer).status == 404,
                "\(path)"
            )
        }
        let foreign = AssistantHarness.otherIssuer
        #expect(try await bench.backend(.put, "/v1/ai/clients/acme/brands/x", issuer: foreign).status == 404)
        #expect(try await bench.backend(.delete, "/v1/ai/users/ann/sessions", issuer: foreign).status == 404)
        let list = try await bench.backend(.get, "/v1/ai/clients", issuer: foreign)
        #expect(list["clients"]?.array == [])
    }
}
