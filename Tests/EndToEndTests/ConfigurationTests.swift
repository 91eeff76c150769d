import CLinux
import Core
import Testing

/// First start, `.env`, mistakes, `check`, and the lock on the data directory.
@Suite struct ConfigurationTests {
    @Test func theFirstStartMakesEverythingAndShowsTheHashOnce() async throws {
        try await TestServer.with(["HASH": ""]) { server in
            let welcome = Files.text(server.folder.file("server.out"))
            let hash = Files.text(server.data + "/hash").split(separator: "\n").joined()
            #expect(hash.count >= 32)
            #expect(welcome.contains(hash))
            #expect(welcome.contains("curl"))
            #expect(try await server.get("/context", hash: .some(hash)).status == 200)
            try await server.restart()
            let all = Files.text(server.folder.file("server.out"))
            #expect(all.split(separator: hash, omittingEmptySubsequences: false).count == 2, "shown once")
            #expect(!Files.text(server.log).contains(hash))
            #expect(try await server.get("/context", hash: .some(hash)).status == 200)
        }
    }

    @Test func theSeedsEnvironmentFileIsRead() async throws {
        try await TestServer.with(["HASH": "", "PORT": ""], starts: false) { server in
            let hash = String(repeating: "0123456789abcdef", count: 3)
            try server.folder.write(
                """
                # as in the seed
                HASH="\(hash)"
                FQDN=http://deck.example.com
                PORT=\(server.port)
                SESSIONS_DIR=my-sessions

                """,
                to: "work/.env"
            )
            try await server.start()
            let answer = try await server.get(
                "/shell",
                [("session", "e"), ("cmd", "echo env"), ("wait", "20")],
                hash: .some(hash)
            )
            #expect(answer["output"]?.string == "env\n", "\(answer.text)")
            #expect(answer["callback"]?.string?.hasPrefix("http://deck.example.com/callback?") == true)
            #expect(Files.exists(server.folder.file("work/my-sessions/e/1.ticket")))
        }
    }

    /// The line that a newcomer copies finds the hash where the server has it.
    @Test(arguments: ["", "HASH=%", "export HASH = \"%\" # ours", "  HASH='%'"])
    func theLineToTryWorks(form: String) async throws {
        try await TestServer.with(["HASH": ""], starts: false) { server in
            if !form.isEmpty {
                let hash = "aB9_.+=@%:,-" + String(repeating: "x", count: 30)
                try server.folder.write("# mine\n\(form.replacing("%", with: hash))\n", to: "work/.env")
            }
            try await server.start()
            let shown = Files.text(server.folder.file("server.out"))
            let line = try #require(shown.split(separator: "\n").first { $0.contains("curl -G ") })
            #expect(!line.contains("xxxx"), "the hash itself is not shown")
            let run = try await server.folder.shell(String(line))
            #expect(run.code == 0 && run.text.contains("Linux"), "\(line)\n\(run.text) \(run.errors)")
        }
    }

    @Test func allMistakesAreReportedTogether() async throws {
        try await TestServer.with(
            ["HASH": "short", "PORT": "70000", "FQDN": "not a url", "DECKHAND_MAX_RUNNING": "0"],
            starts: false
        ) { server in
            let run = try await server.deckhand("serve")
            #expect(run.code != 0 && run.code != nil)
            for name in ["HASH", "PORT", "FQDN", "DECKHAND_MAX_RUNNING"] {
                #expect(run.errors.contains(name), "\(name) in: \(run.errors)")
            }
            #expect(run.errors.contains("32"))
            #expect(!run.errors.contains("short"), "not even a hash that is too short is shown")
            #expect(!Files.exists(server.data), "nothing was made")
            let check = try await server.deckhand("check")
            #expect(check.code == 2)
            #expect((check.errors + check.text).contains("70000"))
        }
    }

