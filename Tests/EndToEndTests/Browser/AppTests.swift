import Core
import FoundationEssentials
import TestSupport
import Testing

/// The widget in the page of the sample application, in a real Chromium.
@Suite struct AppTests {
    private static let used = "usage: { input: 1000, output: 500 }"
    /// A tenth of a unit for input and a tenth for output of each call; a title is no call.
    private static let prices =
        #"assistant: { titles: "first-line", summaries: false }, prices: { unit: "EUR", decimals: 2, models: { "demo/*": { input: 10000, output: 20000 } } },"#
    private static let work = """
        { shell_tool: false, answers: [
            { calls: [{ name: "context_jobs" }], \(used) },
            { text: ["I can **book** that:\\n"], \(used),
              calls: [{ name: "action_create_job", arguments: { customer: "Smith", work: "oil", day: "2026-04-01" } }] },
            { text: ["It is booked, ", "and here is the quote for it:\\n"], \(used),
              calls: [{ name: "action_send_quote", arguments: { job: 1, amount: 4900 } }] },
            { text: ["All ", "done."], pace_ms: 100, \(used) },
            { text: ["Nothing more to say."], \(used) } ] }
        """

    @Test func usersOfAnApplicationDoEverythingInItsPage() async throws {
        let providers = """
            demo: { kind: "scripted", script: \(Self.work) },
            own: { kind: "openai-chat", baseURL: "http://127.0.0.1:9/v1", credentials: ["user"], models: [{ name: "m" }] }
            """
        try await SampleHost.with({ _ in providers }, settings: Self.prices) { server, sample in
            try await BrowserTests.run("app.py", server, [sample.address, sample.database])
        }
    }

    /// Asks each time for a decision, without which it goes no further.
    private static let asking = #"""
        { answers: [
            { text: ["I shall ", "note it.\n"], calls: [{ commands: ["touch /var/log/deckhand-app-note"] }] },
            { text: ["Very ", "well."] } ] }
        """#

    @Test func theOperatorsWidgetTakesFilesStopsAndWorksInTenTabs() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.withScript(
            Self.asking,
            ["DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)", "DECKHAND_HEARTBEAT": "1s"]
        ) { server, _ in
            try await BrowserTests.run("app_operator.py", server, ["\(page)"])
        }
    }

    /// Takes four seconds, so that sessions end in the middle of it.
    private static let counting = """
        { shell_tool: false, answers: [{ text: [\((1...40).map { "\"\($0) \"" }.joined(separator: ", ")), "done."], pace_ms: 100 }] }
        """

    @Test func aSessionIsRenewedWithoutAGap() async throws {
        try await SampleHost.with(script: Self.counting) { server, sample in
            try await BrowserTests.run("app_session.py", server, [sample.address])
        }
    }

    private static let booking = """
        { shell_tool: false, answers: [
            { calls: [{ name: "context_jobs" }] },
            { calls: [{ name: "action_create_job", arguments: { customer: "Smith", work: "oil", day: "2026-04-01" } }] },
            { text: ["Booked."] } ] }
        """

    @Test func manyTabsOfAUserHaveOneStream() async throws {
        // The server soon notices which readers left.
        let settings = #"settings: { heartbeat: "1s" },"#
        try await SampleHost.with(script: Self.booking, settings: settings) { server, sample in
            try await BrowserTests.run("app_tabs.py", server, [sample.address])
        }
    }

    @Test func aUserConnectsSwitchesAndDisconnectsAnAccount() async throws {
        let services = CodexStandIn()
        services.login = .waiting
        let root = CodexServer.newRoot()
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await SampleHost.with({ try await CodexServer.provider($0, services, root) }) { server, sample in
            let signal = server.folder.file("logins")
            async let run: Void = BrowserTests.run("app_account.py", server, [sample.address, signal])
            let logins = LoginSignals(services: services, file: signal)
            try await logins.follow([
                "denied", "waiting", "confirmed", "waiting", "confirmed", "waiting", "disabled",
            ])
            try await run
        }
    }
}

/// Lets a script that runs elsewhere say what becomes of logins: it writes a word, and finds a file of that name.
private struct LoginSignals {
    let services: CodexStandIn
    let file: String

    func follow(_ words: [String]) async throws {
        for word in words {
            try await eventually(within: .seconds(120), "the page wants logins that are \(word)") {
                Files.text(file).trimmed == word
            }
            switch word {
            case "confirmed": services.login = .confirmed
            case "denied": services.login = .denied
            case "disabled": services.login = .disabled
            default: services.login = .waiting
            }
            // The word is not to be taken for the next one.
            try FileManager.default.removeItem(atPath: file)
            #expect(FileManager.default.createFile(atPath: "\(file).\(word)", contents: nil))
        }
    }
}
