import Core
import Domain
import HTTPServer
import Testing

@testable import API

@Suite struct ErrorPageTests {
    private static let html: HTTPHeaders = ["Accept": "text/html,application/xhtml+xml"]

    @Test("whoever sits in front of a browser sees errors as pages")
    func pages() async throws {
        let harness = EdgeHarness()
        for (path, status, code) in [
            ("/nothing/<b>", 404, "not_found"), ("/context", 401, "invalid_hash"),
            ("/terminal", 401, "invalid_hash"), ("/s/wrong", 404, "share_not_found"),
        ] {
            let page = try await harness.send(.get, path, headers: Self.html)
            #expect(page.status == status, "\(path)")
            #expect(page.headers["Content-Type"] == "text/html; charset=utf-8", "\(path)")
            #expect(page.text.contains("<h1>") && page.text.contains("\(status) · \(code)"), "\(page.text)")
            #expect(!page.text.contains("<b>") && page.headers["Cache-Control"] == "no-store")
            #expect(page.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
        }
    }

    @Test("models and programs get the shapes that they were promised, whatever they accept")
    func others() async throws {
        let harness = EdgeHarness()
        let plain: [(HTTPMethod, String, [(String, String)], HTTPHeaders, String)] = [
            (.get, "/nothing", [], [:], "application/json"),
            (.post, "/nothing", [], Self.html, "application/json"),
            (.get, "/shell", [("cmd", "true")], Self.html, "application/json"),
            (.get, "/callback", [], Self.html, "application/json"),
            (.get, "/history", [], Self.html, "application/json"),
            (.get, "/terminal", [("format", "text")], Self.html, "application/json"),
            (.get, "/context", [("format", "md")], Self.html, "application/json"),
            (.get, "/v1/sessions", [], Self.html, "application/problem+json"),
            (.get, "/v1/nothing", [], Self.html, "application/problem+json"),
            (.get, "/assets/panel-old.js", [], Self.html, "application/json"),
        ]
        for (method, path, query, headers, type) in plain {
            let answer = try await harness.send(method, path, query: query, headers: headers)
            #expect(
                answer.status >= 400 && answer.headers["Content-Type"]?.hasPrefix(type) == true,
                "\(path)"
            )
        }
    }

    @Test("the style sheet comes with its hash for good, at its old address only while it is the same")
    func sheet() async throws {
        let harness = EdgeHarness()
        let fixed = try await harness.send(.get, "/assets/\(HTMLPage.sheetFile)")
        let named = try await harness.send(.get, "/assets/deckhand.css")
        #expect(fixed.headers["Cache-Control"]?.contains("immutable") == true)
        #expect(named.headers["Cache-Control"]?.contains("no-cache") == true)
        for sheet in [fixed, named] {
            #expect(sheet.headers["Content-Type"] == "text/css; charset=utf-8")
            #expect(sheet.text.contains("--paper:") && !sheet.text.contains("@import"))
            #expect(!sheet.text.contains("url(") && !sheet.text.contains("http"))
        }
        let known: HTTPHeaders = ["If-None-Match": try #require(named.headers["ETag"])]
        #expect(try await harness.send(.get, "/assets/deckhand.css", headers: known).status == 304)
        let page = try await harness.send(.get, "/")
        #expect(page.text.contains("/assets/\(HTMLPage.sheetFile)\""))
    }
}
