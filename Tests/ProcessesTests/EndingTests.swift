import CLinux
import Core
import Domain
import enum TestSupport.Pace
import Testing

@testable import Processes

@Suite("Ending a ticket")
struct EndingTests {
    private static let escape =
        #"trap '' TERM; (setsid bash -c 'trap "" TERM; (trap "" TERM; sleep 300) & sleep 300' &) ; sleep 300"#

    @Test("leaves nothing of a tree that double-forks, calls setsid and ignores TERM")
    func cancelsAll() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(bench.request(1, Self.escape) { $0.limits.grace = .zero })
        try await bench.started(1)
        _ = try await eventually("the tree stands") { bench.survivors(1) >= 4 ? true : nil }
        let time = try await Pace.time(.seconds(3)) {
            try await bench.processes.runner.end(Workbench.id(1))
            #expect(try await bench.finished(1).state == .cancelled)
        }
        #expect(time.taken < time.allowed)
        #expect(bench.survivors(1) == 0)
    }

    @Test("leaves nothing 3 s after a cancel, whatever grace was asked for", arguments: [5, 300])
    func longGrace(seconds: Int) async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(
            bench.request(1, Self.escape) { $0.limits.grace = .seconds(seconds) }
        )
        try await bench.started(1)
        _ = try await eventually("the tree stands") { bench.survivors(1) >= 4 ? true : nil }
        let time = try await Pace.time(.seconds(3)) {
            try await bench.processes.runner.end(Workbench.id(1))
            #expect(try await bench.finished(1).state == .cancelled)
        }
        #expect(time.taken < time.allowed)
        #expect(bench.survivors(1) == 0)
    }

    @Test("a cancel counts during the grace of a time limit too, and so does a second one")
    func cancelsWhileEnding() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(
            bench.request(1, "trap 'echo term' TERM; echo ready; while :; do sleep 1; done") {
                $0.limits.time = .milliseconds(500)
                $0.limits.grace = .seconds(300)
            }
        )
        _ = try await eventually("its time is up") {
            try await bench.text(1).contains("term") ? true : nil
        }
        let time = try await Pace.time(.seconds(3)) {
            for _ in 1...2 { try? await bench.processes.runner.end(Workbench.id(1)) }
            let state = try await bench.finished(1).state
            #expect(state == .timedOut)
        }
        #expect(time.taken < time.allowed)
        #expect(bench.survivors(1) == 0)
        #expect(bench.journalText(1).split(separator: "\n").count { $0.hasPrefix("cancel ") } == 1)
    }

    @Test("gives the command its grace")
    func graceful() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(
            bench.request(1, "trap 'echo bye; exit 0' TERM; sleep 300 & echo ready; wait") {
                $0.limits.grace = .seconds(5)
            }
        )
        _ = try await eventually("ready") { try await bench.text(1) == "ready\n" ? true : nil }
        try await bench.processes.runner.end(Workbench.id(1))
        #expect(try await bench.finished(1).state == .cancelled)
        #expect(try await bench.text(1) == "ready\nbye\n")
    }

    @Test("right after it was handed over cancels it")
    func early() async throws {
        let bench = try await Workbench()
        for number in 1...10 {
            try await bench.processes.runner.start(bench.request(number, "sleep 300"))
            try await bench.processes.runner.end(Workbench.id(number))
        }
        for number in 1...10 { #expect(try await bench.finished(number).state == .cancelled) }
    }

    @Test("happens by itself at the time limit")
    func timeLimit() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, "sleep 300") { $0.limits.time = .milliseconds(200) }
        #expect(outcome.state == .timedOut)
        #expect(outcome.facts.limit == "time")
        #expect(outcome.facts.wallTime >= .milliseconds(200))
        #expect(outcome.facts.wallTime < (try await Pace.stretched(.seconds(3))))
    }

    @Test("by a signal of its own is told apart")
    func ownSignal() async throws {
        let bench = try await Workbench()
        #expect(try await bench.run(1, "kill -SEGV $$").state == .killed(signal: Int(SIGSEGV)))
    }

    @Test("ends what it left in the background, and says so")
    func background() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, "sleep 300 & echo done")
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.notes == ["Processes that the command had left running were ended: 1."])
        #expect(try await bench.text(1) == "done\n")
        #expect(bench.survivors(1) == 0)
        // What ends by itself within a moment is waited for.
        _ = try await bench.run(2, "echo hello > >(sed s/h/H/)")
        #expect(try await bench.text(2) == "Hello\n")
    }

    @Test("by a CPU limit says which")
    func cpuLimit() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, "while :; do :; done") { $0.limits.cpuSeconds = 1 }
        #expect(outcome.state == .timedOut)
        #expect(outcome.facts.limit == "cpu")
        #expect(outcome.facts.userTime + outcome.facts.systemTime > .milliseconds(500))
    }

    @Test("by a memory limit says which where control groups work, and fails inside the command elsewhere")
    func memoryLimit() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(
            1,
            "head -c 300000000 /dev/zero | tail -c 299999999 >/dev/null; exit ${PIPESTATUS[1]}"
        ) {
            $0.limits.memoryBytes = 64 << 20
        }
        if bench.processes.machine.controlGroups == .none {
            #expect(outcome.state != .exited(code: 0))
        } else {
            #expect(outcome.state == .timedOut)
            #expect(outcome.facts.limit == "memory")
            #expect(unsafe access(group(bench, 1), F_OK) != 0)
        }
    }

    @Test(
        "contains a fork bomb under a process limit, as another user",
        .enabled(if: geteuid() == 0, "needs root to change the user")
    )
    func forkBomb() async throws {
        let games = try RunAs.lookUp("games")
        for (number, groups) in [(1, ProcessesConfiguration.ControlGroups.auto), (2, .off)] {
            let bench = try await Workbench {
                $0.runAs = games
                $0.controlGroups = groups
            }
            let outcome = try await bench.run(number, "id -un; bomb() { bomb | bomb & }; bomb; sleep 300") {
                $0.limits.processes = 60
                $0.limits.time = .seconds(1)
            }
            #expect(outcome.state == .timedOut || outcome.state == .exited(code: 254), "\(outcome)")
            #expect(outcome.facts.wallTime < (try await Pace.stretched(.seconds(5))))
            #expect(try await bench.text(number, .stdout).hasPrefix("games\n"))
            #expect(try await bench.text(number, .stderr).contains("fork:"), "the limit was met")
            #expect(bench.survivors(number) == 0)
        }
    }

    private func group(_ bench: Workbench, _ number: Int) -> String {
        ControlGroupPlan.detect().memory + "/ticket-7-\(number)"
    }
}
