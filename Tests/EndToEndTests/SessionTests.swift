import Core
import Testing

/// /v1/sessions, and the three modes.
@Suite struct SessionTests {
    @Test func sessionsAreMadeListedShownAndRemoved() async throws {
        try await TestServer.with { server in
            let made = try await server.call(
                "POST",
                "/v1/sessions",
                [
                    "name": "one", "mode": "sequential", "cwd": "/usr", "env": ["COLOR": "blue"],
                    "limits": ["time": 7],
                ]
            )
            #expect(made.status == 201)
            #expect(made.header("Location") == "/v1/sessions/one")
            #expect(made["mode"]?.string == "sequential")
            #expect(made["cwd"]?.string == "/usr")
            #expect(made["env"]?["COLOR"]?.string == "<set>", "values may be credentials")
            #expect(made["limits"]?["time"]?.number == 7)
            let named = try await server.call("POST", "/v1/sessions")
            #expect(named.status == 201)
            let random = try #require(named["name"]?.string)
            #expect(random.split(separator: "-").count == 3)
            #expect(try await server.call("POST", "/v1/sessions", ["name": "one"]).status == 409)

            let (_, _, output) = try await server.run("pwd; echo $COLOR", session: "one")
            #expect(output == Array("/usr\nblue\n".utf8))
            let (_, _, other) = try await server.run(
                "pwd; echo $COLOR",
                session: "one",
                ["cwd": "/", "env": ["COLOR": "red"]]
            )
            #expect(other == Array("/\nred\n".utf8))

            let list = try await server.call("GET", "/v1/sessions?limit=1").json
            #expect(list["sessions"]?.array?.compactMap { $0["name"]?.string } == ["one"])
            let next = try #require(list["next"]?.integer)
            let rest = try await server.call("GET", "/v1/sessions?limit=1&after=\(next)").json
            #expect(rest["sessions"]?.array?.compactMap { $0["name"]?.string } == [random])
            #expect(rest["next"] == .null)

            let path = server.sessionsDirectory + "/one"
            #expect(Files.exists(path))
            let busy = try await server.submit("sleep 60", session: "one")
            #expect(try await server.call("DELETE", "/v1/sessions/one").status == 409)
            _ = try await server.call("POST", busy.path + "/cancel?wait=10")
            #expect(try await server.call("DELETE", "/v1/sessions/one").status == 204)
            #expect(try await server.call("GET", "/v1/sessions/one").status == 404)
            #expect(!Files.exists(path))
            #expect(try await server.submit("true", session: "one").number == 1)
        }
    }

    @Test func parallelTicketsOverlapAndSequentialOnesDoNot() async throws {
        try await TestServer.with { server in
            _ = try await server.call("POST", "/v1/sessions", ["name": "line", "mode": "sequential"])
            let witness = server.folder.file("order")
            for number in 1...6 {
                _ = try await server.submit(
                    "echo begin \(number) >> \(witness); sleep 0.0\(7 - number); echo end \(number) >> \(witness)",
                    session: "line"
                )
            }
            for number in 1...6 { _ = try await server.end(of: TicketName(session: "line", number: number)) }
            #expect(Files.lines(witness) == (1...6).flatMap { ["begin \($0)", "end \($0)"] })

            // Two tickets that wait for each other end only if they run at the same time.
            let first = server.folder.file("first"), second = server.folder.file("second")
            let one = try await server.submit(
                "touch \(first); until [ -e \(second) ]; do sleep 0.01; done",
                session: "wide"
            )
            let two = try await server.submit(
                "touch \(second); until [ -e \(first) ]; do sleep 0.01; done",
                session: "wide"
            )
            #expect(try await server.end(of: one)["exit_code"]?.integer == 0)
            #expect(try await server.end(of: two)["exit_code"]?.integer == 0)
        }
    }

    @Test func aStatefulSessionCarriesDirectoryAndExports() async throws {
        try await TestServer.with { server in
            _ = try await server.call("POST", "/v1/sessions", ["name": "state", "mode": "stateful"])
            func output(_ command: String) async throws -> String {
                String(decoding: try await server.run(command, session: "state").output, as: UTF8.self)
            }
            _ = try await output("cd /var/log; export GREETING=$'hello\\nworld'; notexported=1")
            #expect(try await output("pwd") == "/var/log\n")
            #expect(try await output("echo \"$GREETING\"; echo [$notexported]").hasPrefix("hello\n"))
            #expect(try await output("echo [$notexported]") == "[]\n")
            _ = try await output("cd /usr; exit 3")
            #expect(try await output("pwd") == "/usr\n", "an exit on purpose keeps the state")
            _ = try await output("unset GREETING; cd lib")
            #expect(try await output("pwd; echo [$GREETING]") == "/usr/lib\n[]\n")
            let replaced = try await server.run("cd /; exec true", session: "state")
            #expect(try await output("pwd") == "/usr/lib\n")
            #expect(
                replaced.json["notes"]?.array?.isEmpty == false,
                "the ticket says that its state was not kept"
            )
            _ = try await server.run("cd /; kill -9 $$", session: "state")
            #expect(try await output("pwd") == "/usr/lib\n")
            try await server.restart()
            #expect(try await output("pwd") == "/usr/lib\n")
        }
    }

    @Test func limitsOfSessionAndTicketHold() async throws {
        try await TestServer.with { server in
            _ = try await server.call(
                "POST",
                "/v1/sessions",
                ["name": "limits", "limits": ["time": 0.3, "open_files": 77]]
            )
            let timed = try await server.run("sleep 60", session: "limits")
            #expect(timed.json["state"]?.string == "timed_out")
            #expect(timed.json["limit"]?.string == "time")
            let files = try await server.run("ulimit -n", session: "limits")
            #expect(files.output == Array("77\n".utf8))
            let cpu = try await server.run(
                "while :; do :; done",
                session: "free",
                ["limits": ["cpu_seconds": 1]]
            )
            #expect(cpu.json["state"]?.string == "timed_out", "\(cpu.json)")
            #expect(cpu.json["limit"]?.string == "cpu")
            let file = server.folder.file("big")
            _ = try await server.run(
                "head -c 100000 /dev/zero > \(file)",
                session: "free",
                ["limits": ["file_bytes": 5_000]]
            )
            #expect((Files.bytes(file) ?? []).count == 5_000)
            let memory = try await server.run(
                "x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo survived",
                session: "free",
                ["limits": ["memory_bytes": 50_000_000]]
            )
            #expect(!memory.output.starts(with: Array("survived".utf8)), "\(memory.json)")
        }
    }
}
