import CLinux
import Core
import FoundationEssentials
import Testing

/// The assistant in pages of hosting panels: a faked tree, real PHP, nginx with HTTPS, and a real browser on it.
@Suite struct PanelTests {
    static let asked = #"""
        { answers: [
            { text: ["Let me look.\n\n"], calls: [{ commands: ["id -un"] }] },
            { text: ["That was all."] },
        ] }
        """#
    /// How many seconds a call is silent; a person may ask for minutes, and then everything else is as it is by default.
    static let silence = ProcessInfo.processInfo.environment["DECKHAND_SILENCE"].flatMap { Int($0) }
    private static let silent = #"""
        { answers: [
            { text: ["This takes a while.\n\n"], calls: [{ commands: ["sh -c 'sleep \#(silence ?? 8); echo slept'"] }] },
            { text: ["Done after a long silence."] },
        ] }
        """#

    /// What a server has that a panel's pages use.
    private static func settings(_ page: UInt16, _ more: [String: String] = [:]) -> [String: String] {
        ["DECKHAND_CORS_ORIGINS": "https://localhost:\(page)", "DECKHAND_PANEL_OPERATOR": "admin"].merging(
            more
        ) { $1 }
    }

    /// Starts a server with a panel's socket and HTTPS on a port of its own, with the certificate of the page.
    ///
    /// Links begin with `address`, if it is another one.
    static func start(_ server: TestServer, _ script: String, at address: String? = nil) async throws
        -> UInt16
    {
        try server.folder.allowPassage()
        let (certificate, key) = try await PanelSite.certificate(in: server.folder)
        let port = try await Ports.shared.take()
        try server.folder.write(
            // The model is told of a command that runs for long only after the silence that is looked at.
            "{ assistant: { softLimit: \"\(max(20, (silence ?? 0) + 60))s\" }, "
                + "providers: { demo: { kind: \"scripted\", script: \(script) } } }",
            to: "deckhand.json5"
        )
        server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
        server.set("DECKHAND_PANEL_SOCKET", server.folder.file("run/panel.sock"))
        server.set("DECKHAND_TLS_PORT", "\(port)")
        server.set("DECKHAND_TLS_CERT", certificate)
        server.set("DECKHAND_TLS_KEY", key)
        server.set("FQDN", address ?? "https://localhost:\(port)")
        try server.launch()
        try await eventually("a server that answers") {
            try await server.folder.shell(
                "curl -sSf http://127.0.0.1:\(server.port)\(address == nil ? "" : "/deckhand")/readyz"
            ).code == 0
        }
        try await eventually("the panel's socket") { Files.exists(server.folder.file("run/panel.sock")) }
        return port
    }

    static func browse(_ script: String, _ words: [String]) async throws {
        let folder = try WorkFolder()
        let run = try await BrowserTests.inABrowser(
            script,
            words,
            in: folder,
            within: .seconds(400 + (silence ?? 0))
        )
        #expect(run.code == 0, "\(run.text)\(run.errors)")
        #expect(run.text.hasSuffix("all of it holds\n"), "\(run.text)")
    }

    @Test(.enabled(if: Programs.areRoot, "a panel's pages run as root"))
    func rootOfCWPWorksInThePanelWithoutAPassphrase() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.with(Self.settings(page), starts: false) { server in
            let port = try await Self.start(server, Self.asked)
            let tree = try PanelFolder.cwp(server.folder)
            let before = try await tree.snapshot()
            let words = ["--panel", "cwp", "--root", tree.root]
            #expect(try await server.deckhand(["panel", "status"] + words).code == 1)
            let installed = try await server.deckhand(
                ["panel", "install"] + words + ["--server", "https://localhost:\(port)"]
            )
            #expect(installed.code == 0, "\(installed.errors)")
            #expect(installed.errors.contains("Browsers reach the server at https://localhost:\(port)"))
            // The environment allows one origin, and the panel of this machine's name has another one.
            #expect(installed.errors.contains("DECKHAND_CORS_ORIGINS stands in environment"))
            #expect(!installed.errors.contains("panel_socket"))
            server.set("DECKHAND_CORS_ORIGINS", "")
            let written = try await server.deckhand(
                ["panel", "install"] + words + ["--origins", "https://localhost:\(page)", "--yes"]
            )
            #expect(
                written.errors.contains("+ cors_origins: \"https://localhost:\(page)\","),
                "\(written.errors)"
            )
            try await server.restart()
            try await eventually("the panel's socket") { Files.exists(server.folder.file("run/panel.sock")) }
            let status = try await server.deckhand(["panel", "status", "--json"] + words)
            #expect(status.code == 0 && status.json["well"]?.bool == true, "\(status.text)")
            let pages = tree.root + "/usr/local/cwpsrv/htdocs/admin/admin"
            let site = try await PanelSite(server.folder, port: page, pages: pages)
            do {
                try await Self.browse(
                    "panel.py",
                    ["https://localhost:\(port)", "cwp", "root", site.origin]
                )
            } catch {
                await site.end()
                throw error
            }
            await site.end()
            #expect(try await server.deckhand(["panel", "uninstall"] + words).code == 0)
            #expect(try await tree.snapshot() == before)
            #expect(!Files.exists(server.data + "/settings.d"))
        }
    }

    @Test(.enabled(if: Programs.areRoot, "a panel's pages run as its customers"))
    func aCustomerOfCPanelGetsTheirOwnSystemUserAndNothingElse() async throws {
        let page = try await Ports.shared.take()
        let settings = Self.settings(page, ["DECKHAND_PANEL_LOWEST_UID": "1"])
        try await TestServer.with(settings, starts: false) { server in
            let port = try await Self.start(server, Self.asked)
            let tree = try await PanelFolder.cpanel(server.folder)
            let before = try await tree.snapshot()
            let words = ["--panel", "cpanel", "--root", tree.root]
            let installed = try await server.deckhand(
                ["panel", "install"] + words + ["--server", "https://localhost:\(port)"]
            )
            #expect(installed.code == 0, "\(installed.errors)")
            #expect(Files.exists(tree.root + "/var/cpanel/apps/deckhand.conf"))
            let pages = tree.root + "/usr/local/cpanel/base/frontend/jupiter"
            let site = try await PanelSite(server.folder, port: page, pages: pages, user: "daemon")
            do {
                // As it is at first: the assistant, and no commands.
                try await Self.browse(
                    "panel.py",
                    ["https://localhost:\(port)", "cpanel", "chat", site.origin]
                )
                try await server.restart(["DECKHAND_PANEL_CUSTOMERS": "shell"])
                try await Self.browse(
                    "panel.py",
                    ["https://localhost:\(port)", "cpanel", "shell", site.origin]
                )
            } catch {
                await site.end()
                throw error
            }
            await site.end()
            let list = try await server.deckhand(["user", "list", "--json"])
            let customer = list.json["users"]?.array?.first { $0["name"]?.string == "panel-daemon-1" }
            #expect(customer?["run_as"]?.string == "daemon" && customer?["source"]?.string == "panel")
            #expect(try await server.deckhand(["panel", "uninstall"] + words).code == 0)
            #expect(try await tree.snapshot() == before)
        }
    }

    /// Below the panel's own site, through nginx as it is by default: compressed, with a short patience, over a silent call.
    @Test(.enabled(if: Programs.areRoot, "a panel's pages run as root"))
    func aSilentCallOutlivesTheImpatienceOfAProxy() async throws {
        let page = try await Ports.shared.take()
        let more =
            ["DECKHAND_TRUSTED_PROXIES": "127.0.0.1/32"].merging(
                Self.silence == nil ? ["DECKHAND_HEARTBEAT": "1s"] : [:]
            ) { $1 }
        try await TestServer.with(Self.settings(page, more), starts: false) { server in
            let address = "https://localhost:\(page)/deckhand"
            _ = try await Self.start(server, Self.silent, at: address)
            let tree = try PanelFolder.cwp(server.folder)
            let words = ["--panel", "cwp", "--root", tree.root, "--server", address]
            #expect(try await server.deckhand(["panel", "install"] + words).code == 0)
            let file = String(#filePath.dropLast("Tests/EndToEndTests/Panel/PanelTests.swift".count))
            let snippet = Files.text(file + "integrations/generic/nginx.conf")
                .replacing("{{PORT}}", with: "\(server.port)")
                .replacing(
                    "client_max_body_size",
                    with: (Self.silence == nil ? "proxy_read_timeout 5s; " : "") + "client_max_body_size"
                )
            let pages = tree.root + "/usr/local/cwpsrv/htdocs/admin/admin"
            let site = try await PanelSite(server.folder, port: page, pages: pages, more: snippet)
            do { try await Self.browse("panel.py", [address, "cwp", "silent", site.origin]) } catch {
                await site.end()
                throw error
            }
            await site.end()
            #expect(!site.errors.contains("timed out"), "\(site.errors)")
        }
    }

    @Test(.enabled(if: Programs.areRoot, "asking as another user needs root"))
    func thePanelsSocketTakesItsCallersFromTheKernelAndHasOneRoute() async throws {
        let page = try await Ports.shared.take()
        let settings = Self.settings(page, ["DECKHAND_PANEL_LOWEST_UID": "1"])
        try await TestServer.with(settings, starts: false) { server in
            _ = try await Self.start(server, Self.asked)
            let socket = server.folder.file("run/panel.sock")
            let origin = "https://localhost:\(page)"
            func ask(_ user: String, _ body: String, _ path: String = "/v1/panel/assertion") async throws
                -> JSONValue
            {
                let run = try await server.folder.shell(
                    "setpriv --reuid \(user) --regid nogroup --clear-groups curl -sS --unix-socket '\(socket)' "
                        + "-H 'Content-Type: application/json' -d '\(body)' http://localhost\(path)"
                )
                #expect(run.code == 0, "\(run.errors)")
                return run.json
            }
            let body = "{\"audience\":\"\(origin)\"}"
            for path in ["/v1/signin", "/v1/sessions", "/v1/users", "/shell?cmd=id"] {
                #expect(try await ask("root", body, path)["code"]?.string == "not_found", "\(path)")
            }
            #expect(
                try await ask("daemon", "{\"audience\":\"\(origin)\",\"user\":\"root\"}")["code"]?.string
                    == "panel_user_foreign"
            )
            #expect(
                try await ask("daemon", "{\"audience\":\"https://evil.example\"}")["code"]?.string
                    == "panel_origin_not_allowed"
            )
            let word = try #require(try await ask("daemon", body)["assertion"]?.string)
            let root = try #require(try await ask("root", body)["assertion"]?.string)
            func exchange(_ word: String, _ origin: String) async throws -> Answer {
                try await server.send(
                    "POST",
                    server.baseURL + "/v1/signin/assertion",
                    headers: [("Origin", origin), ("Content-Type", "application/json")],
                    body: (["assertion": .string(word)] as JSONValue).bytes
                )
            }
            #expect(try await exchange(word, "https://evil.example")["code"]?.string == "foreign_origin")
            let begun = try await exchange(word, origin)
            #expect(begun["operator"]?["name"]?.string == "panel-daemon-1", "\(begun.text)")
            #expect(try await exchange(word, origin)["code"]?.string == "assertion_used")
            // The parts of two words do not make a third.
            let (mine, his) = (word.split(separator: "."), root.split(separator: "."))
            #expect(try await exchange("\(his[0]).\(mine[1])", origin)["code"]?.string == "assertion_invalid")
            let token = try #require(begun["token"]?.string)
            #expect(try await server.call("GET", "/v1/sessions", bearer: token).status == 403)
            try await server.restart()
            try await eventually("the panel's socket") { Files.exists(socket) }
            #expect(try await exchange(root, origin)["code"]?.string == "assertion_invalid")
            #expect(
                try await server.call("GET", "/v1/signin", bearer: token).status == 200,
                "a sign-in outlives it"
            )
        }
    }

    @Test func killedInTheMiddleTheNextRunCompletesOrUndoes() async throws {
        try await TestServer.with { server in
            let tree = try PanelFolder.cwp(server.folder)
            let before = try await tree.snapshot()
            let words = ["--panel", "cwp", "--root", tree.root]
            let install = ["panel", "install", "--server", "https://localhost:1"] + words
            for (index, point) in [3, 9, 14, 18, 21, 24].enumerated() {
                let killed = try Tool(install, of: server, ["DECKHAND_KILL_AT": "panel:\(point)"])
                let ending = try await killed.finish()
                #expect(ending.ending == .signalled(SIGKILL), "\(point): \(ending.errors)")
                if index.isMultiple(of: 2) {
                    #expect(try await server.deckhand(install).code == 0)
                    let status = try await server.deckhand(["panel", "status", "--json"] + words)
                    #expect(status.json["installed"] == .bool(true) && status.json["files"]?.array == [])
                }
                #expect(try await server.deckhand(["panel", "uninstall"] + words).code == 0)
                #expect(try await tree.snapshot() == before, "\(point)")
            }
        }
    }
}

extension TestServer {
    /// Runs `deckhand` with these words to its end.
    func deckhand(_ words: [String]) async throws -> ToolRun {
        try await Tool(words, of: self).finish()
    }
}
