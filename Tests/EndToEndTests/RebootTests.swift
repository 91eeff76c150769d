import CLinux
import Core
import Testing

/// The machine is restarted: nothing of before runs any more, whatever process ids say.
@Suite(.enabled(if: Programs.areRoot, "another boot id needs a mount namespace"))
struct RebootTests {
    /// Starts the server where the kernel's boot id reads as another one (random(4)).
    private static func reboot(_ server: TestServer) async throws {
        try server.folder.write("0badcafe-0000-4000-8000-00000000beef\n", to: "boot_id")
        try await server.start(
            through: [
                "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                "mount --bind '\(server.folder.file("boot_id"))' /proc/sys/kernel/random/boot_id && exec \"$@\"",
                "sh",
            ]
        )
    }

    /// Ends everything at once, as a power cut does.
    private static func cutPower(_ server: TestServer) async throws {
        server.child?.send(SIGSTOP)
        try await eventually("nothing is left") {
            let left = ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)")
                .filter { $0 != server.pid }
            for pid in left {
                if let runner = ProcessList.parent(of: pid), runner > 1, runner != server.pid,
                    runner != getpid(), !left.contains(runner)
                {
                    _ = CLinux.kill(runner, SIGKILL)
                }
                _ = CLinux.kill(pid, SIGKILL)
            }
            return left.isEmpty
        }
        try await server.kill()
    }

    @Test func ticketsThatRanAreLostAndThoseThatEndedAreRight() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "2"]) { server in
            let witness = server.folder.file("witness")
            let gate = server.folder.file("gate")
            let before = try await server.run("echo before; exit 3", session: "r")
            let running = try await server.submit(
                "echo ran >> \(witness); echo begun; until [ -e \(gate) ]; do sleep 0.02; done; echo end",
                session: "r",
                ["timeout": 600]
            )
            let ending = try await server.submit(
                "echo ends; until [ -e \(gate)-2 ]; do sleep 0.02; done; exit 4",
                session: "r",
                ["timeout": 600]
            )
            try await server.wait(running, toPrint: "begun")
            try await server.wait(ending, toPrint: "ends")
            let queued = try await server.submit("echo queued >> \(witness); echo late", session: "r")
            #expect(try await server.state(queued) == "queued")
            // One ends while nobody watches: its journal is complete, and the database does not know.
            try await server.kill()
            try server.folder.write("", to: "gate-2")
            let journal = server.sessionsDirectory + "/r/\(ending.number).run"
            try await eventually("the journal is complete") { Files.text(journal).contains("\nexited ") }
            try await Self.cutPower(server)

            try await Self.reboot(server)
            #expect(try await server.look(before.ticket) == before.json)
            let lost = try await server.look(running)
            #expect(lost["state"]?.string == "lost")
            #expect(lost["exit_code"] == .null)
            #expect(lost["reason"]?.string?.contains("restarted") == true, "\(lost)")
            #expect(try await server.output(running) == Array("begun\n".utf8))
            let ended = try await server.look(ending)
            #expect(ended["state"]?.string == "exited")
            #expect(ended["exit_code"]?.integer == 4)
            // What had not been started is run now, once.
            #expect(try await server.end(of: queued)["exit_code"]?.integer == 0)
            #expect(Files.lines(witness) == ["ran", "queued"])
            try await server.kill()
            try await Self.reboot(server)
            #expect(try await server.look(running) == lost, "a terminal state never changes")
            #expect(Files.lines(witness) == ["ran", "queued"])
        }
    }

    @Test func aProcessWithTheRunnersIdOfBeforeIsNotTakenForIt() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            let ticket = try await server.submit(
                "echo begun; until [ -e \(gate) ]; do sleep 0.02; done",
                session: "r",
                ["timeout": 600]
            )
            try await server.wait(ticket, toPrint: "begun")
            // The runner lives on: to a server of another boot it is a stranger whose id is the same by chance.
            try await server.kill()
            try await Self.reboot(server)
            #expect(try await server.look(ticket)["state"]?.string == "lost")
        }
    }
}
