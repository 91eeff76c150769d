import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("Tickets and the death of others")
struct SurvivalTests {
    @Test("a runner that is killed makes its ticket lost, and its processes are ended and listed")
    func runnerKilled() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(
            bench.request(1, "echo before; (setsid sleep 300 &); trap '' TERM; sleep 300; true")
        )
        try await bench.started(1)
        _ = try await eventually("two sleep") { bench.survivors(1) >= 3 ? true : nil }
        let pid = try #require(bench.runnerPID(1))
        #expect(kill(pid, SIGKILL) == 0)
        let outcome = try await bench.finished(1)
        guard case .lost = outcome.state else {
            Issue.record("not lost: \(outcome.state)")
            return
        }
        #expect(bench.survivors(1) == 0)
        #expect(outcome.facts.notes.contains { $0.contains("(sleep) had outlived the runner") })
        #expect(outcome.facts.outputBytes == 7)
        #expect(outcome.facts.started != nil)
    }

    @Test(
        "the same is found by a server that was away",
        arguments: [
            "runner-claimed", "runner-before-spawn", "runner-after-spawn", "runner-mid-output",
            "runner-after-exit-before-sync",
        ]
    )
    func lostAtPoint(point: String) async throws {
        let bench = try await Workbench { $0.killPoint = point }
        let outcome = try await bench.run(1, "echo something; (setsid sleep 300 &); sleep 0.2")
        guard case .lost = outcome.state else {
            Issue.record("not lost: \(outcome.state)")
            return
        }
        _ = try await eventually("nothing is left") { bench.survivors(1) == 0 ? true : nil }
        let found = try await bench.processes.runner.recover(
            Workbench.id(1),
            nonce: nil,
            folder: Workbench.folder,
            startedUnder: bench.processes.runner.bootID
        )
        guard case .finished(let again) = found, case .lost = again.state else {
            Issue.record("not lost: \(found)")
            return
        }
    }

    @Test(
        "what left its session, its parent and its environment behind is found too",
        arguments: [false, true]
    )
    func survivorsWithoutMarker(serverIsAway: Bool) async throws {
        let bench = try await Workbench()
        let file = bench.directory.path + "/pid"
        let command =
            "(env -i setsid bash -c 'echo $$ >\(file).new; mv \(file).new \(file); exec sleep 999' &); sleep 999"
        try await bench.processes.runner.start(bench.request(1, command))
        let stray = try await eventually("it has left") {
            contents(file).flatMap { Int32(String(decoding: $0.dropLast(), as: UTF8.self)) }
        }
        let runner = try #require(bench.runnerPID(1))
        let notes: [String]
        if serverIsAway {
            await bench.stop()
            #expect(kill(runner, SIGKILL) == 0)
            let second = try await Workbench(directory: bench.directory)
            let found = try await eventually("the runner is gone") { () -> RunOutcome? in
                let found = try await second.processes.runner.recover(
                    Workbench.id(1),
                    nonce: nil,
                    folder: Workbench.folder,
                    startedUnder: second.processes.runner.bootID
                )
                guard case .finished(let outcome) = found else {
                    return await second.journal.outcome(Workbench.id(1))
                }
                return outcome
            }
            notes = found.facts.notes
        } else {
            #expect(kill(runner, SIGKILL) == 0)
            notes = try await bench.finished(1).facts.notes
        }
        #expect(
            notes.contains { $0.contains("Process \(stray) (sleep) had outlived the runner") },
            "\(notes)"
        )
        _ = try await eventually("it is ended") {
            ProcessTable.stat(of: stray).map { $0[0] == "Z" } ?? true ? true : nil
        }
    }

    @Test("a runner that dies after its last line has done its work")
    func killedAfterSync() async throws {
        let bench = try await Workbench { $0.killPoint = "runner-after-sync-before-notify" }
        #expect(try await bench.run(1, "exit 5").state == .exited(code: 5))
    }

    @Test("the death of the resident parent harms no ticket, and no command runs twice")
    func parentKilled() async throws {
        let bench = try await Workbench()
        let file = bench.directory.path + "/runs"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...60 {
                group.addTask {
                    try await bench.processes.runner.start(
                        bench.request(number, "echo \(number) >> \(file); sleep 0.1")
                    )
                }
            }
            group.addTask {
                for _ in 0..<3 {
                    if let pid = await bench.parentPID() { _ = kill(pid, SIGKILL) }
                    try await Task.sleep(for: .milliseconds(15))
                }
            }
            try await group.waitForAll()
        }
        for number in 1...60 {
            let outcome = try await bench.finished(number)
            #expect(outcome.state == .exited(code: 0), "\(outcome) \(bench.journalText(number))")
        }
        let lines = String(decoding: contents(file) ?? [], as: UTF8.self).split(separator: "\n").compactMap {
            Int($0)
        }
        #expect(lines.sorted() == Array(1...60))
    }

    @Test("a command of a server that ended goes on, and the next server hears of its end")
    func serverRestarts() async throws {
        let first = try await Workbench()
        try await first.processes.runner.start(first.request(1, "cat; echo over") { $0.input = .open })
        try await first.processes.runner.write(Array("one\n".utf8), to: Workbench.id(1))
        _ = try await eventually("the first line") { try await first.text(1) == "one\n" ? true : nil }
        await first.stop()

        let second = try await Workbench(directory: first.directory)
        let found = try await second.processes.runner.recover(
            Workbench.id(1),
            nonce: nil,
            folder: Workbench.folder,
            startedUnder: second.processes.runner.bootID
        )
        guard case .running(let started) = found else {
            Issue.record("not running: \(found)")
            return
        }
        #expect(started != nil)
        try await second.processes.runner.write(Array("two\n".utf8), to: Workbench.id(1))
        _ = try await eventually("the second line") { try await second.text(1) == "one\ntwo\n" ? true : nil }
        try await second.processes.runner.closeInput(of: Workbench.id(1))
        #expect(try await second.finished(1).state == .exited(code: 0))
        #expect(try await second.text(1) == "one\ntwo\nover\n")
        try await second.processes.runner.closeInput(of: Workbench.id(1))
    }

    @Test("a ticket that is started twenty times at once runs once and ends once, also for several servers")
    func claimedOnce() async throws {
        let first = try await Workbench()
        let second = try await Workbench(directory: first.directory)
        let file = first.directory.path + "/runs"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                let bench = index % 2 == 0 ? first : second
                group.addTask {
                    try await bench.processes.runner.start(bench.request(1, "echo run >> \(file); sleep 0.2"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.finished(1).state == .exited(code: 0))
        #expect(try await second.finished(1).state == .exited(code: 0))
        #expect(contents(file) == Array("run\n".utf8))
    }

    @Test("what nobody claimed can be started, unless the machine was restarted since")
    func unclaimed() async throws {
        let bench = try await Workbench()
        let runner = bench.processes.runner
        #expect(
            try await runner.recover(
                Workbench.id(1),
                nonce: nil,
                folder: Workbench.folder,
                startedUnder: runner.bootID
            )
                == .unclaimed
        )
        #expect(
            try await runner.recover(Workbench.id(1), nonce: nil, folder: Workbench.folder, startedUnder: nil)
                == .unclaimed
        )
        let found = try await runner.recover(
            Workbench.id(1),
            nonce: nil,
            folder: Workbench.folder,
            startedUnder: "another-boot"
        )
        guard case .finished(let outcome) = found, case .lost = outcome.state else {
            Issue.record("not lost: \(found)")
            return
        }
    }

    @Test("a run of another boot is lost")
    func otherBoot() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "true")
        let runner = bench.processes.runner
        let live = bench.journalText(1).split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
        let line = live.replacing(runner.bootID, with: "00000000-0000-0000-0000-000000000000")
            .replacing(" 7/1 ", with: " 7/2 ")
        try put(line.utf8, at: bench.path("2.run"))
        let found = try await runner.recover(
            Workbench.id(2),
            nonce: nil,
            folder: Workbench.folder,
            startedUnder: runner.bootID
        )
        guard case .finished(let outcome) = found, case .lost(let reason) = outcome.state else {
            Issue.record("not lost: \(found)")
            return
        }
        #expect(reason == "The machine was restarted while the command ran.")
    }

    @Test("a journal of which a power cut left the name alone is that of a restart")
    func emptyJournal() async throws {
        let bench = try await Workbench()
        let runner = bench.processes.runner
        _ = try await bench.run(1, "true")
        try put([], at: bench.path("2.run"))
        for (boot, expected) in [
            ("another-boot", "The machine was restarted while the command ran."),
            (runner.bootID, "The journal of the run cannot be read."),
        ] {
            let found = try await runner.recover(
                Workbench.id(2),
                nonce: nil,
                folder: Workbench.folder,
                startedUnder: boot
            )
            guard case .finished(let outcome) = found, case .lost(let reason) = outcome.state else {
                Issue.record("not lost: \(found)")
                continue
            }
            #expect(reason == expected)
        }
    }

    @Test("a journal cut at any byte is lost or complete, and never trusted further")
    func tornJournal() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "echo a; echo b >&2; exit 9")
        let whole = try #require(contents(bench.path("1.run")))
        for count in 0..<whole.count { #expect(RunJournal(bytes: Array(whole.prefix(count))).outcome == nil) }
        // As long as it lives, a journal without an end is that of a run which goes on.
        let runner = try #require(bench.runnerPID(1))
        _ = kill(runner, SIGKILL)
        _ = try await eventually("the runner is gone") { kill(runner, 0) == 0 ? nil : true }
        let ends = whole.indices.filter { whole[$0] == 10 }
        for count in Set([0, 1] + ends.flatMap { [$0 - 1, $0, $0 + 1] }) {
            try put(whole.prefix(count), at: bench.path("1.run"))
            let found = try await bench.processes.runner.recover(
                Workbench.id(1),
                nonce: nil,
                folder: Workbench.folder,
                startedUnder: nil
            )
            guard case .finished(let outcome) = found else {
                Issue.record("not over at \(count): \(found)")
                continue
            }
            if count == whole.count {
                #expect(outcome.state == .exited(code: 9))
            } else if case .lost = outcome.state {
            } else {
                Issue.record("trusted at \(count): \(outcome.state)")
            }
        }
    }
}

extension Workbench {
    /// The resident parent of this bench's runners.
    func parentPID() async -> Int32? {
        guard let runner = processes.runner as? TicketRunner else { return nil }
        return runner.parentPID
    }
}
