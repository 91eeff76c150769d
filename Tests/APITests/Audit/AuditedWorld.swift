import Application
import Core
import Domain
import HTTPServer
import SQL
import Storage
import TestSupport
import Testing

@testable import API

/// A server whose routes are asked by who may, each about an object of its own.
struct AuditedWorld {
    let world: MatrixWorld
    private var harness: AssistantHarness { world.harness }

    init() async throws {
        // Commands that are told to stay take input until the test is over.
        world = try await MatrixWorld(callers: [.rightOperator]) { request in
            request.command == "stay" ? nil : AssistantHarness.exited("ok\n")
        }
    }

    /// A request that changes something.
    struct Request: Sendable {
        let route: Route
        let path: String
        let query: [(String, String)]
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    /// Whoever has to, about what has to be there.
    func request(_ route: Route) async throws -> Request {
        let owner = try world.owner(for: .rightOperator, route.access)
        var fixture: ObjectFixture?
        var headers: HTTPHeaders = [:]
        var crossSiteToken: String?
        switch route.access.door {
        case .user:
            let (bearer, names) = try await user(route.access.object)
            headers["Authorization"] = "Bearer \(bearer)"
            fixture = ObjectFixture(names: names)
        case .host:
            headers["Authorization"] = "Bearer \(UserBench.serviceToken())"
            fixture = try await made(route, owner)
        default:
            fixture = try await made(route, owner)
            if route.access.door != .open {
                let credentials = try await world.credentials(.rightOperator, route.access)
                headers = credentials.headers
                crossSiteToken = credentials.crossSiteToken
            }
        }
        let asked = try MatrixRequest(route, fixture, world.document, crossSiteToken: crossSiteToken)
        headers["Content-Type"] = asked.contentType
        return Request(
            route: route,
            path: asked.path,
            query: asked.query,
            headers: headers,
            body: asked.body
        )
    }

    func respond(_ request: Request) async -> HTTPResponse {
        await harness.respond(
            request.route.method,
            request.path,
            query: request.query,
            headers: request.headers,
            body: request.body
        )
    }

    /// The object, and what its route's body must say of it.
    private func made(_ route: Route, _ owner: Operator) async throws -> ObjectFixture {
        var names: [String: String] = [:]
        if let kind = route.access.object { names = try await world.make(kind, of: owner).names }
        switch route.template.description {
        case "/v1/signin", "/approve/{approval}/signin":
            (names["username"], names["passphrase"]) = ("ann", AssistantHarness.passphrase)
        case "/checkin":
            (names["serverUsername"], names["serverPassphrase"]) = ("ann", AssistantHarness.passphrase)
        case "/v1/ai/session":
            names["token"] = UserBench.token(UserBench.claims("audited-\(world.nextSerial())"))
        case "/v1/approvals/{approval}/decide", "/approve/{approval}":
            let id = ApprovalID(Int64(names["approval"] ?? "") ?? 0)
            let approval = try #require(try await world.stores.approvals.approval(id))
            (names["digest"], names["decision"]) = (harness.approvals.digest(of: approval), "approve")
        case "/v1/sessions/{session}/tickets/{number}/input":
            (names["session"], names["number"]) = ("stays", try await staying(owner))
        case "/v1/ai/account/login", "/v1/ai/account/switch":
            // One is open at a time.
            _ = try await world.make(.login, of: owner)
            if var open = try await world.stores.accounts.openLogin(of: owner.id.principal) {
                (open.state, open.ended) = (.cancelled, world.now)
                _ = try await world.stores.accounts.end(open)
            }
        case "/v1/signin/passphrase":
            // The same again, so that it is right for whoever signs in next.
            names["current"] = AssistantHarness.passphrase
            names["passphrase"] = AssistantHarness.passphrase
        case "/v1/admin/operators": names["name"] = "audited-\(world.nextSerial())"
        case "/v1/admin/policy/rules/{id}":
            let id = names["id"] ?? ""
            names["rule"] = "{decision: 'deny', program: '\(id)', reason: 'No more.', matches: ['\(id)']}"
        case "/v1/ai/users/{user}/sessions":
            let subject = try TenantKey(names["user"] ?? "")
            let user = try #require(try await world.stores.tenants.user(subject, of: AssistantHarness.issuer))
            try await world.share(of: user.id.principal)
        default: break
        }
        return ObjectFixture(names: names)
    }

