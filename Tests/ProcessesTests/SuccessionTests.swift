import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("Runners that are given one ticket after the other")
struct SuccessionTests {
    /// Runs a command to its end, says that the end is stored, and returns its runner.
    private static func run(
        _ bench: Workbench,
        _ number: Int,
        _ command: String,
        _ change: (inout RunRequest) -> Void = { _ in }
    ) async throws -> (runner: Int32, outcome: RunOutcome) {
        let outcome = try await bench.run(number, command, change)
        bench.processes.runner.settled(Workbench.id(number))
        return (try #require(bench.runnerPID(number)), outcome)
    }

    private static func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

    private static func openFiles(_ pid: Int32) -> Int {
        guard let directory = unsafe opendir("/proc/\(pid)/fd") else { return -1 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    @Test("once the end is stored, the next ticket has the same runner and none of the last one's traces")
    func sameRunner() async throws {
        let bench = try await Workbench()
        let first = try await Self.run(
            bench,
            1,
            "printf -v x '%*s' 60000000 ''; echo one; echo two >&2; exit 3"
        )
        #expect(first.outcome.state == .exited(code: 3))
        let second = try await Self.run(bench, 2, "echo \"${x:-none}\"") { $0.input = .bytes([1]) }
        #expect(second.runner == first.runner)
        #expect(second.outcome.state == .exited(code: 0))
        #expect(try await bench.text(1) == "one\ntwo\n")
        #expect(try await bench.text(1, .stderr) == "two\n")
        #expect(try await bench.text(2) == "none\n")
        #expect(try await bench.text(2, .stderr).isEmpty)
        // Time and memory are those of the one run.
        let (peak, later) = (first.outcome.facts.peakMemory, second.outcome.facts.peakMemory)
        #expect(peak > 55_000_000 && later < 30_000_000, "\(peak) \(later)")
        let open = Self.openFiles(first.runner)
        for number in 3...40 {
            let next = try await Self.run(bench, number, "seq \(number) >&2; cat") { $0.input = .bytes([10]) }
            #expect(next.runner == first.runner)
        }
        #expect(Self.openFiles(first.runner) == open)
    }

    @Test("before the end is stored, the runner gets nothing else to do")
    func unsettled() async throws {
        let bench = try await Workbench()
        #expect(try await bench.run(1, "true").state == .exited(code: 0))
        #expect(try await bench.run(2, "true").state == .exited(code: 0))
        #expect(bench.runnerPID(1) != bench.runnerPID(2))
    }

    @Test("a run that was cancelled, left something behind or is not ordinary has a runner of its own")
    func extraordinary() async throws {
        let bench = try await Workbench()
        let ends = Workbench.id(1)
        try await bench.processes.runner.start(bench.request(1, "sleep 300"))
        try await bench.started(1)
        try await bench.processes.runner.end(ends)
        #expect(try await bench.finished(1).state == .cancelled)
        bench.processes.runner.settled(ends)
        let left = try await Self.run(bench, 2, "(setsid sleep 300 &)")
        #expect(left.runner != bench.runnerPID(1))
        let terminal = try await Self.run(bench, 3, "true") {
            $0.terminal = TerminalSize(columns: 80, rows: 24)
        }
        #expect(terminal.runner != left.runner)
        let stateful = try await Self.run(bench, 4, "true") { $0.isStateful = true }
        #expect(stateful.runner != terminal.runner)
        let ordinary = try await Self.run(bench, 5, "true")
        #expect(ordinary.outcome.state == .exited(code: 0))
        #expect(ordinary.runner != stateful.runner)
    }

    @Test("a cancelled run ends also when its runner had another one before")
    func cancelsSecond() async throws {
        let bench = try await Workbench()
        let first = try await Self.run(bench, 1, "true")
        try await bench.processes.runner.start(bench.request(2, "sleep 300"))
        try await bench.processes.runner.end(Workbench.id(2))
        #expect(try await bench.finished(2).state == .cancelled)
        #expect(bench.runnerPID(2) == first.runner)
        _ = try await eventually("the runner is gone") { Self.isAlive(first.runner) ? nil : true }
    }

    @Test("one that dies while it waits, or before it claims, loses no ticket and runs none twice")
    func diesBetween() async throws {
        let bench = try await Workbench()
        let first = try await Self.run(bench, 1, "true")
        #expect(kill(first.runner, SIGKILL) == 0)
        let second = try await Self.run(bench, 2, "echo \"$$\"")
        #expect(second.outcome.state == .exited(code: 0))
        #expect(second.runner != first.runner)

        let doomed = try await Workbench { $0.killPoint = "runner-given-another" }
        let file = doomed.directory.path + "/runs"
        let runners = try await [
            Self.run(doomed, 1, "echo 1 >> \(file)"), Self.run(doomed, 2, "echo 2 >> \(file)"),
        ]
        #expect(runners[1].outcome.state == .exited(code: 0), "\(doomed.journalText(2))")
        #expect(runners[0].runner != runners[1].runner)
        #expect(contents(file) == Array("1\n2\n".utf8))
    }

    @Test("a signal to one that waits ends it and no ticket")
    func signalled() async throws {
        let bench = try await Workbench()
        let first = try await Self.run(bench, 1, "true")
        #expect(kill(first.runner, SIGTERM) == 0)
        _ = try await eventually("the runner is gone") { Self.isAlive(first.runner) ? nil : true }
        for number in 2...5 {
            let next = try await Self.run(bench, number, "true")
            #expect(next.outcome.state == .exited(code: 0))
        }
    }

    @Test("those that wait end with the server")
    func endsWithServer() async throws {
        let bench = try await Workbench()
        let first = try await Self.run(bench, 1, "true")
        #expect(Self.isAlive(first.runner))
        await bench.stop()
        _ = try await eventually("the runner is gone") { Self.isAlive(first.runner) ? nil : true }
    }

    @Test("many at a time, with runners killed while they wait: each runs once and has its own end")
    func many() async throws {
        let bench = try await Workbench()
        let file = bench.directory.path + "/runs"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for line in 0..<8 {
                group.addTask {
                    for index in 1...25 {
                        let number = line * 25 + index
                        let ended = try await Self.run(
                            bench,
                            number,
                            "echo \(number) >> \(file); exit \(number)"
                        )
                        #expect(ended.outcome.state == .exited(code: number), "\(bench.journalText(number))")
                        if index % 3 == 0 { bench.killSpare() }
                    }
                }
            }
            try await group.waitForAll()
        }
        let lines = String(decoding: contents(file) ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.compactMap { Int($0) }.sorted() == Array(1...200))
    }
}
