import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Every answer of the edge")
struct EdgeTests {
    /// One request to each route that there is, with what it needs to succeed.
    static func tour(_ harness: EdgeHarness) async throws -> [(what: String, answer: Answer)] {
        _ = try await harness.plantFinished([(.stdout, Array("out\n".utf8)), (.stderr, Array("err\n".utf8))])
        var answers: [(String, Answer)] = []
        for route in Edge.routes(harness.services) {
            let path = route.template.description.replacing("{session}", with: "s").replacing(
                "{number}",
                with: "1"
            )
            let isGetFace = !path.hasPrefix("/v1")
            var query: [(String, String)] = []
            if ["/callback", "/stream"].contains(path) { query = [("session", "s"), ("ticket", "1")] }
            if ["/history", "/terminal"].contains(path) { query = [("session", "s")] }
            if path == "/shell" { query = [("session", "s"), ("cmd", "true")] }
            let answer =
                isGetFace
                ? try await harness.get(path, query)
                : try await harness.api(
                    route.method,
                    path,
                    path.hasSuffix("/input") ? [("close", "1")] : [],
                    json: route.method == .post && path.hasSuffix("/tickets") ? "{\"command\":\"true\"}" : nil
                )
            answers.append(("\(route.method) \(path)", answer))
        }
        return answers
    }

    @Test("carries the security headers and the request's id, errors included")
    func securityHeaders() async throws {
        let harness = EdgeHarness()
        var answers = try await Self.tour(harness)
        answers.append(("missing", try await harness.get("/nope")))
        answers.append(("missing below /v1", try await harness.api(.get, "/v1/nope")))
        answers.append(("no credential", try await harness.get("/history", hash: nil)))
        answers.append(("wrong method", try await harness.send(.put, "/shell")))
        answers.append(("options", try await harness.send(.options, "/shell")))
        let rejection = HTTPRejection(
            reason: .malformed,
            message: "It is not well-formed.",
            pathText: "/shell",
            id: "r-1"
        )
        for (what, answer) in answers {
            #expect(answer.headers["X-Request-Id"] == "r-1", "\(what)")
            Self.expectSecurityHeaders(answer.headers, what)
        }
        let refused = try await Answer(harness.edge.respond(toRejected: rejection))
        Self.expectSecurityHeaders(refused.headers, "rejection")
    }

