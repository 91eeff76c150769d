import Core
import Testing

/// Pages for people and models, and the routes of operations.
@Suite struct PageTests {
    @Test func theFrontPageIsHTMLForPeopleAndMarkdownForModels() async throws {
        try await TestServer.with { server in
            let html = try await server.get("/", hash: .some(nil))
            #expect(html.header("Content-Type")?.hasPrefix("text/html") == true)
            #expect(html.text.contains("<h1"))
            let asked = try await server.get("/", [("format", "md")], hash: .some(nil))
            let accepted = try await server.get("/", hash: .some(nil), headers: [("Accept", "text/markdown")])
            #expect(asked.header("Content-Type")?.hasPrefix("text/markdown") == true)
            #expect(accepted.text == asked.text)
            for page in [html, asked] {
                #expect(page.text.contains(server.baseURL + "/shell"))
                #expect(!page.text.contains("{FQDN}"))
                #expect(!page.text.contains("<script"))
            }
            let css = try await server.get("/assets/deckhand.css", hash: .some(nil))
            #expect(css.header("Content-Type")?.hasPrefix("text/css") == true)
        }
    }

    @Test func theContextNeedsTheHashAndTellsTheLimits() async throws {
        try await TestServer.with(["DECKHAND_TIME_LIMIT": "123s", "DECKHAND_MAX_RUNNING": "17"]) { server in
            #expect(try await server.get("/context", hash: .some(nil)).status == 401)
            #expect(try await server.get("/context", hash: .some("wrong")).status == 401)
            let page = try await server.get("/context", [("format", "md")])
            #expect(page.text.contains("123") && page.text.contains("17"))
            #expect(page.text.contains(server.baseURL))
            #expect(page.text.lowercased().contains("policy"))
            #expect(try await server.get("/context").header("Content-Type")?.hasPrefix("text/html") == true)
            let front = try await server.get("/", [("format", "md")], hash: .some(nil))
            #expect(!front.text.contains("123 s") && !front.text.contains("| 17"))
        }
    }

    @Test(arguments: [false, true]) func thePolicyIsToldAsItIs(asks: Bool) async throws {
        try await TestServer.with(asks ? ["GET_POLICY": "ask"] : [:]) { server in
            let page = try await server.get("/context", [("format", "md")]).text.lowercased()
            let welcome = Files.text(server.folder.file("server.out")).lowercased()
            #expect(welcome.contains("get face:       \(asks ? "ask" : "trusted"): "))
            #expect(page.contains("get face are trusted") == !asks)
            #expect(page.contains("get face are judged by all rules") == asks)
            for text in [page, welcome] where asks {
                #expect(!text.contains("trusted") && !text.contains("without being asked"))
            }
            let state = try await server.get("/shell", [("cmd", "hostname x"), ("wait", "20")])["state"]?
                .string
            #expect((state == "awaiting_approval") == asks, "what is told is what happens: \(state ?? "")")
        }
    }

    @Test func filesOfTheOperatorReplaceOrExtendThePages() async throws {
        try await TestServer.with { server in
            try server.folder.write("# Ours\n\nAt {FQDN}. <script>alert(1)</script>\n", to: "data/README.md")
            try server.folder.write("Before.\n\n{DEFAULT}\n\nAfter.\n", to: "data/CONTEXT.md")
            let front = try await server.get("/", hash: .some(nil))
            #expect(front.text.contains("<h1") && front.text.contains("Ours"))
            #expect(
                front.text.contains("At " + "<a href=\"\(server.baseURL)\"")
                    || front.text.contains("At \(server.baseURL)")
            )
            #expect(!front.text.contains("<script>"))
            let context = try await server.get("/context", [("format", "md")])
            #expect(context.text.hasPrefix("Before.") && context.text.contains("After."))
            #expect(context.text.contains("Limits of this server"))
            // A link is not followed.
            try Files.link(server.data + "/CONTEXT.md.new", to: "/etc/passwd")
            try Files.rename(server.data + "/CONTEXT.md.new", to: server.data + "/CONTEXT.md")
            #expect(!(try await server.get("/context", [("format", "md")]).text.contains("root:")))
        }
    }

    @Test func theInterfaceDescribesItself() async throws {
        try await TestServer.with { server in
            let document = try await server.get("/openapi.json", hash: .some(nil))
            #expect(document.status == 200)
            let paths = try #require(document["paths"]?.object)
            for path in [
                "/v1/sessions", "/v1/sessions/{session}", "/v1/sessions/{session}/tickets",
                "/v1/sessions/{session}/tickets/{number}", "/v1/sessions/{session}/tickets/{number}/output",
                "/v1/sessions/{session}/tickets/{number}/events",
                "/v1/sessions/{session}/tickets/{number}/input",
                "/v1/sessions/{session}/tickets/{number}/cancel",
            ] { #expect(paths[path] != nil, "\(path)") }
            #expect(document["openapi"]?.string?.hasPrefix("3.") == true)
            let page = try await server.get("/docs", hash: .some(nil))
            #expect(page.text.contains("/v1/sessions/{session}/tickets"))
            #expect(!page.text.contains("<script"))
            #expect(!page.text.contains("src=\"http"))
        }
    }

    @Test func operationsCanLook() async throws {
        try await TestServer.with { server in
            _ = try await server.run("echo counted")
            #expect(try await server.get("/healthz", hash: .some(nil))["status"]?.string == "ok")
            #expect(try await server.get("/readyz", hash: .some(nil))["status"]?.string == "ready")
            let metrics = try await server.get("/metrics", hash: .some(nil))
            #expect(metrics.header("Content-Type")?.hasPrefix("text/plain") == true)
            let samples = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(
                samples.contains { $0.hasPrefix("deckhand_") && $0.contains("ticket") && $0.hasSuffix(" 1") },
                "\(metrics.text)"
            )
            for sample in samples {
                #expect(Double(sample.split(separator: " ").last ?? "") != nil, "\(sample)")
            }
            for line in Files.lines(server.log) {
                #expect((try? JSONValue(parsing: Array(line.utf8))) != nil, "\(line)")
            }
        }
    }
}
