import CLinux
import Core
import Testing

/// Kills at every named point, then a restart: true states, one run, every byte.
@Suite struct KillMatrixTests {
    /// What a point allows to be said of a ticket afterwards.
    struct Point: Sendable, CustomTestStringConvertible {
        let name: String
        /// Lost is the truth where the runner died before its journal was complete.
        let mayBeLost: Bool
        /// Whether the command runs in spite of the kill.
        let runs: ClosedRange<Int>
        var testDescription: String { name }
    }

    static let serverPoints = [
        "server-after-append", "server-after-mark-starting", "server-after-spawn", "server-before-finish",
        "server-after-finish",
    ]

    private static let runnerPoints = [
        Point(name: "runner-claimed", mayBeLost: true, runs: 0...0),
        Point(name: "runner-before-spawn", mayBeLost: true, runs: 0...0),
        // The command dies with its runner; how far it comes is a race.
        Point(name: "runner-after-spawn", mayBeLost: true, runs: 0...1),
        Point(name: "runner-mid-output", mayBeLost: true, runs: 1...1),
        Point(name: "runner-after-exit-before-sync", mayBeLost: true, runs: 1...1),
        Point(name: "runner-after-sync-before-notify", mayBeLost: false, runs: 1...1),
    ]

    @Test func everyPointOfCoreIsTried() {
        // Those of turns are tried by TurnKillTests.
        let turnPoints = [
            "server-before-turn-record", "server-after-turn-record", "server-after-turn-deltas",
            "server-after-side-call", "server-after-cancel-mark",
        ]
        // And these by ArtifactTests.
        let filePoints = ["server-after-artifact-file", "server-after-artifact-removal"]
        #expect(FaultPoint.allCases.map(\.rawValue) == Self.serverPoints + turnPoints + filePoints)
        #expect(FaultPoint.arm("no-such-point") == false)
    }

