import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

/// What can never be had, whatever an application signs and whatever is configured.
@Suite("Rights of users")
struct UserRightsTests {
    private static let never = Set(Permission.allCases).subtracting(Permission.forUsers)
    private static let words =
        Permission.allCases.map(\.rawValue) + [
            "admin", "root", "shell", "shell.*", "*", "brand_admin", "brand_superadmin", "operator", "hash",
            "operator:1", "user:1", "socket:0", "token:1", "host:x", "service", "", "store", "field", "ADMIN",
        ]

    @Test("nothing of the shell, approvals or administration is among what users can have")
    func list() {
        #expect(
            Self.never.isSuperset(of: [
                .shellRead, .shellRun, .shellInput, .chatTools, .approve, .share, .admin,
            ])
        )
        #expect(Permission.forUsers.allSatisfy { !$0.isShell })
    }

    @Test("no table of roles, no grant and no claim yields more than users can have")
    func values() throws {
        var random = SeededGenerator(seed: 20_261_121)
        let every = Permission.allCases
        let some = { (random: inout SeededGenerator) in
            Set(every.filter { _ in Bool.random(using: &random) })
        }
        for _ in 0..<5_000 {
            var roles: [String: UserRights] = [:]
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let name = try #require(Self.words.randomElement(using: &random))
                roles[name] = UserRights(permissions: some(&random), grants: Set(Self.words))
            }
            let user = HostUser(
                id: UserID(1),
                issuer: "i",
                subject: try TenantKey("operator:1"),
                name: nil,
                granted: UserRights(permissions: some(&random), grants: Set(Self.words))
            )
            let session = UserSession(
                id: UserSessionID(1),
                user: user.id,
                role: Self.words.randomElement(using: &random),
                scope: Scope(
                    client: ClientID(1),
                    brands: [],
                    teams: Set(Self.words),
                    modules: Set(Self.words)
                ),
                created: Timestamp(seconds: 0),
                expires: Timestamp(seconds: 9)
            )
            let client = Client(id: ClientID(1), issuer: "i", key: try TenantKey("c"))
            let known = KnownUserSession(
                session: session,
                user: user,
                standing: TenantStanding(client: client)
            )
            let principal = known.principal(RoleTable(roles))
            #expect(principal.permissions.isDisjoint(with: Self.never))
            #expect(principal.id.rawValue == "user:1" && OperatorID(principal.id) == nil)
            #expect(principal.operator == nil && principal.signIn == nil && principal.runAs == nil)
            #expect(throws: Failure.self) { try principal.requireSignIn() }
        }
    }

    @Test("no claim of an application yields more, through the door itself")
    func claims() async throws {
        let bench = UserBench(try await AssistantHarness())
        var random = SeededGenerator(seed: 7)
        let names = [
            "permissions", "permission", "scope", "scp", "roles", "role", "grants", "admin", "operator",
            "principal",
            "teams", "modules", "use", "name", "act", "azp", "groups", "sub",
        ]
        var sessions = 0
        for round in 0..<150 {
            var claims = UserBench.claims("u\(round)", client: "c\(round % 3)", brands: ["b\(round % 3)"])
            for _ in 0..<4 {
                let name = try #require(names.randomElement(using: &random))
                let word = try #require(Self.words.randomElement(using: &random))
                claims[name] =
                    Bool.random(using: &random)
                    ? .string(word) : .array(Self.words.shuffled(using: &random).map(JSONValue.string))
            }
            let answer = try await bench.exchange(UserBench.token(claims))
            guard answer.status == 201, let bearer = answer["token"]?.string else { continue }
            sessions += 1
            let user = AssistantCaller(harness: bench.harness, bearer: bearer)
            let me = try await user.api(.get, "/v1/ai/session")
            let words = me["user"]?["permissions"]?.array?.compactMap(\.string) ?? ["?"]
            #expect(
                words.allSatisfy { Permission(rawValue: $0).map(Permission.forUsers.contains) == true },
                "\(words)"
            )
            for path in ["/v1/sessions", "/v1/approvals", "/v1/chats", "/v1/secrets", "/v1/ai/clients"] {
                #expect(try await user.api(.get, path).status == 403, "\(path)")
            }
        }
        #expect(sessions > 50)
    }

    @Test(
        "a turn of a user has no tool of the shell, though the server has a shell and the model asks for it"
    )
    func tools() async throws {
        let call = AssistantHarness.call("c1", "id")
        let harness = try await AssistantHarness([.calls([call]), .text("Well.")])
        let ann = try await UserBench(harness).user("ann")
        try await harness.running {
            let chat = try await ann.userChat()
            let answer = try await ann.api(
                .post,
                "/v1/ai/chats/\(chat)/turns",
                json: #"{"message":"Run id.","stream":true}"#
            )
            #expect(answer.text.contains("turn.finished"))
        }
        #expect(harness.model.requests.allSatisfy { $0.tools.map(\.name) == ["artifact_create"] })
        #expect(harness.runner.started.isEmpty, "nothing ran")
        let tickets = try await harness.stores.tickets.sessions(after: nil, limit: 9)
        #expect(tickets.elements.isEmpty)
    }
}
