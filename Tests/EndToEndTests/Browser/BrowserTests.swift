import Core
import TestSupport
import Testing

/// The web faces in a real Chromium, against a server that was started.
///
/// With DECKHAND_SCREENSHOTS=FOLDER every screen is written there for a person to look at.
@Suite struct BrowserTests {
    private static let disks = #"""
        { answers: [
            { reasoning: ["The disk first."], text: ["Let me **look** at ", "the disks.\n\n"], pace_ms: 80,
              calls: [{ commands: ["df -h /"] }] },
            { text: ["I would like to make a note of it:\n"],
              calls: [{ commands: ["sh -c 'for i in $(seq 1 30); do echo line $i; done; echo noted'"] }] },
            { text: ["Noted.\n\n```bash\n# what I ran\ndf -h /\n```\n\n", "Anything else?"] },
        ] }
        """#

    @Test func aPersonDoesEverythingInTheConsole() async throws {
        try await TestServer.withScript(Self.disks) { server, _ in
            try await Self.run("console.py", server)
        }
    }

    private static let shared = #"""
        { answers: [
            { reasoning: ["The disk first."], text: ["Let me **look** at the disks.\n"], calls: [{ commands: ["df -h /"] }] },
            { text: ["Nearly there; I make a note:\n"],
              calls: [{ commands: ["sh -c 'printf \"\\033[31mred\\033[0m\\n\"; seq -f \"line %g\" 1 30; exit 3'"] }] },
            { text: ["## What I found\n\nThe disk `/` has **room**.\n\n| Disk | Used |\n|:--|--:|\n| `/` | 41 % |\n| `/srv` | 7 % |\n\n",
                "```bash\n# what I ran\ndf -h / | grep \"$HOME\" && echo done\n```\n\n> Look again in a week.\n\n",
                "![a picture](https://example.com/x.png) <img src=https://example.com/y.png>\n"] },
        ] }
        """#

    @Test func thePagesWithoutAScriptAreOfOneDesign() async throws {
        try await TestServer.withScript(Self.shared) { server, _ in
            try await Self.run("pages.py", server, [server.hash])
        }
    }

    @Test func everyScreenOfTheConsoleIsAccessible() async throws {
        // With commands beside a business application, so that there is every screen.
        try await SampleHost.with(script: Self.booking, settings: "settings: { shell: true },") {
            server,
            sample in
            try await Self.run("console_access.py", server, [sample.address])
        }
    }

    /// One word after the other; then a command whose output grows slowly.
    private static let slow = """
        { answers: [
            { text: [\((1...60).map { "\"\($0) \"" }.joined(separator: ", "))], pace_ms: 100,
              calls: [{ commands: ["sh -c 'for i in $(seq 1 80); do echo \\"line $i\\"; sleep 0.2; done'"] }] },
            { text: ["That was it."] },
        ] }
        """

    @Test func whatIsWatchedIsWholeWhateverHappens() async throws {
        let page = try await Ports.shared.take()
        let origins = ["DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)"]
        try await TestServer.withScript(Self.slow, origins) { server, _ in
            try await Self.run("live.py", server, ["\(page)"])
        }
    }

    @Test func aWholeTaskIsDoneByKeyboardAlone() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.withScript(
            Self.disks,
            settings: #"assistant: { prompts: [{ name: "The disks", text: "How full are they?" }] },"#,
            ["DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)"]
        ) { server, _ in
            try await Self.run("keyboard.py", server, ["\(page)"])
        }
    }

    @Test func theWidgetWorksInAForeignPage() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.withScript(
            Self.disks,
            ["DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)"]
        ) { server, _ in
            try await Self.run("widget.py", server, ["\(page)"])
        }
    }

    /// Asks for a change that takes one simple command with literal words.
    private static let note = #"""
        { answers: [
            { text: ["I shall note it.\n"], calls: [{ commands: ["touch /var/log/deckhand-console-note"] }] },
            { text: ["It is noted."] },
        ] }
        """#

    @Test func anAdministratorDoesEverythingInTheConsole() async throws {
        try await TestServer.withScript(Self.note) { server, _ in
            let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
            #expect(lines.contains { $0.hasPrefix("console:") && $0.hasSuffix("\(server.baseURL)/app") })
            try await Self.run("admin.py", server)
        }
    }

    @Test func aHundredThousandTicketsStaySmooth() async throws {
        try await TestServer.withScript(Self.note) { server, _ in
            try await Self.run("lists.py", server, [server.data + "/deckhand.sqlite"])
        }
    }

    @Test func commandsAreTypedIntoAndSearchedAndToldAbout() async throws {
        try await TestServer.withScript(Self.note) { server, _ in
            try await Self.run("tickets.py", server)
        }
    }

    @Test func hostileTextDoesNothing() async throws {
        let file = String(#filePath.dropLast("BrowserTests.swift".count)) + "hostile.json"
        guard case .array(let attempts) = try JSONValue(parsing: Array((Files.text(file)).utf8)) else {
            throw TestTrouble("hostile.json holds no list")
        }
        // Each is a paragraph of its own; what one leaves open must not hide the next.
        let links = [
            "[by reference][r] [no link][j]",
            "[r]: https://example.com/there\n[j]: javascript:window.pwned=1",
        ]
        let texts = (links + attempts.compactMap(\.string) + ["the end of it"]).map {
            JSONValue.string($0 + "\n\n")
        }
        let answers: [JSONValue] = [["text": .array(texts)]]
        let script = String(decoding: (["answers": .array(answers)] as JSONValue).bytes, as: UTF8.self)
        let page = try await Ports.shared.take()
        let origins = ["DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)"]
        try await TestServer.withScript(script, origins) { server, _ in
            try await Self.run("hostile.py", server, ["\(page)"])
        }
    }

    @Test func everyScreenSaysWhatIsWrongAndComesBack() async throws {
        let screens = [
            "", "tickets", "tickets/web-1", "policy", "operators", "tokens", "audit", "settings/server",
        ]
        try await TestServer.withScript(Self.note) { server, _ in
            try await Self.run("states.py", server, [screens.joined(separator: ",")])
        }
    }

    @Test func everyScreenOfABusinessSaysWhatIsWrongAndComesBack() async throws {
        let screens = ["clients", "users", "users/roles", "wallets", "actions", "context", "accounts"]
        try await SampleHost.with(script: Self.booking) { server, _ in
            try await Self.run("states.py", server, [screens.joined(separator: ",")])
        }
    }

    @Test func aTerminalIsAsProgramsExpectIt() async throws {
        try await TestServer.withScript(Self.note) { server, _ in
            try await Self.run("terminal.py", server)
        }
    }

    private static let booking = """
        { shell_tool: false, answers: [
            { calls: [{ name: "context_jobs" }] },
            { calls: [{ name: "action_create_job", arguments: { customer: "Smith", work: "oil", day: "2026-04-01" } }] },
            { text: ["Booked."] } ] }
        """

    @Test func anAdministratorLooksAfterABusinessApplication() async throws {
        // The script counts calls; a title's would come when it comes.
        let settings = "assistant: { titles: \"first-line\" },"
        try await SampleHost.with(script: Self.booking, settings: settings) { server, sample in
            try await Self.run("business.py", server, ["http://127.0.0.1:\(sample.port)", server.data])
        }
    }

    @Test func aPersonConnectsAccounts() async throws {
        let services = CodexStandIn()
        services.login = .waiting
        let own =
            #", own: { kind: "openai-chat", baseURL: "http://127.0.0.1:9/v1", credentials: ["user"], models: [{ name: "m" }] }"#
        try await CodexServer.with(services, providers: own) { world in
            let signal = world.server.folder.file("confirm")
            async let confirmed: Void = EndToEndTests.eventually(within: .seconds(400), "the page asks") {
                Files.exists(signal)
            }
            async let run: Void = Self.run("accounts.py", world.server, [signal])
            try await confirmed
            services.login = .confirmed
            try await run
        }
    }

    /// Runs a script of this folder once there is room for its browser.
    static func inABrowser(
        _ script: String,
        _ words: [String],
        in folder: WorkFolder,
        within limit: Duration = .seconds(400)
    ) async throws -> ToolRun {
        await Berths.browsers.take()
        do {
            let run = try await PythonSDK.run("../Browser/\(script)", words, in: folder, within: limit)
            await Berths.browsers.give()
            return run
        } catch {
            await Berths.browsers.give()
            throw error
        }
    }

    static func run(_ script: String, _ server: TestServer, _ words: [String] = []) async throws {
        let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
        let line = try #require(lines.first { $0.hasPrefix("passphrase: ") }, "\(lines)")
        let run = try await inABrowser(
            script,
            [server.baseURL, "admin", String(line.dropFirst("passphrase: ".count))] + words,
            in: server.folder
        )
        #expect(run.code == 0, "\(run.text)\(run.errors)")
        #expect(run.text.hasSuffix("all of it holds\n"))
    }
}
