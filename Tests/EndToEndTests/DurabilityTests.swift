import CLinux
import Core
import enum TestSupport.Pace
import Testing

/// Commands outlive the server, and what is said of them after a restart is true.
@Suite struct DurabilityTests {
    @Test func anInteractiveTicketStillWaitsForInputAfterTheServerWasKilled() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit("cat", session: "i", ["input": ["open": true]])
            try await server.wait(ticket, for: "running")
            _ = try await server.call("POST", ticket.path + "/input", bytes: Array("before\n".utf8))
            try await server.wait(ticket, toPrint: "before\n")
            for round in 1...3 {
                try await server.restart()
                #expect(try await server.state(ticket) == "running")
                let answer = try await server.call(
                    "POST",
                    ticket.path + "/input",
                    bytes: Array("after \(round)\n".utf8)
                )
                #expect(answer.status == 204, "\(answer.text)")
                try await server.wait(ticket, toPrint: "after \(round)\n")
            }
            _ = try await server.call("POST", ticket.path + "/input?close=1", bytes: [])
            let end = try await server.end(of: ticket)
            #expect(end["state"]?.string == "exited")
            #expect(end["exit_code"]?.integer == 0)
            #expect(try await server.output(ticket) == Array("before\nafter 1\nafter 2\nafter 3\n".utf8))
        }
    }

    @Test func runningQueuedAndFinishedTicketsHaveTheirTrueStatesAfterAKill() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "3"]) { server in
            let witness = server.folder.file("witness")
            let done = try await server.run("echo done >> \(witness); exit 9", session: "k")
            let gate = server.folder.file("gate")
            let waiting = "until [ -e \(gate) ]; do sleep 0.01; done"
            var running: [TicketName] = []
            for index in 0..<3 {
                running.append(
                    try await server.submit(
                        "echo r\(index) >> \(witness); echo start-\(index); \(waiting); echo end-\(index); exit \(index)",
                        session: "k"
                    )
                )
            }
            for (index, ticket) in running.enumerated() {
                try await server.wait(ticket, toPrint: "start-\(index)\n")
            }
            var queued: [TicketName] = []
            for index in 0..<5 {
                queued.append(
                    try await server.submit("echo q\(index) >> \(witness); echo q\(index)", session: "k")
                )
            }
            try await server.kill()
            // Two end while nobody looks, one goes on into the new server.
            try await server.start()
            for ticket in running { #expect(try await server.state(ticket) == "running") }
            for ticket in queued { #expect(try await server.state(ticket) == "queued") }
            #expect(try await server.look(done.ticket)["exit_code"]?.integer == 9)
            try await server.kill()
            try server.folder.write("", to: "gate")
            try await eventually("the runners ended") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").isEmpty
            }
            try await server.start()
            for (index, ticket) in running.enumerated() {
                let json = try await server.end(of: ticket)
                #expect(json["exit_code"]?.integer == Int64(index), "\(json)")
                #expect(try await server.output(ticket) == Array("start-\(index)\nend-\(index)\n".utf8))
            }
            for (index, ticket) in queued.enumerated() {
                #expect(try await server.end(of: ticket)["exit_code"]?.integer == 0)
                #expect(try await server.output(ticket) == Array("q\(index)\n".utf8))
            }
            #expect(
                Files.lines(witness).sorted() == ["done"] + (0..<5).map { "q\($0)" }
                    + (0..<3).map { "r\($0)" }
            )
        }
    }

    @Test func aStoppedServerMissesNothing() async throws {
        try await TestServer.with([
            "DECKHAND_MAX_RUNNING": "100", "DECKHAND_MAX_RUNNING_PER_SESSION": "100",
            "DECKHAND_MAX_RUNNING_PER_PRINCIPAL": "100",
        ]) { server in
            let gate = server.folder.file("gate")
            let ended = try server.folder.makeDirectory("ended")
            var tickets: [TicketName] = []
            for index in 0..<100 {
                tickets.append(
                    try await server.submit(
                        "until [ -e \(gate) ]; do sleep 0.2; done; echo out-\(index); touch \(ended)/\(index); exit \(index % 50)",
                        session: "stop"
                    )
                )
            }
            for ticket in tickets { try await server.wait(ticket, for: "running", within: .seconds(60)) }
            server.child?.send(SIGSTOP)
            try server.folder.write("", to: "gate")
            try await eventually(within: .seconds(60), "a hundred commands ended under a stopped server") {
                Files.names(in: ended).count == 100
                    && ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").count <= 1
            }
            server.child?.send(SIGCONT)
            for (index, ticket) in tickets.enumerated() {
                let json = try await server.end(of: ticket)
                #expect(json["exit_code"]?.integer == Int64(index % 50))
                #expect(try await server.output(ticket) == Array("out-\(index)\n".utf8))
            }
        }
    }

    @Test func aKilledRunnerMeansLostAndNothingGoesOn() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit("echo kept; sleep 61 & sleep 62", session: "lost")
            try await server.wait(ticket, toPrint: "kept\n")
            let runner = try #require(Self.runner(of: server))
            _ = CLinux.kill(runner, SIGKILL)
            let json = try await server.end(of: ticket)
            #expect(json["state"]?.string == "lost")
            #expect(json["exit_code"] == .null)
            #expect(json["reason"]?.string?.isEmpty == false)
            #expect(try await server.output(ticket) == Array("kept\n".utf8), "its output is kept")
            try await eventually("no process of it is left") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").allSatisfy {
                    $0 == server.pid
                }
            }
            // The same while no server looks.
            let second = try await server.submit("echo kept; (setsid sleep 63 &); sleep 64", session: "lost")
            try await server.wait(second, toPrint: "kept\n")
            let other = try #require(Self.runner(of: server))
            try await server.kill()
            _ = CLinux.kill(other, SIGKILL)
            try await server.start()
            #expect(try await server.state(second) == "lost")
            try await eventually("no process of it is left") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").allSatisfy {
                    $0 == server.pid
                }
            }
            #expect(try await server.run("echo works").output == Array("works\n".utf8))
        }
    }

    @Test func killingTheResidentParentHarmsNoTicket() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            let ticket = try await server.submit(
                "until [ -e \(gate) ]; do sleep 0.01; done; exit 4",
                session: "p"
            )
            try await server.wait(ticket, for: "running")
            for _ in 0..<3 {
                let parents = ProcessList.children(of: server.pid)
                #expect(!parents.isEmpty)
                for pid in parents { _ = CLinux.kill(pid, SIGKILL) }
                #expect(try await server.run("echo works").output == Array("works\n".utf8))
            }
            #expect(try await server.state(ticket) == "running")
            try server.folder.write("", to: "gate")
            #expect(try await server.end(of: ticket)["exit_code"]?.integer == 4)
        }
    }

    /// The default grace, and the longest one.
    @Test(arguments: [nil, 300.0]) func cancelLeavesNothingWhateverTheCommandDid(grace: Double?) async throws
    {
        try await TestServer.with { server in
            // Double fork, an own session, TERM and HUP ignored, standard streams closed, and a child that respawns.
            let escape = """
                trap '' TERM HUP INT
                (trap '' TERM HUP; setsid bash -c 'trap "" TERM HUP; (sleep 971 & sleep 972; sleep 973) & exec sleep 974' </dev/null >/dev/null 2>&1 &) &
                (while :; do sleep 0.05 & wait $!; done) &
                echo ready
                while :; do sleep 975; done
                """
            let ticket = try await server.submit(
                escape,
                session: "escape",
                grace.map { ["limits": ["grace": .number($0)]] } ?? [:]
            )
            try await server.wait(ticket, toPrint: "ready\n")
            let mark = "E2E_SERVER=\(server.folder.path)"
            try await eventually("the escaped processes") {
                ProcessList.withEnvironment(containing: mark).count >= 6
            }
            let time = try await Pace.time(.seconds(3)) {
                #expect(try await server.call("POST", ticket.path + "/cancel").status == 202)
                try await eventually(within: .seconds(60), "nothing left of the command") {
                    ProcessList.withEnvironment(containing: mark).allSatisfy { $0 == server.pid }
                }
            }
            #expect(time.taken < time.allowed, "\(time)")
            #expect(try await server.end(of: ticket)["state"]?.string == "cancelled")
        }
    }

    @Test func backgroundChildrenEndWithTheTimeLimitToo() async throws {
        try await TestServer.with { server in
            let (_, json, _) = try await server.run(
                "(setsid sleep 981 >/dev/null 2>&1 &); trap '' TERM; sleep 982; sleep 983",
                ["timeout": 0.4, "limits": ["grace": 0.2]]
            )
            #expect(json["state"]?.string == "timed_out")
            try await eventually(within: .seconds(60), "nothing left of the command") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").allSatisfy {
                    $0 == server.pid
                }
            }
        }
    }

    @Test func aPoliteEndDrainsAndLeavesCommandsRunning() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            let ticket = try await server.submit(
                "until [ -e \(gate) ]; do sleep 0.01; done; echo after; exit 6",
                session: "d"
            )
            try await server.wait(ticket, for: "running")
            // A request that waits when the end is asked for is answered, not cut.
            async let waiting = server.call("GET", ticket.path + "?wait=30")
            async let stream = server.events(ticket)
            try await eventually("the waiting requests are there") {
                let metrics = try await server.get("/metrics", hash: .some(nil)).text
                // The stream, the waiting request, and the one for the metrics.
                return metrics.contains("\ndeckhand_http_requests_in_flight 3\n")
            }
            let time = try await Pace.time(.seconds(8)) {
                server.child?.send(SIGTERM)
                let ended = try await server.child?.wait()
                #expect(ended == .exited(0))
            }
            // Long polls are let go at once: the drain is not held up for its whole ten seconds.
            #expect(time.taken < time.allowed, "\(time)")
            let answered = try await waiting
            #expect(answered.status == 200, "\(answered.text)")
            #expect(answered["state"]?.string == "running")
            do {
                _ = try await stream
                Issue.record(
                    "a stream that ends before its ticket must be cut, so that its reader comes back"
                )
            } catch {}
            try server.folder.write("", to: "gate")
            try await server.start()
            #expect(try await server.end(of: ticket)["exit_code"]?.integer == 6)
            #expect(try await server.output(ticket) == Array("after\n".utf8))
        }
    }

    /// A runner of a ticket: it is the parent of the process that has the marker.
    private static func runner(of server: TestServer) -> pid_t? {
        let marked = ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").filter {
            $0 != server.pid
        }
        return marked.compactMap { pid in ProcessList.parent(of: pid) }.first {
            !marked.contains($0) && $0 != 1 && $0 != server.pid
        }
    }
}
