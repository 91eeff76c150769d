import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("What administrators see across owners")
struct OversightTests {
    private static let issuer = [("issuer", AssistantHarness.issuer)]

    /// What was recorded about looking, newest first.
    private static func looks(_ ann: AssistantCaller) async throws -> [String] {
        let page = try await ann.api(.get, "/v1/admin/audit", [("limit", "5")])
        return (page["entries"]?.array ?? []).compactMap { entry in
            guard let action = entry["action"]?.string, action.hasSuffix(".view") else { return nil }
            return action + " " + (entry["subject"]?.string ?? "")
        }
    }

    @Test("hosts and roles are shown without what is secret of them")
    func configuration() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let hosts = try await ann.api(.get, "/v1/admin/hosts")
        #expect(
            hosts["hosts"]?.array?.compactMap { $0["issuer"]?.string }
                == [AssistantHarness.issuer, AssistantHarness.otherIssuer]
        )
        let roles = try await ann.api(.get, "/v1/admin/roles")
        let admin = roles["roles"]?.array?.first { $0["role"]?.string == "brand_admin" }
        #expect(admin?["permissions"]?.array?.count == Permission.forUsers.count)
        #expect(roles["permissions"]?.array?.contains { $0.string?.hasPrefix("shell") ?? true } == false)
    }

    @Test(
        "users are found by id and name, with grants, role, place and live sessions; another application's are not"
    )
    func users() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let bench = UserBench(harness)
        _ = try await bench.user("una", role: "store")
        let una = try await bench.user("una", brands: ["north", "south"], locations: nil)
        _ = try await bench.user("u%o", client: "zeta", brands: ["z"])
        _ = try await bench.user("una", issuer: AssistantHarness.otherIssuer)
        _ = try await bench.backend(.put, "/v1/ai/users/una/grants", json: #"{"grants":["jobs.create"]}"#)

        let all = try await ann.api(.get, "/v1/admin/users", Self.issuer)
        #expect(all["users"]?.array?.compactMap { $0["id"]?.string } == ["una", "u%o"])
        let shown = try #require(all["users"]?.array?.first)
        #expect(shown["live_sessions"]?.integer == 2)
        #expect(shown["grants"]?.array?.compactMap(\.string) == ["jobs.create"])
        #expect(shown["latest"]?["role"]?.string == "brand_superadmin")
        #expect(shown["latest"]?["brands"]?.array?.compactMap(\.string) == ["north", "south"])
        #expect(shown["latest"]?["locations"] == .null && shown["latest"]?["client"]?.string == "acme")

        let first = try await ann.api(.get, "/v1/admin/users", Self.issuer + [("limit", "1")])
        let next = try #require(first["next"]?.integer)
        let second = try await ann.api(.get, "/v1/admin/users", Self.issuer + [("after", "\(next)")])
        #expect(second["users"]?.array?.compactMap { $0["id"]?.string } == ["u%o"])
        #expect(second["next"] == .null)
        for (query, wanted) in [("UN", ["una"]), ("%", ["u%o"]), ("_", []), ("nobody", [])] {
            let found = try await ann.api(.get, "/v1/admin/users", Self.issuer + [("query", query)])
            #expect(found["users"]?.array?.compactMap { $0["id"]?.string } == wanted, "\(query)")
        }

        #expect(try await una.api(.delete, "/v1/ai/session").status == 204)
        let sessions = try await ann.api(.get, "/v1/admin/users/una/sessions", Self.issuer)
        #expect(sessions["sessions"]?.array?.map { $0["live"]?.bool } == [false, true])
        #expect(sessions["sessions"]?.array?.last?["role"]?.string == "store")
        #expect(
            try await ann.api(.get, "/v1/admin/users/none/sessions", Self.issuer).code == "user_not_found"
        )
        // Two applications are there, and none is named.
        #expect(try await ann.api(.get, "/v1/admin/users").code == "issuer_not_found")
    }

    @Test("everybody's accounts are shown page by page, without keys")
    func accounts() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let codex = try ProviderID("codex")
        let owner = PrincipalID("operator:1")
        for (index, principal) in [owner, PrincipalID("user:9")].enumerated() {
            var settings = AccountSettings(owner: principal, provider: codex, changed: harness.clock.now())
            settings.state = index == 0 ? .connected : .disconnected
            try await harness.stores.accounts.set(settings)
        }
        try await harness.stores.accounts.setKey(
            Array("sealed-secret".utf8),
            of: owner,
            for: codex,
            at: harness.clock.now()
        )
        let page = try await ann.api(.get, "/v1/admin/accounts", [("limit", "1")])
        let first = try #require(page["accounts"]?.array?.first)
        #expect(first["owner"]?.string == "operator:1" && first["name"]?.string == "ann")
        #expect(first["own_key"]?.bool == true && first["state"]?.string == "connected")
        let next = try #require(page["next"]?.string)
        let rest = try await ann.api(.get, "/v1/admin/accounts", [("after", next)])
        #expect(rest["accounts"]?.array?.compactMap { $0["owner"]?.string } == ["user:9"])
        #expect(rest["accounts"]?.array?.first?["name"] == .null && rest["next"] == .null)
        #expect(!page.text.contains("sealed"))
        #expect(try await ann.api(.get, "/v1/admin/accounts", [("after", "x")]).code == "invalid_parameter")
    }

    @Test("actions are listed for all users, and looking into one is in the log before it is shown")
    func actions() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let bench = UserBench(harness)
        _ = try await bench.user("una")
        let stores = harness.stores
        let client = try #require(
            try await stores.tenants.client(try TenantKey("acme"), of: AssistantHarness.issuer)
        )
        let brand = try #require(try await stores.tenants.brands(of: client.id).first)
        let user = try #require(
            try await stores.tenants.user(try TenantKey("una"), of: AssistantHarness.issuer)
        )
        let place = Place(client: client.id, brand: brand.id)
        var ids: [ActionID] = []
        for turn in 1...3 {
            ids.append(
                try await stores.actions.proposal(
                    waitingOf: user.id.principal,
                    in: ChatID(1),
                    TurnID(Int64(turn)),
                    at: place,
                    harness.clock.now()
                )
            )
        }
        _ = try await stores.actions.change(
            ids[0],
            ActionChange([.awaitingConfirmation], to: .declined),
            at: harness.clock.now()
        )
        let list = try await ann.api(.get, "/v1/admin/actions", [("limit", "2")])
        #expect(list["actions"]?.array?.compactMap { $0["id"]?.integer } == [ids[2], ids[1]].map(\.rawValue))
        #expect(list["catalogue"]?.array?.first?["name"]?.string == "matrix")
        let row = try #require(list["actions"]?.array?.first)
        #expect(row["client"]?.string == "acme" && row["brand"]?.string == "north")
        #expect(row["owner"]?.string == "\(user.id.principal)" && row["name"]?.string == "una")
        #expect(row["arguments"] == nil && row["chat"] == nil)
        let after = try #require(list["next"]?.integer)
        let rest = try await ann.api(.get, "/v1/admin/actions", [("after", "\(after)")])
        #expect(rest["actions"]?.array?.compactMap { $0["state"]?.string } == ["declined"])
        let declined = try await ann.api(
            .get,
            "/v1/admin/actions",
            [("state", "declined"), ("client", "acme")]
        )
        #expect(declined["actions"]?.array?.count == 1)
        let others = try await ann.api(.get, "/v1/admin/actions", [("client", "zeta")])
        #expect(others["actions"]?.array == [])
        #expect(try await Self.looks(ann) == [])

        let whole = try await ann.api(.get, "/v1/admin/actions/\(ids[1])")
        #expect(whole["arguments"]?.object == [:] && whole["unit"]?["decimals"]?.integer == 4)
        #expect(try await Self.looks(ann) == ["action.view action/\(ids[1])"])
        #expect(try await ann.api(.get, "/v1/admin/actions/999").code == "action_not_found")
        #expect(try await ann.api(.get, "/v1/admin/actions", [("state", "lost")]).status == 400)
    }

    @Test("receipts are listed by turn, and looking into one is in the log before it is shown")
    func receipts() async throws {
        let harness = try await AssistantHarness([.text("Fine.")])
        let ann = try await harness.person()
        let una = try await UserBench(harness).user("una")
        let chat = try await una.userChat()
        try await harness.running {
            let made = try await una.api(
                .post,
                "/v1/ai/chats/\(chat)/turns",
                json: #"{"message":"x","stream":true}"#
            )
            #expect(made.status < 300, "\(made.text)")
        }
        let turns = try await una.api(.get, "/v1/ai/chats/\(chat)/turns")
        let turn = try #require(turns["turns"]?.array?.first?["id"]?.integer, "\(turns.text)")
        for source in ["company", "jobs"] {
            _ = try await harness.stores.actions.keep(
                ContextReading(
                    chat: ChatID(chat),
                    turn: TurnID(turn),
                    source: source,
                    time: harness.clock.now(),
                    facts: [ContextFact(id: "1", text: "A fact of \(source).", link: nil, rule: "brand")],
                    leftOut: 2,
                    missing: source == "jobs" ? "it did not answer" : nil
                )
            )
        }
        let list = try await ann.api(.get, "/v1/admin/context")
        let row = try #require(list["turns"]?.array?.first)
        #expect(list["turns"]?.array?.count == 1 && list["next"] == .null)
        #expect(row["sources"]?.integer == 2 && row["missing"]?.integer == 1)
        #expect(row["left_out"]?.integer == 4)
        #expect(row["client"]?.string == "acme" && row["name"]?.string == "una")
        #expect(!list.text.contains("A fact of"))
        #expect(try await Self.looks(ann) == [])
        let seen = try await ann.api(.get, "/v1/admin/turns/\(turn)/context")
        #expect(seen["sources"]?.array?.compactMap { $0["source"]?.string } == ["company", "jobs"])
        #expect(seen.text.contains("A fact of company."))
        let looks = try await Self.looks(ann)
        #expect(looks == ["context.view turn/\(turn)"])
        #expect(try await ann.api(.get, "/v1/admin/turns/99/context").code == "receipt_not_found")
        // A chat takes its receipts with it.
        #expect(try await una.api(.delete, "/v1/ai/chats/\(chat)").status == 204)
        #expect(try await ann.api(.get, "/v1/admin/turns/\(turn)/context").status == 404)
    }
}