    /// A ticket that takes input; its number.
    private func staying(_ owner: Operator) async throws -> String {
        let caller = AssistantCaller(
            harness: harness,
            bearer: try #require(
                try await world.credentials(.rightOperator, .credential(.shellRun, on: nil)).bearer
            )
        )
        let answer = try await caller.api(
            .post,
            "/v1/sessions/stays/tickets",
            json: #"{"command":"stay","input":{"open":true}}"#
        )
        let number = try #require(answer["number"]?.integer ?? answer["ticket"]?.integer, "\(answer.text)")
        try await eventually("it is started") {
            harness.runner.started.contains { $0.ticket.number == number && $0.command == "stay" }
        }
        if let run = harness.runner.started.last(where: { $0.ticket.number == number && $0.command == "stay" }
        ) {
            harness.runner.report(started: run.ticket, at: world.now)
        }
        try await eventually("it runs") {
            try await caller.api(.get, "/v1/sessions/stays/tickets/\(number)")["state"]?.string == "running"
        }
        return "\(number)"
    }

    /// A user with a session, and an object of theirs.
    private func user(_ kind: ObjectKind?) async throws -> (String, [String: String]) {
        let claims = UserBench.claims("audited-\(world.nextSerial())")
        let given = try await harness.hosts.sessions.exchange(
            Secret(UserBench.token(claims)),
            from: "192.0.2.9"
        )
        guard kind == .action || kind == .artifact else { return (given.token.reveal(), [:]) }
        let brand = try #require(given.known.standing.brands.keys.first)
        let place = Place(client: given.known.standing.client.id, brand: brand)
        let serial = Int64(world.nextSerial())
        if kind == .artifact {
            let owner = given.known.user.id.principal
            let made = try await harness.artifact("audited \(serial)", of: owner, at: place)
            return (given.token.reveal(), ["artifact": "\(made.id)"])
        }
        let id = try await world.stores.actions.proposal(
            waitingOf: given.known.user.id.principal,
            in: ChatID(serial),
            TurnID(serial + 7_000_000),
            at: place,
            world.now
        )
        return (given.token.reveal(), ["action": "\(id)"])
    }

    // MARK: The database

    /// Makes the log refuse every row for as long as `body` takes.
    func refusingRows<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await harness.database.write { db in
            _ = try db.execute(
                "create trigger full before insert on audit begin select raise(abort, 'no room'); end"
            )
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await harness.database.write { db in _ = try db.execute("drop trigger full") }
        return try result.get()
    }

    /// Kinds of rows behind a number, and the newest number.
    func kinds(after id: Int64) async throws -> (kinds: Set<String>, newest: Int64) {
        let rows = try await world.stores.auditTrail.rows(after: id, limit: 1_000)
        return (Set(rows.map(\.entry.action)), rows.last?.id ?? id)
    }

    /// All rows of all tables but the log, by table; tokens that are used up by an attempt are no change.
    func contents() async throws -> [String: [String]] {
        try await harness.database.read { db in
            var contents: [String: [String]] = [:]
            for (name, statement) in Self.tables {
                contents[name] = try db.all(statement).map { "\($0.values)" }
            }
            return contents
        }
    }

    /// Tables that are not looked at.
    static let otherTables: Set = [
        "audit", "audit_cuts", "spent_tokens", "shell_trees", "schema_history",
        // The index over titles of chats, which triggers keep.
        "chat_search", "chat_search_config", "chat_search_content", "chat_search_data", "chat_search_docsize",
        "chat_search_idx",
    ]

    /// The names of all tables.
    func tableNames() async throws -> Set<String> {
        try await harness.database.read { db in
            Set(
                try db.all("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
                    .map { try $0.get(0, as: String.self) }
            )
        }
    }

    static let tables: [String: SQLStatement] = [
        "account_keys": "select * from account_keys", "account_logins": "select * from account_logins",
        "account_settings": "select * from account_settings", "actions": "select * from actions",
        "ai_sessions": "select * from ai_sessions", "approvals": "select * from approvals",
        "artifacts": "select * from artifacts", "client_grants": "select * from client_grants",
        "brands": "select * from brands", "chat_events": "select * from chat_events",
        "chat_summaries": "select * from chat_summaries", "chats": "select * from chats",
        "clients": "select * from clients", "context_readings": "select * from context_readings",
        "counters": "select * from counters", "draws": "select * from draws", "holds": "select * from holds",
        "locations": "select * from locations", "lots": "select * from lots", "meta": "select * from meta",
        "operators": "select * from operators", "policy_rules": "select * from policy_rules",
        "rule_proposals": "select * from rule_proposals", "secrets": "select * from secrets",
        "sessions": "select * from sessions", "shares": "select * from shares",
        "sign_ins": "select * from sign_ins", "spending_caps": "select * from spending_caps",
        "thresholds": "select * from thresholds", "tickets": "select * from tickets",
        "tokens": "select * from tokens", "transfers": "select * from transfers",
        "turns": "select * from turns", "usage": "select * from usage",
        "usage_days": "select * from usage_days", "users": "select * from users",
        "wallet_events": "select * from wallet_events", "wallets": "select * from wallets",
    ]
}