    @Test func aMisspelledNameIsPointedOut() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNING": "5"]) { server in
            try await eventually("a line about the name") {
                Files.text(server.log).contains("DECKHAND_MAX_RUNING")
            }
            let check = try await server.deckhand("check", within: .seconds(90))
            #expect(
                (check.text + check.errors).contains("DECKHAND_MAX_RUNNING"),
                "the right name is suggested"
            )
        }
    }

    @Test func anUnknownPolicyIsNotTaken() async throws {
        try await TestServer.with(["GET_POLICY": "maybe"], starts: false) { server in
            let run = try await server.deckhand("serve")
            #expect(run.code == 2)
            #expect(run.errors.contains("GET_POLICY"), "\(run.errors)")
        }
    }

    @Test func checkShowsTheConfigurationRedactedAndProbesTheMachine() async throws {
        try await TestServer.with(["DECKHAND_TIME_LIMIT": "77s"]) { server in
            let check = try await server.deckhand("check", within: .seconds(90))
            #expect(check.code == 0, "\(check.text) \(check.errors)")
            #expect(!check.text.contains(server.hash))
            #expect(check.text.contains("77s") && check.text.contains("DECKHAND_TIME_LIMIT"))
            for word in ["bash", "cgroup", "namespace", "sync", "clock"] {
                #expect(check.text.lowercased().contains(word), "\(word)")
            }
            let json = try await server.deckhand("check", "--json", within: .seconds(90))
            #expect(json.json.object != nil)
            #expect(!json.text.contains(server.hash))
            #expect(json.text.contains("77s"))
        }
    }

    @Test func oneServerLocksTheDataDirectory() async throws {
        try await TestServer.with { server in
            let second = try await server.deckhand(
                "serve",
                environment: ["PORT": String(try await Ports.shared.take())]
            )
            #expect(second.code == 1)
            #expect(second.errors.contains(server.data))
            #expect(try await server.get("/healthz", hash: .some(nil)).status == 200)
            try await server.kill()
            try await server.start()
        }
    }

    @Test func anOccupiedPortIsAClearRefusal() async throws {
        try await TestServer.with { server in
            let other = try await server.deckhand(
                "serve",
                environment: ["DECKHAND_DATA": server.folder.file("other")]
            )
            #expect(other.code == 1)
            #expect(other.errors.contains("\(server.port)"), "\(other.errors)")
        }
    }

    @Test func theKernelMayChooseThePort() async throws {
        try await TestServer.with(["PORT": "0"], starts: false) { server in
            try server.launch()
            let port = try await eventually("a line that says where the server listens") {
                Files.lines(server.log).compactMap { try? JSONValue(parsing: Array($0.utf8)) }
                    .first { $0["message"]?.string == "listening" && $0["listener.kind"]?.string == "tcp" }?[
                        "listener.port"
                    ]?
                    .integer
            }
            let base = "http://127.0.0.1:\(port)"
            let answer = try await server.send("GET", base + "/shell?hash=\(server.hash)&session=z&cmd=true")
            #expect(answer["callback"]?.string?.hasPrefix(base + "/callback?") == true, "\(answer.text)")
        }
    }

    @Test func theLocalSocketIsForItsOwnerAndNeedsNoCredential() async throws {
        try await TestServer.with { server in
            var status = stat()
            #expect(unsafe lstat(server.data + "/deckhand.sock", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            let run = try await server.deckhand(
                "run",
                "--session",
                "local",
                "true",
                environment: ["HASH": ""]
            )
            #expect(run.code == 0, "\(run.errors)")
            #expect(try await server.look(TicketName(session: "local", number: 1))["origin"]?.string == "cli")
        }
    }

    /// A `.env` is read by the server only, so its owner's other commands know no hash, and need none.
    @Test func theOwnersCommandsNeedNoHash() async throws {
        try await TestServer.with { server in
            #expect(!Files.names(in: server.data).contains("hash"), "the hash is configured, and not kept")
            for (name, verb) in [("token", "list"), ("user", "list"), ("audit", "export")] {
                let run = try await server.deckhand(name, verb, environment: ["HASH": ""])
                #expect(run.code == 0, "\(name): \(run.errors)")
            }
            let backup = server.folder.file("backup")
            let run = try await server.deckhand("backup", backup, environment: ["HASH": ""])
            #expect(run.code == 0, "\(run.errors)")
        }
    }
}
