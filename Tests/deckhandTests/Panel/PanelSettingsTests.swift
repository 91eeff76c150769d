import Application
import CLinux
import Core
import Domain
import Testing

@testable import deckhand

@Suite("The settings that a panel needs")
struct PanelSettingsTests {
    private let panel = FakedPanel(.cwp)

    private var data: String { panel.folder.path + "/data" }
    private var file: String { data + "/settings.d/panel-cwp.json5" }
    private static let pages = "https://panel.example:2031"

    private func surroundings(_ environment: [String: String] = [:]) -> Surroundings {
        var all = environment
        all["DECKHAND_DATA"] = data
        var surroundings = Surroundings(
            environment: all,
            workingDirectory: panel.folder.path + "/elsewhere",
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/usr/bin/deckhand"
        )
        surroundings.serviceDirectory = panel.folder.path + "/service"
        return surroundings
    }

    /// As the server resolves it.
    private func server(_ environment: [String: String] = [:]) throws -> ResolvedConfiguration {
        var own = surroundings(environment)
        own.workingDirectory = own.serviceDirectory
        return try ConfigurationResolver(own, readsEnvironmentFile: true).resolve()
    }

    private func needs(
        _ wishes: PanelReach.Wishes = .init(),
        _ environment: [String: String] = [:]
    ) throws -> PanelServerNeeds {
        var own = surroundings(environment)
        own.workingDirectory = own.serviceDirectory
        let base = try ConfigurationResolver(
            own,
            readsEnvironmentFile: true,
            readsSections: false,
            leavingOut: "panel-cwp.json5"
        ).resolve()
        return PanelServerNeeds(
            .cwp,
            wishes: wishes,
            base: base,
            record: try panel.installer().tree.record(),
            root: panel.root,
            host: "panel.example"
        )
    }

    private func makeData() {
        for folder in ["data", "service", "elsewhere"] {
            _ = unsafe mkdir(panel.folder.path + "/" + folder, 0o700)
        }
    }

    @Test("the server reads them after all that a person wrote, and of two files the later name goes first")
    func precedence() throws {
        makeData()
        _ = unsafe mkdir(data + "/settings.d", 0o755)
        panel.folder.write(
            "{ settings: { port: 9001, queue: 11, max_running: 3 } }",
            to: "data/settings.d/a.json5"
        )
        panel.folder.write("{ settings: { port: 9002, queue: 12 } }", to: "data/settings.d/b.json5")
        panel.folder.write("not read", to: "data/settings.d/.c.json5")
        panel.folder.write("not read", to: "data/settings.d/readme")
        panel.folder.write("{ settings: { queue: 13 } }", to: "data/deckhand.json5")
        let found = try server()
        #expect(found.configuration.network.port == 9_002)
        #expect(found.configuration.scheduling.queue == 13)
        #expect(found.configuration.scheduling.running.total == 3)
        let port = try #require(ConfigurationOption.all.first { $0.key == "PORT" })
        #expect(found.source(of: port) == .file(path: data + "/settings.d/b.json5"))
        panel.folder.write("PORT=9003\n", to: "service/.env")
        #expect(try server().configuration.network.port == 9_003)
    }

    @Test(
        "what is no setting, or may be written by others, is refused",
        arguments: [
            ("{ providers: {} }", mode_t(0o644)), ("{ settings: { data: \"/x\" } }", 0o644), ("{", 0o644),
            ("{ settings: {} }", 0o666),
        ]
    )
    func refused(_ text: String, _ mode: mode_t) throws {
        makeData()
        _ = unsafe mkdir(data + "/settings.d", 0o755)
        panel.folder.write(text, to: "data/settings.d/a.json5", mode: mode)
        #expect(throws: ConfigurationError.self) { _ = try server() }
    }