    private static func expectSecurityHeaders(_ headers: HTTPHeaders, _ what: String) {
        #expect(headers["X-Content-Type-Options"] == "nosniff", "\(what)")
        #expect(headers["X-Frame-Options"] == "DENY", "\(what)")
        #expect(headers["Referrer-Policy"] == "no-referrer", "\(what)")
        // Bundles of the web faces say nothing about anybody, and pages of others may load them.
        let isPublic = ["/widget.js", "/assets/console-"].contains { what.contains($0) }
        let sharing = isPublic ? "cross-origin" : "same-origin"
        #expect(headers["Cross-Origin-Resource-Policy"] == sharing, "\(what)")
        #expect(headers["X-Robots-Tag"]?.contains("noindex") == true, "\(what)")
        let policy = headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "\(what)")
        // The console has scripts of its own, and no page has any other.
        let scripts = policy.split(separator: ";").first { $0.contains("script-src") }
        #expect(scripts == nil || (what.contains("/app") && scripts == " script-src 'self'"), "\(what)")
        #expect(!policy.contains("unsafe"), "\(what)")
        #expect(headers["Cache-Control"] != nil, "\(what)")
        #expect(headers["Access-Control-Allow-Origin"] == (isPublic ? "*" : nil), "\(what)")
        #expect(headers["Strict-Transport-Security"] == nil, "\(what)")
    }

    @Test("over TLS browsers are told to stay there")
    func strictTransport() async throws {
        let harness = EdgeHarness()
        let request = HTTPRequest(
            method: .get,
            rawTarget: "/healthz",
            path: ["healthz"],
            pathText: "/healthz",
            isSecure: true
        )
        #expect(await harness.edge.respond(to: request).headers["Strict-Transport-Security"] != nil)
    }

    @Test("never holds the hash, and capabilities only inside links")
    func secrets() async throws {
        let harness = EdgeHarness()
        var answers = try await Self.tour(harness)
        answers.append(
            (
                "wrong hash",
                try await harness.get("/history", [("session", "s")], hash: EdgeHarness.hash + "x")
            )
        )
        answers.append(
            ("hash as session", try await harness.get("/history", [("session", EdgeHarness.hash + "/..")]))
        )
        answers.append(
            (
                "hash in query of /v1",
                try await harness.api(.get, "/v1/sessions", [("hash", EdgeHarness.hash)], bearer: nil)
            )
        )
        answers.append(("repeated", try await harness.get("/history", [("hash", EdgeHarness.hash)])))
        for (what, answer) in answers {
            #expect(!answer.text.contains(EdgeHarness.hash), "\(what)")
            for field in answer.headers {
                #expect(!field.value.contains(EdgeHarness.hash), "\(what) \(field.name)")
            }
            let isCarrier = what == "GET /shell" || what == "GET /callback"
            #expect(Self.holdsCapability(answer.text) == isCarrier, "\(what)")
        }
        #expect(!harness.log.text.contains(EdgeHarness.hash))
        #expect(!harness.log.text.contains("cap="))
    }

    /// Says whether a text holds a capability, which is 50 characters long; the documents' examples are shorter.
    private static func holdsCapability(_ text: String) -> Bool {
        text.split(separator: "cap=", omittingEmptySubsequences: false).dropFirst().contains { rest in
            rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }.count >= 50
        }
    }

    @Test("an error that is not expected is one fixed sentence, and is logged")
    func unexpected() async throws {
        let harness = EdgeHarness()
        harness.store.fail(.append, times: 1)
        let answer = try await harness.get("/shell", [("cmd", "true"), ("session", "s")])
        #expect(answer.status == 500)
        #expect(answer.code == "internal")
        #expect(answer["error"]?.string == "Something went wrong on this server.")
        #expect(!answer.text.contains("Broken"))
        #expect(harness.log.text.contains("Broken") && harness.log.text.contains("\"request.id\":\"r-1\""))
    }

    // MARK: Methods

    @Test("a method that a path does not take is 405 with what it takes")
    func methods() async throws {
        let harness = EdgeHarness()
        var byTemplate: [String: Set<String>] = [:]
        for route in Edge.routes(harness.services) {
            byTemplate[route.template.description, default: []].insert(route.method.description)
        }
        for (template, methods) in byTemplate {
            let path = template.replacing("{session}", with: "s").replacing("{number}", with: "1")
            var expected = methods.union(["OPTIONS"])
            if methods.contains("GET") { expected.insert("HEAD") }
            for method in [HTTPMethod.put, .patch, .post, .delete, .other("BREW")]
            where !methods.contains(method.description) {
                let answer = try await harness.send(method, path)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(
                    Set((answer.headers["Allow"] ?? "").split(separator: ", ").map(String.init)) == expected,
                    "\(method) \(path)"
                )
                #expect(answer.code == "method_not_allowed")
            }
            let options = try await harness.send(.options, path)
            #expect(options.status == 204)
            #expect(
                Set((options.headers["Allow"] ?? "").split(separator: ", ").map(String.init)) == expected,
                "\(path)"
            )
        }
        #expect(try await harness.send(.options, "/nope").status == 404)
        #expect(try await harness.send(.post, "/shell")["error"]?.string == "Method not allowed")
    }

    @Test("HEAD is answered as GET")
    func head() async throws {
        let harness = EdgeHarness()
        let answer = try await harness.send(.head, "/healthz")
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Type"] == "application/json")
        #expect(
            try await harness.get("/stream", [("session", "s"), ("ticket", "1")], method: .head).status == 405
        )
    }

    // MARK: Other origins

    @Test("an empty list allows no origin; a listed one is allowed exactly")
    func origins() async throws {
        let closed = EdgeHarness()
        let origin: HTTPHeaders = ["Origin": "https://panel.example"]
        let refused = try await closed.send(.get, "/healthz", headers: origin)
        #expect(refused.headers["Access-Control-Allow-Origin"] == nil)
        #expect(
            try await closed.send(.options, "/healthz", headers: origin).headers[
                "Access-Control-Allow-Methods"
            ] == nil
        )

        let open = EdgeHarness(origins: ["https://panel.example"])
        let allowed = try await open.send(.get, "/healthz", headers: origin)
        #expect(allowed.headers["Access-Control-Allow-Origin"] == "https://panel.example")
        #expect(allowed.headers["Access-Control-Allow-Credentials"] == nil)
        #expect(allowed.headers.all("Vary").contains("Origin"))
        let preflight = try await open.send(.options, "/v1/sessions", headers: origin)
        #expect(preflight.headers["Access-Control-Allow-Methods"]?.contains("POST") == true)
        #expect(preflight.headers["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        for other in [
            "https://panel.example.evil", "http://panel.example", "https://PANEL.example", "null", "*",
        ] {
            let answer = try await open.send(.get, "/healthz", headers: ["Origin": other])
            #expect(answer.headers["Access-Control-Allow-Origin"] == nil, "\(other)")
            #expect(answer.headers.all("Vary").contains("Origin"))
        }
    }

    // MARK: The shell switched off

    @Test("with the shell off, nothing that reaches tickets is there, nor in the documents")
    func shellOff() async throws {
        let harness = EdgeHarness(shellIsOn: false)
        for path in [
            "/shell", "/callback", "/history", "/terminal", "/stream", "/context", "/v1/sessions",
            "/v1/sessions/s/tickets",
        ] {
            #expect(
                try await harness.get(path, [("cmd", "true"), ("session", "s")]).status == 404,
                "\(path)"
            )
            #expect(try await harness.api(.post, path).status == 404, "\(path)")
        }
        let documented = try #require(try await harness.send(.get, "/openapi.json")["paths"]?.object)
        #expect(
            Set(documented.keys) == [
                "/", "/app", "/widget.js", "/assets/{file}", "/assets/icon.svg", "/assets/deckhand.css",
                "/docs", "/favicon.ico", "/healthz", "/metrics", "/openapi.json", "/readyz",
                "/v1/signin", "/v1/signin/assertion", "/v1/signin/state", "/v1/signins", "/v1/signins/{id}",
                "/s/{token}", "/share/{token}", "/v1/shared/{token}", "/v1/shares", "/v1/shares/{id}",
            ]
        )
    }

    // MARK: Operations

    @Test("health says that the process answers, readiness whether it can work")
    func readiness() async throws {
        #expect(try await EdgeHarness().send(.get, "/readyz")["status"]?.string == "ready")
        let harness = EdgeHarness(notReady: "Tickets are being reconciled.")
        let answer = try await harness.send(.get, "/readyz")
        #expect(answer.status == 503)
        #expect(answer["reason"]?.string == "Tickets are being reconciled.")
        #expect(answer.headers["Retry-After"] == "1")
        #expect(try await harness.send(.get, "/healthz")["status"]?.string == "ok")
    }

    @Test("metrics are free on this machine, elsewhere they need a credential")
    func metrics() async throws {
        let harness = EdgeHarness()
        #expect(try await harness.send(.get, "/metrics").status == 401)
        for address in ["127.0.0.1", "127.8.0.1", "::1", "local"] {
            #expect(try await harness.send(.get, "/metrics", clientAddress: address).status == 200)
        }
        let answer = try await harness.api(.get, "/metrics")
        #expect(answer.status == 200)
        #expect(answer.text.contains("# TYPE deckhand_tickets_running gauge"))
    }
}
