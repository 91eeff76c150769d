import CLinux
import Core
import Testing

// What the server has to know for a panel, and what keeps its pages connected.
extension PanelTests {
    /// WHM's pages run as root whoever signed in; everything that the server needs comes from the installer.
    @Test(.enabled(if: Programs.areRoot, "a panel's pages run as root"))
    func rootOfWHMWorksThereAndAResellerDoesNot() async throws {
        let (page, other) = (try await Ports.shared.take(), try await Ports.shared.take())
        try await TestServer.with(starts: false) { server in
            let port = try await Self.start(server, Self.asked)
            let tree = try await PanelFolder.cpanel(server.folder)
            server.set("FQDN", "")
            let words = ["--panel", "cpanel", "--root", tree.root]
            let installed = try await server.deckhand(
                ["panel", "install"] + words + [
                    "--server", "https://localhost:\(port)", "--origins",
                    "https://localhost:\(page),https://localhost:\(other)", "--yes",
                ]
            )
            #expect(
                installed.code == 0 && installed.errors.contains("They are written"),
                "\(installed.errors)"
            )
            let early = try await server.deckhand(["panel", "status", "--json"])
            #expect(early.code == 1 && early.json["running"]?.array?.isEmpty == false, "\(early.text)")
            try await server.restart()
            try await eventually("the panel's socket") { Files.exists(server.folder.file("run/panel.sock")) }
            let status = try await server.deckhand(["panel", "status"])
            #expect(status.code == 0, "\(status.text)")
            let pages = tree.root + "/usr/local/cpanel/whostmgr/docroot"
            let site = try await PanelSite(
                server.folder,
                port: page,
                pages: pages,
                more: "rewrite ^/cpsess[0-9]+/(.*)$ /$1;"
            )
            let reseller = try await PanelSite(server.folder, port: other, pages: pages, signedIn: "reseller")
            do {
                try await Self.browse(
                    "panel.py",
                    ["https://localhost:\(port)", "whm", "root", site.origin, reseller.origin]
                )
            } catch {
                await site.end()
                await reseller.end()
                throw error
            }
            await site.end()
            await reseller.end()
        }
    }

    /// What `check` says of a panel, and that the question of the installer is one.
    @Test(.enabled(if: Programs.areRoot, "asking for root needs root"))
    func checkSaysWhatIsWrongWithThePanelAndWhatToDo() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.with(starts: false) { server in
            _ = try await Self.start(server, Self.asked)
            let tree = try PanelFolder.cwp(server.folder)
            let words = ["--panel", "cwp", "--root", tree.root, "--origins", "https://localhost:\(page)"]
            func findings() async throws -> [String: (verdict: String, text: String, hint: String)] {
                let run = try await server.deckhand("check", "--json")
                var result: [String: (verdict: String, text: String, hint: String)] = [:]
                for finding in run.json["findings"]?.array ?? [] {
                    guard let name = finding["name"]?.string, let verdict = finding["verdict"]?.string else {
                        continue
                    }
                    result[name] = (verdict, finding["text"]?.string ?? "", finding["hint"]?.string ?? "")
                }
                return result
            }
            let terminal = try TerminalTool(["panel", "install"] + words, of: server)
            try await terminal.see("Write them? [y/N]")
            terminal.type("n\n")
            try await terminal.see("They are not written.")
            _ = try await terminal.process.wait()
            var found = try await findings()
            #expect(found["panel.cwp"]?.verdict == "ok")
            #expect(found["panel.cwp.settings"]?.text.contains("cors_origins is missing in") == true)
            #expect(found["panel.cwp.settings"]?.hint.contains("deckhand panel install") == true)
            #expect(found["panel.cwp.door"]?.text.contains("are not let in") == true, "\(found)")
            // The certificate of the test is good for two days.
            let certificate = try #require(found["tls.certificate"])
            #expect(certificate.verdict == "warning" && certificate.text.contains("valid until 20"))

            let second = try TerminalTool(["panel", "install"] + words, of: server)
            try await second.see("Write them? [y/N]")
            second.type("y\n")
            try await second.see("They are written.")
            _ = try await second.process.wait()
            // Written, but not read yet.
            found = try await findings()
            #expect(found["panel.cwp.settings"]?.verdict == "ok")
            #expect(found["panel.cwp.door"]?.hint.contains("restart the server") == true, "\(found)")
            try await server.restart()
            try await eventually("the panel's socket") { Files.exists(server.folder.file("run/panel.sock")) }
            found = try await findings()
            for name in ["panel.cwp", "panel.cwp.settings", "panel.cwp.door"] {
                #expect(found[name]?.verdict == "ok", "\(name): \(String(describing: found[name]))")
            }

            // An update of the panel, and a socket that its users cannot reach.
            try tree.put("<?php // newer ?></body>", at: "/usr/local/cwpsrv/htdocs/admin/admin/index.php")
            let run = server.folder.file("run")
            #expect(unsafe chmod(run, 0o700) == 0)
            found = try await findings()
            #expect(found["panel.cwp"]?.text.contains("was overwritten") == true)
            #expect(found["panel.cwp"]?.hint.contains("deckhand panel install") == true)
            #expect(found["panel.cwp.door"]?.text.contains("chmod o+x \(run)") == true, "\(found)")
            #expect(unsafe chmod(run, 0o755) == 0)
            #expect(try await server.deckhand(["panel", "install", "--repair", "--panel", "cwp"]).code == 0)
            #expect(try await server.deckhand(["panel", "status", "--panel", "cwp"]).code == 0)
        }
    }

    /// nginx compresses whatever it may, and waits shorter than the command is silent; one that waits shorter than the signs of
    /// life come gives up, which shows that they are what keeps the stream.
    @Test func signsOfLifeKeepAStreamOpenThroughACompressingProxy() async throws {
        try await TestServer.with(["DECKHAND_HEARTBEAT": "1s"]) { server in
            var sites: [PanelSite] = []
            for patience in ["3s", "200ms"] {
                let more = """
                    gzip_types *; gzip_proxied any; gzip_min_length 1;
                    location /hands/ {
                        proxy_pass http://127.0.0.1:\(server.port)/;
                        proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_read_timeout \(patience);
                    }
                    """
                let port = try await Ports.shared.take()
                sites.append(
                    try await PanelSite(server.folder, port: port, pages: server.folder.path, more: more)
                )
            }
            let command: JSONValue = ["command": "echo first; sleep 4; echo last"]
            let made = try await server.call("POST", "/v1/sessions/silence/tickets", command)
            #expect([200, 201, 202].contains(made.status), "\(made.text)")
            func follow(_ site: PanelSite) async throws -> ToolRun {
                try await server.folder.shell(
                    "curl -sSNk --compressed -H 'Authorization: Bearer \(server.hash)' '\(site.origin)/hands/v1/sessions/silence/tickets/1/events'"
                )
            }
            async let patient = follow(sites[0])
            async let hasty = follow(sites[1])
            let (first, last) = ("\"text\":\"first", "\"text\":\"last")
            let (kept, cut) = try await (patient, hasty)
            let errors = sites.map(\.errors)
            for site in sites { await site.end() }
            #expect(
                kept.code == 0 && kept.text.contains(first) && kept.text.contains(last),
                "\(kept.errors)\(kept.text)"
            )
            #expect(kept.text.split(separator: "\n").contains { $0.hasPrefix(":") }, "\(kept.text)")
            #expect(!errors[0].contains("timed out"), "\(errors[0])")
            #expect(
                cut.text.contains(first) && !cut.text.contains(last) && errors[1].contains("timed out"),
                "\(cut.text)\(errors[1])"
            )
        }
    }

    /// A panel's user leaves, another one comes, and nobody: in the same tab, with a token and with a cookie.
    @Test(.enabled(if: Programs.areRoot, "root alone vouches for somebody else"))
    func whoComesAfterSomebodyElseGetsNothingOfTheirs() async throws {
        let page = try await Ports.shared.take()
        let settings = [
            "DECKHAND_CORS_ORIGINS": "http://127.0.0.1:\(page)", "DECKHAND_PANEL_OPERATOR": "admin",
            "DECKHAND_PANEL_LOWEST_UID": "1",
        ]
        try await TestServer.withScript(Self.asked, settings) { server, _ in
            let door = server.folder.file("run/panel.sock")
            server.set("DECKHAND_PANEL_SOCKET", door)
            try await server.restart()
            try await eventually("the panel's socket") { Files.exists(door) }
            try await BrowserTests.run("another.py", server, ["\(page)", door])
        }
    }

    /// With everything as it is by default: nginx waits for a minute, and a sign of life comes every 15 seconds.
    ///
    /// Without a browser, so that the two minutes and a half keep nobody waiting.
    @Test func aSilenceOfMinutesIsNoEndThroughACompressingProxy() async throws {
        let silence = Self.silence ?? 150
        try await TestServer.with { server in
            let more = """
                gzip_types *; gzip_proxied any; gzip_min_length 1;
                location /hands/ {
                    proxy_pass http://127.0.0.1:\(server.port)/;
                    proxy_http_version 1.1; proxy_set_header Host $http_host;
                }
                """
            let port = try await Ports.shared.take()
            let site = try await PanelSite(server.folder, port: port, pages: server.folder.path, more: more)
            let command: JSONValue = ["command": .string("echo first; sleep \(silence); echo last")]
            let made = try await server.call("POST", "/v1/sessions/silence/tickets", command)
            #expect([200, 201, 202].contains(made.status), "\(made.text)")
            let followed = try await server.folder.shell(
                "curl -sSNk --compressed -H 'Authorization: Bearer \(server.hash)' '\(site.origin)/hands/v1/sessions/silence/tickets/1/events'",
                within: .seconds(silence + 120)
            )
            let errors = site.errors
            await site.end()
            #expect(
                followed.code == 0 && followed.text.contains("last"),
                "\(followed.errors)\(followed.text)"
            )
            let signs = followed.text.split(separator: "\n").count { $0.hasPrefix(":") }
            #expect(signs >= silence / 15 - 2, "\(followed.text)")
            #expect(!errors.contains("timed out"), "\(errors)")
        }
    }

    /// The generic snippet: an origin that nobody allowed gets nothing, and says so; with it in the list people sign in.
    @Test func aPageOfAnyOriginIsLetInByTheListOnly() async throws {
        let page = try await Ports.shared.take()
        try await TestServer.with(starts: false) { server in
            let port = try await Self.start(server, Self.asked)
            let address = "https://localhost:\(port)"
            let shown = try await server.deckhand([
                "panel", "install", "--panel", "generic", "--server", address,
            ])
            #expect(shown.code == 0 && shown.errors.contains("--origins names it"), "\(shown.errors)")
            let pages = try server.folder.makeDirectory("pages")
            try server.folder.write(
                "<!doctype html><title>Any page</title><link rel=icon href='data:,'><h1>Any page</h1>"
                    + shown.text,
                to: "pages/index.html"
            )
            let site = try await PanelSite(server.folder, port: page, pages: pages)
            let lines = Files.lines(server.folder.file("server.out")).map(\.trimmed)
            let line = try #require(lines.first { $0.hasPrefix("passphrase: ") })
            let secret = String(line.dropFirst("passphrase: ".count))
            do {
                let whole = [address, "admin", secret]
                try await Self.browse("generic.py", whole + ["closed", site.origin + "/"])
                let written = try await server.deckhand(
                    ["panel", "install", "--panel", "generic", "--origins", site.origin, "--yes"]
                )
                #expect(written.errors.contains("They are written"), "\(written.errors)")
                try await server.restart()
                try await Self.browse("generic.py", whole + ["open", site.origin + "/"])
                let gone = try await server.deckhand(["panel", "uninstall", "--panel", "generic"])
                #expect(gone.code == 0 && !Files.exists(server.data + "/settings.d"), "\(gone.errors)")
            } catch {
                await site.end()
                throw error
            }
            await site.end()
        }
    }
}