    @Test func everyPointOfTheRunnerIsTried() async throws {
        let folder = try WorkFolder()
        let named = try await folder.shell("\(Programs.runner) --kill-points").text
        // The last one is tried by SuccessionTests of the processes.
        #expect(
            named.split(separator: "\n").map(String.init)
                == Self.runnerPoints.map(\.name) + ["runner-given-another"]
        )
    }

    /// Submits with a key and tries again as a client does whose answer was lost.
    private static func submit(
        _ server: TestServer,
        _ command: String,
        key: String,
        revive: () async throws -> Void
    ) async throws -> TicketName {
        for _ in 0..<3 {
            do { return try await server.submit(command, session: "m", ["key": .string(key)]) } catch {
                _ = try await server.child?.wait(within: .seconds(60))
                try await revive()
            }
        }
        throw TestTrouble("three submissions were not answered")
    }

    @Test(arguments: serverPoints)
    func aServerThatDiesAtAPointTellsTheTruthAfterwards(point: String) async throws {
        try await TestServer.with(["DECKHAND_KILL_AT": point]) { server in
            let witness = server.folder.file("witness")
            let whole = (1...2_000).map { "line \($0)\n" }.joined()
            let command = "echo ran >> \(witness); seq -f 'line %g' 1 2000; exit 3"
            var deaths = 0
            let ticket = try await Self.submit(server, command, key: "one") {
                deaths += 1
                #expect(server.child?.ended == .signalled(SIGKILL))
                server.set("DECKHAND_KILL_AT", "")
                try await server.start()
            }
            if deaths == 0 {
                // The answer came first; the point is reached on the way to the end.
                let ended = try await server.child?.wait(within: .seconds(60))
                #expect(ended == .signalled(SIGKILL), "the point was not reached")
                server.set("DECKHAND_KILL_AT", "")
                try await server.start()
            }
            #expect(ticket.number == 1)
            let json = try await server.end(of: ticket)
            #expect(json["state"]?.string == "exited")
            #expect(json["exit_code"]?.integer == 3)
            #expect(String(decoding: try await server.output(ticket), as: UTF8.self) == whole)
            #expect(Files.lines(witness).count == 1)
            let again = try await server.submit(command, session: "m", ["key": "one"])
            #expect(again == ticket)
            #expect(try await server.submit("true", session: "m").number == 2)
            try await server.restart()
            #expect(try await server.look(ticket) == json, "a terminal state never changes")
            #expect(Files.lines(witness).count == 1)
        }
    }

    @Test(arguments: runnerPoints, [false, true])
    func aRunnerThatDiesAtAPointIsNeverAFalseSuccess(point: Point, serverDiesToo: Bool) async throws {
        try await TestServer.with(["DECKHAND_KILL_AT": point.name]) { server in
            let witness = server.folder.file("witness")
            let whole = (1...2_000).map { "line \($0)\n" }.joined()
            let command = "echo ran >> \(witness); seq -f 'line %g' 1 2000; sleep 0.1; echo end; exit 3"
            let ticket = try await Self.submit(server, command, key: "one") {}
            server.set("DECKHAND_KILL_AT", "")
            if serverDiesToo {
                // A runner that outlived this server would be one that was not killed at its point.
                let runner = try await eventually("the runner's death") { () -> Int32? in
                    let words = Files.text(server.sessionsDirectory + "/m/1.run").split(
                        separator: " ",
                        maxSplits: 5
                    )
                    guard words.count == 6, let pid = Int32(words[3]) else { return nil }
                    let state = Files.text("/proc/\(pid)/stat").split(separator: ")").last?.split(
                        separator: " "
                    ).first
                    return state == nil || state == "Z" ? pid : nil
                }
                #expect(runner > 0)
                try await server.restart()
            }
            let json = try await server.end(of: ticket, within: .seconds(60))
            let output = String(decoding: try await server.output(ticket), as: UTF8.self)
            #expect((whole + "end\n").hasPrefix(output), "what there is, is what was written")
            if json["state"]?.string == "lost", point.mayBeLost {
                #expect(json["exit_code"] == .null)
                #expect(json["reason"]?.string?.isEmpty == false)
                if point.name == "runner-after-exit-before-sync" { #expect(output == whole + "end\n") }
            } else {
                #expect(json["state"]?.string == "exited", "\(json)")
                #expect(json["exit_code"]?.integer == 3)
                #expect(output == whole + "end\n")
                #expect(!point.mayBeLost, "the point was not reached")
            }
            try await eventually("nothing of the command is left") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").allSatisfy {
                    $0 == server.pid
                }
            }
            let count = Files.lines(witness).count
            #expect(point.runs.contains(count) || (json["state"]?.string == "exited" && count == 1))
            try await server.restart()
            #expect(try await server.look(ticket) == json, "a terminal state never changes")
            #expect(Files.lines(witness).count == count, "never run again")
            let next = try await server.run("echo next", session: "m")
            #expect(next.ticket.number == 2)
            #expect(next.output == Array("next\n".utf8))
        }
    }

    @Test func aTornJournalAndAMissingOutputAreTold() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            func start(_ session: String) async throws -> TicketName {
                let ticket = try await server.submit(
                    "echo kept; until [ -e \(gate) ]; do sleep 0.01; done",
                    session: session
                )
                try await server.wait(ticket, toPrint: "kept\n")
                return ticket
            }
            let torn = try await start("torn")
            let missing = try await start("missing")
            try await server.kill()
            try server.folder.write("", to: "gate")
            try await eventually("the runners ended") {
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").isEmpty
                    && ["torn", "missing"].allSatisfy {
                        Files.text(server.sessionsDirectory + "/\($0)/1.run").contains("exited")
                    }
            }
            let path = server.sessionsDirectory + "/torn/1.run"
            let journal = Files.bytes(path) ?? []
            let lastLine = journal.dropLast().lastIndex(of: 10) ?? 0
            #expect(unsafe truncate(path, lastLine + 6) == 0)
            #expect(unsafe unlink(server.sessionsDirectory + "/missing/1.ticket") == 0)
            try await server.start()
            let json = try await server.look(torn)
            #expect(json["state"]?.string == "lost", "an ending that is not complete is none: \(json)")
            #expect(try await server.output(torn) == Array("kept\n".utf8))
            #expect(try await server.look(missing)["exit_code"]?.integer == 0)
            let output = try await server.call("GET", missing.path + "/output")
            #expect(output.status == 410, "\(output.status) \(output.text)")
            // The jump host's answers tell the rest, alone and among others, and a stream of it ends.
            let query = [("session", "missing")]
            let callback = try await server.get("/callback", query + [("ticket", "1")])
            #expect(callback["exit_code"]?.integer == 0, "\(callback.text)")
            #expect(callback["truncated"]?.bool == true, "\(callback.text)")
            #expect(callback["output"]?.string?.contains("not there any more") == true, "\(callback.text)")
            for page in ["/history", "/terminal"] {
                let answer = try await server.get(page, query)
                #expect(answer.status == 200 && answer.text.contains("not there any more"), "\(answer.text)")
            }
            let followed = try await server.deckhand("follow", "missing", "1")
            #expect(followed.code == 0, "\(followed)")
            // Without its journal the ticket still knows that there was something.
            #expect(unsafe unlink(server.sessionsDirectory + "/missing/1.run") == 0)
            #expect(try await server.call("GET", missing.path + "/output").status == 410)
            #expect(try await server.get("/callback", query + [("ticket", "1")])["truncated"]?.bool == true)
        }
    }
}
