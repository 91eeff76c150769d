import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// A machine with few users.
struct FewUsers: SystemUsers {
    private static let all = [
        SystemUser(uid: 0, name: "root"), SystemUser(uid: 1_001, name: "alice"),
        SystemUser(uid: 1_002, name: "bob"),
    ]
    func user(_ uid: UInt32) async throws -> SystemUser? { Self.all.first { $0.uid == uid } }
    func user(named name: String) async throws -> SystemUser? { Self.all.first { $0.name == name } }
}

@Suite("The doors of a hosting panel")
struct PanelRouteTests {
    private static let page = "https://panel.example:2031"

    private func harness(_ settings: PanelSettings? = PanelSettings()) -> EdgeHarness {
        EdgeHarness(origins: [Self.page, "https://other.example"], panel: settings)
    }

    /// Asks the panel's socket.
    private func ask(
        _ harness: EdgeHarness,
        _ json: String = "{\"audience\":\"https://panel.example:2031\"}",
        uid: UInt32 = 1_001,
        path: String = "/v1/panel/assertion",
        method: HTTPMethod = .post,
        peer: HTTPPeer? = nil
    ) async throws -> Answer {
        let door = try #require(PanelDoor(harness.services))
        let request = HTTPRequest(
            method: method,
            rawTarget: path,
            path: path.split(separator: "/").map(String.init),
            pathText: path,
            headers: ["Content-Type": "application/json"],
            body: Array(json.utf8),
            peer: peer ?? .local(uid: uid, pid: 9),
            clientAddress: "local",
            id: "r-1"
        )
        return try await Answer(door.respond(to: request))
    }

    private func exchange(
        _ harness: EdgeHarness,
        _ assertion: String,
        kind: String = "client",
        origin: String? = page,
        having token: String? = nil
    ) async throws -> Answer {
        try await harness.api(
            .post,
            "/v1/signin/assertion",
            json: "{\"assertion\":\"\(assertion)\",\"kind\":\"\(kind)\"}",
            headers: origin.map { ["Origin": $0] } ?? [:],
            bearer: token
        )
    }

    @Test("a page's word signs its customer in with a token, once, and with nothing but their rights")
    func wholeWay() async throws {
        let harness = harness()
        let word = try await ask(harness)
        #expect(word.status == 200 && word["expires_in"]?.integer == 60)
        let assertion = try #require(word["assertion"]?.string)
        let answer = try await exchange(harness, assertion)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["operator"]?["name"]?.string == "panel-alice-1001")
        #expect(answer["operator"]?["permissions"]?.array == [.string("chat")])
        let token = try #require(answer["token"]?.string)
        #expect(try await harness.api(.get, "/v1/signin", bearer: token).status == 200)
        for path in ["/v1/sessions", "/v1/admin/audit"] {
            #expect([403, 404].contains(try await harness.api(.get, path, bearer: token).status), "\(path)")
        }
        let again = try await exchange(harness, assertion)
        #expect(again.status == 401 && again["code"]?.string == "assertion_used")
    }

    @Test("a sign-in that is there goes on for the same person, and ends for another one")
    func another() async throws {
        let harness = harness()
        func word(_ user: String) async throws -> String {
            let json = "{\"audience\":\"\(Self.page)\",\"user\":\"\(user)\"}"
            return try #require(try await ask(harness, json, uid: 0)["assertion"]?.string)
        }
        let first = try await exchange(harness, try await word("alice"))
        let token = try #require(first["token"]?.string)
        let same = try await exchange(harness, try await word("alice"), having: token)
        #expect(same.status == 200 && same["token"] == nil, "\(same.text)")
        #expect(same["sign_in"]?["id"] == first["sign_in"]?["id"])
        #expect(try await harness.api(.get, "/v1/signin", bearer: token).status == 200)
        let other = try await exchange(harness, try await word("bob"), having: token)
        #expect(other["operator"]?["name"]?.string == "panel-bob-1002", "\(other.text)")
        #expect(try await harness.api(.get, "/v1/signin", bearer: token).status == 401)
        let next = try #require(other["token"]?.string)
        #expect(try await harness.api(.get, "/v1/signin", bearer: next).status == 200)
        // One that is over is nobody's, and in nobody's way.
        let late = try await exchange(harness, try await word("alice"), having: token)
        #expect(late.status == 200 && late["token"]?.string != nil, "\(late.text)")
    }

    @Test("a word is taken from its own page only, and from no program without one")
    func origins() async throws {
        let harness = harness()
        let assertion = try #require(try await ask(harness)["assertion"]?.string)
        let codes: [(String?, String)] = [
            (nil, "foreign_origin"), ("null", "foreign_origin"), ("https://evil.example", "foreign_origin"),
            ("https://other.example", "assertion_foreign"), ("https://panel.example:2083", "foreign_origin"),
        ]
        for (origin, code) in codes {
            let answer = try await exchange(harness, assertion, origin: origin)
            #expect(answer["code"]?.string == code, "\(origin ?? "none")")
            #expect(answer["token"] == nil)
        }
        // A cookie is for pages of this server.
        #expect(try await exchange(harness, assertion, kind: "browser")["code"]?.string == "foreign_origin")
        #expect(try await exchange(harness, assertion).status == 200)
        let unknown = try await ask(harness, "{\"audience\":\"https://evil.example\"}")
        #expect(unknown.status == 403 && unknown["code"]?.string == "panel_origin_not_allowed")
        let own = try await ask(harness, "{\"audience\":\"https://hands.example\"}")
        let here = try #require(own["assertion"]?.string)
        let cookie = try await exchange(harness, here, kind: "browser", origin: "https://hands.example")
        #expect(cookie.headers["Set-Cookie"] != nil && cookie["token"] == nil)
    }

    @Test("the panel's socket has one route, and the kernel says who asks")
    func door() async throws {
        let harness = harness()
        for path in ["/", "/v1/sessions", "/v1/signin", "/shell", "/metrics", "/v1/panel/assertion/x"] {
            #expect(try await ask(harness, path: path, peer: .local(uid: 0, pid: 1)).status == 404, "\(path)")
        }
        #expect(try await ask(harness, method: .get).status == 404)
        #expect(try await ask(harness, peer: .ip("127.0.0.1", port: 9)).status == 404)
        let other = try await ask(harness, "{\"audience\":\"\(Self.page)\",\"user\":\"root\"}")
        #expect(other.status == 403 && other["code"]?.string == "panel_user_foreign")
        let nobody = try await ask(harness, uid: 0)
        #expect(nobody.status == 403 && nobody["code"]?.string == "panel_operator_missing")
        #expect(try await ask(harness, "{}").status == 422)
        #expect(try await ask(harness, "no JSON").status == 400)
        // The main doors do not have that route.
        #expect(
            try await harness.send(.post, "/v1/panel/assertion", peer: .local(uid: 0, pid: 1)).status == 404
        )
    }

    @Test("without a panel nothing of it is there")
    func off() async throws {
        let harness = harness(nil)
        #expect(PanelDoor(harness.services) == nil)
        #expect(try await exchange(harness, "x").status == 404)
    }
}