    @Test("written once they are there, and then nothing is left to do; what was chosen holds")
    func applied() throws {
        makeData()
        let first = try needs(.init(server: "https://hands.example", rootOperator: "ann"))
        #expect(
            first.changes.count == 4 && first.changes.allSatisfy { $0.hasPrefix("+ ") },
            "\(first.changes)"
        )
        #expect(first.troubles.count == 4 && first.hindrances.isEmpty)
        try panel.install()
        try first.apply(panel.installer().tree)
        let configuration = try server().configuration
        #expect(configuration.network.baseURL == "https://hands.example")
        #expect(configuration.network.corsOrigins == [Self.pages])
        #expect(configuration.panel.socketPath == "/run/deckhand/panel.sock")
        #expect(configuration.panel.settings.rootOperator?.rawValue == "ann")
        #expect(panel.folder.mode(of: "data/settings.d/panel-cwp.json5") == 0o644)
        #expect(panel.folder.mode(of: "data/settings.d") == 0o755)
        // Said again, or not said: the same. The record of the faked panel knows another server, so it is said here.
        let again = try needs(.init(server: "https://hands.example"))
        #expect(again.changes.isEmpty && again.troubles.isEmpty)
        // Another choice shows what goes and what comes.
        let other = try needs(.init(server: "https://other.example"))
        #expect(
            other.changes == ["- fqdn: \"https://hands.example\",", "+ fqdn: \"https://other.example\","],
            "\(other.changes)"
        )
    }

    @Test("what a person wrote is not touched: it is said what to change there, and where")
    func hindered() throws {
        makeData()
        panel.folder.write(
            "FQDN=https://hands.example\nDECKHAND_CORS_ORIGINS=https://app.example\n",
            to: "service/.env"
        )
        let found = try needs()
        #expect(found.reach.server == "https://hands.example")
        #expect(found.wanted.map(\.key) == ["DECKHAND_PANEL_SOCKET", "DECKHAND_PANEL_OPERATOR"])
        let text = try #require(found.hindrances.first?.text)
        #expect(text.contains("service/.env, line 2"), "\(text)")
        #expect(text.contains("make it “https://app.example,\(Self.pages)”"), "\(text)")
        panel.folder.write(
            "FQDN=https://hands.example\nDECKHAND_CORS_ORIGINS=https://app.example,\(Self.pages)\n",
            to: "service/.env"
        )
        #expect(try needs().hindrances.isEmpty)
    }

    @Test("the certificate of a panel gives four settings, which a reinstallation leaves as they are")
    func certificate() throws {
        makeData()
        panel.put("chain", at: "/etc/pki/tls/certs/hostname.bundle")
        panel.put("key", at: "/etc/pki/tls/private/hostname.key")
        let found = try needs()
        #expect(found.reach.server == "https://panel.example:8443")
        _ = try panel.installer().install(socket: found.reach.socket, server: found.reach.server)
        try found.apply(panel.installer().tree)
        let tls = try #require(try server().configuration.network.tls)
        #expect(tls.certificateFile == panel.root + "/etc/pki/tls/certs/hostname.bundle")
        #expect(tls.port == 8_443 && tls.host == "0.0.0.0")
        #expect(try needs().changes.isEmpty)
    }

    @Test("installing with a yes writes them, twice is once, and uninstalling takes exactly those out")
    func commands() async throws {
        makeData()
        let words = ["--panel", "cwp", "--root", panel.root]
        let before = panel.snapshot
        let install =
            ["panel", "install", "--server", "https://hands.example", "--origins", Self.pages] + words
        func say(_ words: [String]) async -> (code: Int32, output: String, errors: String) {
            let console = MemoryConsole()
            let code = await Program.run(
                Result { try Program.command(words[...]) },
                ProgramContext(surroundings: surroundings(), console: console, signals: nil)
            )
            return (code, console.text, console.errorText)
        }
        let shown = await say(install)
        #expect(
            shown.code == 0 && shown.errors.contains("+ cors_origins: \"\(Self.pages)\","),
            "\(shown.errors)"
        )
        #expect(shown.errors.contains("They are not written."))
        #expect(unsafe access(file, F_OK) != 0)
        let drift = await say(["panel", "status", "--json"] + words)
        #expect(drift.code == 1 && drift.output.contains("fqdn is missing in"), "\(drift.output)")

        let written = await say(install + ["--yes"])
        #expect(written.code == 0 && written.errors.contains("systemctl restart deckhand"))
        let text = try #require(panel.folder.read("data/settings.d/panel-cwp.json5"))
        #expect(try server().configuration.network.corsOrigins == [Self.pages])
        // Without any word: what was chosen holds.
        let again = await say(["panel", "install", "--yes"] + words)
        #expect(
            again.code == 0 && again.errors.contains("settings are as they have to be"),
            "\(again.errors)"
        )
        #expect(panel.folder.read("data/settings.d/panel-cwp.json5") == text)
        // A timer repairs files, with what was chosen, and touches no settings.
        panel.put("newer </body>", at: FakedPanel.index)
        _ = unsafe unlink(file)
        let repaired = await say(["panel", "install", "--repair"] + words)
        #expect(repaired.code == 0 && repaired.errors.contains("again"), "\(repaired.errors)")
        #expect(try panel.troubles == [])
        #expect(unsafe access(file, F_OK) != 0)
        #expect(await say(install + ["--yes"]).code == 0)
        // A mistake elsewhere in the configuration does not keep it in.
        panel.folder.write("{ settings: { nonsense: 1 } }", to: "data/deckhand.json5")
        let gone = await say(["panel", "uninstall", "--all"])
        #expect(gone.code == 0 && gone.errors.contains("are out of"), "\(gone.errors)")
        #expect(unsafe access(data + "/settings.d", F_OK) != 0)
        #expect(panel.read(FakedPanel.index) == "newer </body>")
        #expect(Set(panel.snapshot.keys) == Set(before.keys))
        let digest = PanelTree.digest(Array(text.utf8))
        #expect(panel.folder.read("data/panel/cwp/backups/" + digest) == text)
        #expect(await say(["panel", "uninstall", "--all"]).errors.isEmpty)
    }

    @Test("killed at any change, the settings are whole or not there")
    func cutOff() throws {
        for stop in 1..<20 {
            let panel = FakedPanel(.cwp)
            let path = panel.folder.path + "/data/settings.d/panel-cwp.json5"
            _ = unsafe mkdir(panel.folder.path + "/data", 0o700)
            let bytes = PanelSettingsFile.bytes([.init(key: "FQDN", value: "https://a.example")])
            let tree = panel.installer(stoppingAt: stop).tree
            var isStopped = false
            do {
                try tree.putSettings(bytes, at: path)
                try tree.removeSettings(at: path)
            } catch is FakedPanel.Stopped { isStopped = true }
            if let found = panel.folder.read("data/settings.d/panel-cwp.json5") {
                #expect(Array(found.utf8) == bytes, "\(stop)")
            }
            guard isStopped else { return }
            try panel.installer().tree.putSettings(bytes, at: path)
            try panel.installer().tree.removeSettings(at: path)
            #expect(unsafe access(panel.folder.path + "/data/settings.d", F_OK) != 0, "\(stop)")
        }
        Issue.record("it never comes to its end")
    }
}
