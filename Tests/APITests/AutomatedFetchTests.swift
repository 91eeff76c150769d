import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Requests that nobody meant")
struct AutomatedFetchTests {
    private static let signs: [(String, String, String)] = [
        ("Purpose", "prefetch", "prefetch_runs_nothing"), ("Purpose", "preview", "prefetch_runs_nothing"),
        ("Sec-Purpose", "prefetch;prerender", "prefetch_runs_nothing"),
        ("sec-purpose", "PREFETCH", "prefetch_runs_nothing"),
        ("X-Purpose", "preview", "prefetch_runs_nothing"), ("X-Moz", "prefetch", "prefetch_runs_nothing"),
        ("User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview_runs_nothing"),
        ("User-Agent", "facebookexternalhit/1.1", "preview_runs_nothing"),
        ("User-Agent", "TelegramBot (like TwitterBot)", "preview_runs_nothing"),
        (
            "User-Agent", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "preview_runs_nothing"
        ),
        ("User-Agent", "WhatsApp/2.23.20.0", "preview_runs_nothing"),
        ("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)", "preview_runs_nothing"),
        ("Last-Event-ID", "", "reconnect_runs_nothing"), ("last-event-id", "17", "reconnect_runs_nothing"),
    ]

    @Test("run nothing, and say why", arguments: signs)
    func refused(name: String, value: String, code: String) async throws {
        let harness = EdgeHarness()
        let answer = try await harness.get(
            "/shell",
            [("cmd", "touch x"), ("session", "s")],
            headers: [name: value]
        )
        #expect(answer.status == 403)
        #expect(answer.code == code)
        #expect(answer["next"]?.string?.isEmpty == false)
        #expect(try await harness.store.queuedCount() == 0)
        #expect(try await harness.store.session(named: .init("s")) == nil)
    }

    @Test("HEAD runs nothing, and names what is allowed")
    func head() async throws {
        let harness = EdgeHarness()
        let answer = try await harness.get("/shell", [("cmd", "touch x")], method: .head)
        #expect(answer.status == 405)
        #expect(answer.code == "head_runs_nothing")
        #expect(answer.headers["Allow"] == "GET, OPTIONS")
        #expect(try await harness.store.queuedCount() == 0)
    }

    @Test(
        "real clients pass",
        arguments: [
            "curl/7.88.1", "python-requests/2.31.0", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "ChatGPT-User/1.0",
            "Claude-User/1.0", "Go-http-client/2.0", "",
        ]
    )
    func real(agent: String) async throws {
        let harness = EdgeHarness()
        let answer = try await harness.get("/shell", [("cmd", "true")], headers: ["User-Agent": agent])
        #expect(answer.status == 200)
        #expect(try await harness.store.queuedCount() == 1)
    }

    @Test("reading routes answer them: nothing is run there")
    func reading() async throws {
        let harness = EdgeHarness()
        _ = try await harness.plantFinished([(.stdout, Array("x".utf8))])
        for path in ["/callback", "/history", "/terminal"] {
            let answer = try await harness.get(
                path,
                [("session", "s")] + (path == "/callback" ? [("ticket", "1")] : []),
                headers: ["Purpose": "prefetch"]
            )
            #expect(answer.status == 200, "\(path)")
        }
    }
}
