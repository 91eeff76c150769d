import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Signing in")
struct SignInTests {
    private static let passphrase = "three quiet words"

    private func harness(_ permissions: Set<Permission> = Set(Permission.allCases)) async throws
        -> EdgeHarness
    {
        let harness = EdgeHarness()
        _ = try await harness.operators.create(
            try OperatorName("ann"),
            passphrase: Secret(Self.passphrase),
            permissions: permissions,
            runAs: nil,
            by: .hash
        )
        return harness
    }

    private func signIn(
        _ harness: EdgeHarness,
        _ name: String = "ann",
        _ passphrase: String = SignInTests.passphrase,
        kind: String = "browser",
        headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await harness.api(
            .post,
            "/v1/signin",
            json: "{\"username\":\"\(name)\",\"passphrase\":\"\(passphrase)\",\"kind\":\"\(kind)\"}",
            headers: headers,
            bearer: nil
        )
    }

    private func cookie(_ answer: Answer) throws -> String {
        String(try #require(answer.headers["Set-Cookie"]).prefix { $0 != ";" })
    }

    @Test("a browser gets a cookie that scripts and other sites do not reach, below the base path")
    func cookieFlags() async throws {
        let harness = try await harness()
        let answer = try await signIn(harness)
        #expect(answer.status == 200)
        let set = try #require(answer.headers["Set-Cookie"])
        for part in ["HttpOnly", "SameSite=Strict", "Path=/base/v1", "Max-Age=2592000"] {
            #expect(set.split(separator: ";").map { $0.trimmingPrefix(" ") }.contains(part[...]), "\(part)")
        }
        #expect(!answer.text.contains(try cookie(answer).drop { $0 != "=" }.dropFirst()))
        #expect(answer["token"] == nil)
        let headers: HTTPHeaders = ["Cookie": "other=1; " + (try cookie(answer))]
        let current = try await harness.api(.get, "/v1/signin", headers: headers, bearer: nil)
        #expect(current["operator"]?["name"]?.string == "ann")
        #expect(try await harness.api(.get, "/v1/sessions", headers: headers, bearer: nil).status == 200)
        let shell = try await harness.get("/shell", [("cmd", "true")], hash: nil, headers: headers)
        #expect(shell.status == 401, "a link in a foreign page would carry the cookie along")
        let wrong = try await harness.api(
            .get,
            "/v1/signin",
            headers: ["Cookie": "\(harness.signIns.cookieName)=x"],
            bearer: nil
        )
        #expect(wrong.status == 401 && wrong.code == "sign_in_ended")
    }

    @Test("the cookie goes to the routes that need it only, by a name that no other installation uses")
    func cookieNames() async throws {
        let answer = try await signIn(try await harness())
        let all = answer.headers.all("Set-Cookie")
        let paths = all.compactMap { $0.split(separator: ";").first { $0.hasPrefix(" Path=") } }
        #expect(paths == [" Path=/base/v1", " Path=/base/approve", " Path=/base/bridge"])
        #expect(Set(all.map { $0.prefix { $0 != ";" } }).count == 1)
        #expect(all[0].hasPrefix("deckhand-") && all[0].prefix { $0 != "=" }.utf8.count == 17)
    }

    @Test("the cookie is kept off connections without TLS exactly when it was given over TLS")
    func secureCookie() async throws {
        let harness = try await harness()
        for isSecure in [true, false] {
            let request = HTTPRequest(
                method: .post,
                rawTarget: "/v1/signin",
                path: ["v1", "signin"],
                pathText: "/v1/signin",
                body: Array(#"{"username":"ann","passphrase":"\#(Self.passphrase)"}"#.utf8),
                isSecure: isSecure
            )
            let answer = try await Answer(harness.edge.respond(to: request))
            let set = try #require(answer.headers["Set-Cookie"])
            #expect(set.split(separator: ";").contains(" Secure") == isSecure)
        }
    }

    @Test("a change with a cookie needs the page's token and no foreign origin")
    func crossSite() async throws {
        let harness = try await harness()
        let begun = try await signIn(harness)
        let other = try await signIn(harness)
        let cookie = try cookie(begun)
        let token = try #require(begun["csrf_token"]?.string)
        let submit: (HTTPHeaders) async throws -> Answer = { headers in
            var headers = headers
            headers["Cookie"] = cookie
            return try await harness.api(
                .post,
                "/v1/sessions/s/tickets",
                json: #"{"command":"true"}"#,
                headers: headers,
                bearer: nil
            )
        }
        #expect(try await submit([:]).code == "csrf_token_missing")
        #expect(try await submit(["X-CSRF-Token": ""]).code == "csrf_token_missing")
        let foreign = try #require(other["csrf_token"]?.string)
        #expect(try await submit(["X-CSRF-Token": foreign]).code == "csrf_token_missing")
        for origin in ["https://evil.example", "null", "https://hands.example.evil.example"] {
            let answer = try await submit(["X-CSRF-Token": token, "Origin": origin])
            #expect(answer.status == 403 && answer.code == "foreign_origin", "\(origin)")
            let signIn = try await signIn(harness, headers: ["Origin": origin])
            #expect(signIn.code == "foreign_origin" && signIn.headers["Set-Cookie"] == nil, "\(origin)")
        }
        let own = try await submit(["X-CSRF-Token": token, "Origin": "https://hands.example"])
        #expect(own.status == 201)
        #expect(own["submitted_by"]?.string == "operator:1")
    }

    @Test("a client gets a token for the header, without a cookie")
    func client() async throws {
        let harness = try await harness()
        let answer = try await signIn(harness, kind: "client")
        let token = try #require(answer["token"]?.string)
        #expect(answer.headers["Set-Cookie"] == nil && answer["csrf_token"] == nil)
        #expect(try await harness.api(.get, "/v1/signin", bearer: token).status == 200)
        let path = "/v1/sessions/s/tickets"
        let made = try await harness.api(.post, path, json: #"{"command":"true"}"#, bearer: token)
        #expect(made.status == 201)
        let asCookie: HTTPHeaders = ["Cookie": "\(harness.signIns.cookieName)=\(token)"]
        #expect(try await harness.api(.get, "/v1/signin", headers: asCookie, bearer: nil).status == 401)
        harness.clock.advance(by: .seconds(86_400))
        #expect(try await harness.api(.get, "/v1/signin", bearer: token).status == 401)
    }

    @Test("a wrong name, a wrong passphrase and a disabled operator get the same answer")
    func equalAnswers() async throws {
        let harness = try await harness()
        let wrong = try await signIn(harness, "ann", "not the passphrase")
        let unknown = try await signIn(harness, "nobody", Self.passphrase)
        let impossible = try await signIn(harness, "a b", Self.passphrase)
        try await harness.operators.disable(try OperatorName("ann"), by: .hash)
        let disabled = try await signIn(harness)
        #expect(wrong.status == 401 && wrong.code == "sign_in_refused")
        for answer in [unknown, impossible, disabled] {
            #expect(answer.status == wrong.status && answer.text == wrong.text)
        }
    }

    @Test("guessing is slowed down for the address, and for nobody else")
    func rateLimit() async throws {
        let harness = try await harness()
        var codes: [String?] = []
        for _ in 0..<8 { codes.append(try await signIn(harness, "ann", "wrong wrong wrong").code) }
        #expect(codes.prefix(5).allSatisfy { $0 == "sign_in_refused" })
        #expect(codes.last == "too_many_failures")
        let blocked = try await signIn(harness)
        #expect(blocked.status == 429 && blocked.headers["Retry-After"] != nil)
        let elsewhere = try await harness.send(
            .post,
            "/v1/signin",
            body: Array(#"{"username":"ann","passphrase":"\#(Self.passphrase)"}"#.utf8),
            clientAddress: "198.51.100.4"
        )
        #expect(elsewhere.status == 200)
        harness.clock.advance(by: .seconds(300))
        #expect(try await signIn(harness).status == 200)
    }

    @Test("signing out ends the sign-in and no other; a sign-in of another person cannot be ended")
    func signOut() async throws {
        let harness = try await harness()
        _ = try await harness.operators.create(
            try OperatorName("bob"),
            passphrase: Secret("other quiet words"),
            permissions: [],
            runAs: nil,
            by: .hash
        )
        let first = try await signIn(harness)
        let bearer = try #require(try await signIn(harness, kind: "client")["token"]?.string)
        let bob = try await signIn(harness, "bob", "other quiet words", kind: "client")
        let foreign = try #require(bob["sign_in"]?["id"]?.integer)
        let list = try await harness.api(.get, "/v1/signins", bearer: bearer)
        #expect(list["sign_ins"]?.array?.compactMap { $0["current"]?.bool } == [true, false])
        for id in ["\(foreign)", "99", "x"] {
            let answer = try await harness.api(.delete, "/v1/signins/\(id)", bearer: bearer)
            #expect(answer.status == 404 && answer.code == "sign_in_not_found", "\(id)")
        }
        let headers: HTTPHeaders = [
            "Cookie": try cookie(first), "X-CSRF-Token": try #require(first["csrf_token"]?.string),
        ]
        let out = try await harness.api(.delete, "/v1/signin", headers: headers, bearer: nil)
        #expect(out.status == 204)
        #expect(out.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
        #expect(
            try await harness.api(.get, "/v1/signin", headers: headers, bearer: nil).code == "sign_in_ended"
        )
        #expect(try await harness.api(.get, "/v1/signin", bearer: bearer).status == 200)
    }

    @Test("hash, tokens and the local socket are nobody signed in, and permissions hold")
    func permissions() async throws {
        let harness = try await harness([.shellRead])
        let answer = try await harness.api(.get, "/v1/signin")
        #expect(answer.status == 403 && answer.code == "sign_in_required")
        let bearer = try #require(try await signIn(harness, kind: "client")["token"]?.string)
        #expect(try await harness.api(.get, "/v1/sessions", bearer: bearer).status == 200)
        let refused = try await harness.api(
            .post,
            "/v1/sessions/s/tickets",
            json: #"{"command":"true"}"#,
            bearer: bearer
        )
        #expect(refused.status == 403 && refused.code == "permission_missing")
        try await harness.operators.setPassphrase(
            Secret("another passphrase"),
            of: try OperatorName("ann"),
            by: .hash
        )
        #expect(try await harness.api(.get, "/v1/sessions", bearer: bearer).code == "sign_in_ended")
    }
}
