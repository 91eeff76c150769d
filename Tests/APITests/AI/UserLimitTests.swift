import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// How often users may ask: each level alone, over HTTP and past it.
@Suite("Limits of users")
struct UserLimitTests {
    /// Who is limited, and whoever is next and meets the limit.
    enum Level: String, CaseIterable, Sendable {
        case user, brand, client, address

        var limits: UserLimitSettings {
            var limits = UserLimitSettings()
            switch self {
            case .user: limits.turnsOfUser = 1
            case .brand: limits.turnsOfBrand = 1
            case .client: limits.turnsOfClient = 1
            case .address: limits.turnsOfAddress = 1
            }
            return limits
        }

        /// The second one to ask: as near as the level needs, and no nearer.
        var second: (subject: String, client: String, brand: String) {
            switch self {
            case .user: ("ann", "acme", "north")
            case .brand: ("bob", "acme", "north")
            case .client: ("bob", "acme", "south")
            case .address: ("zoe", "zeta", "east")
            }
        }

        /// One who is far enough not to be met; nil where everybody is met.
        var outside: (subject: String, client: String, brand: String)? {
            switch self {
            case .user: Level.brand.second
            case .brand: Level.client.second
            case .client: Level.address.second
            case .address: nil
            }
        }
    }

    @Test(
        "turns are counted for the user, brand, client and address that bear them",
        arguments: Level.allCases
    )
    func turns(_ level: Level) async throws {
        let answers = Array(repeating: ScriptedAnswer.text("ok"), count: 9)
        let harness = try await AssistantHarness(answers, limits: level.limits)
        let bench = UserBench(harness)
        func ask(_ who: (subject: String, client: String, brand: String)) async throws -> Answer {
            let person = try await bench.user(who.subject, client: who.client, brands: [who.brand])
            return try await person.api(.post, "/v1/ai/chat", json: #"{"message":"Hi"}"#)
        }
        try await harness.running {
            #expect(try await ask(("ann", "acme", "north")).status == 200)
            let second = try await ask(level.second)
            #expect(second.status == 429 && second.code == "too_many_requests", "\(second.text)")
            #expect(second.text.contains(level.rawValue) && second.headers["Retry-After"] != nil)
            if let outside = level.outside { #expect(try await ask(outside).status == 200) }
            harness.clock.advance(by: .seconds(61))
            #expect(try await ask(level.second).status == 200)
        }
    }

    @Test("the same limits hold at the OpenAI-compatible door")
    func door() async throws {
        let harness = try await AssistantHarness([.text("ok"), .text("ok")], limits: Level.brand.limits)
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        let body = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#
        #expect(try await ann.api(.post, "/v1/chat/completions", json: body).status == 200)
        let second = try await bob.api(.post, "/v1/chat/completions", json: body)
        #expect(second.status == 429 && second["error"]?["type"]?.string == "rate_limit_error")
    }

    @Test("all requests of a user count, wherever they go")
    func requests() async throws {
        var limits = UserLimitSettings()
        limits.requestsOfUser = 3
        let harness = try await AssistantHarness(limits: limits)
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        for path in ["/v1/ai/session", "/v1/ai/account", "/v1/ai/usage"] {
            #expect(try await ann.api(.get, path).status == 200, "\(path)")
        }
        for path in ["/v1/ai/chats", "/v1/ai/models", "/v1/shares"] {
            #expect(try await ann.api(.get, path).status == 429, "\(path)")
        }
        #expect(try await bob.api(.get, "/v1/ai/session").status == 200)
    }

    @Test("a turn that one level refuses counts at none")
    func forgiven() throws {
        var settings = UserLimitSettings()
        settings.turnsOfUser = 9
        settings.turnsOfAddress = 1
        var host = HostSettings(name: "h", issuer: "i", audience: "a", keys: [])
        host.limits = settings
        let limits = UserLimits([host], clock: ManualClock())
        let client = Client(id: ClientID(1), issuer: "i", key: try TenantKey("c"), hasAI: true)
        let user = Principal(
            user: UserID(1),
            permissions: [.chat],
            scope: Scope(client: client.id, brands: []),
            standing: TenantStanding(client: client)
        )
        let place = Place(client: client.id)
        try limits.admitTurn(of: user, at: place, from: "192.0.2.1")
        for _ in 0..<20 {
            #expect(throws: Failure.self) { try limits.admitTurn(of: user, at: place, from: "192.0.2.1") }
        }
        for number in 2...9 { try limits.admitTurn(of: user, at: place, from: "192.0.2.\(number)") }
        #expect(throws: Failure.self) { try limits.admitTurn(of: user, at: place, from: "192.0.2.10") }
    }
}
