import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("A ticket that runs")
struct RunningTests {
    @Test("ends with its code, its output, and its streams apart")
    func basics() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(
            1,
            "echo out; sleep 0.01; echo err >&2; sleep 0.01; echo again; exit 3"
        )
        #expect(outcome.state == .exited(code: 3))
        #expect(outcome.facts.outputBytes == 14)
        #expect(outcome.facts.stdoutBytes == 10)
        #expect(outcome.facts.stderrBytes == 4)
        #expect(outcome.facts.started != nil)
        #expect(outcome.facts.peakMemory > 1 << 20)
        #expect(outcome.inlineOutput?.bytes(of: .stderr) == Array("err\n".utf8))
        #expect(outcome.inlineOutput?.combined == Array("out\nerr\nagain\n".utf8))
        #expect(try await bench.text(1, .stdout) == "out\nagain\n")
        #expect(try await bench.text(1, .stderr) == "err\n")
        #expect(await bench.journal.finishedCount[Workbench.id(1)] == 1)
    }

    @Test("is said to have started")
    func started() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(bench.request(1, "sleep 0.3"))
        try await bench.started(1)
        #expect(try await bench.finished(1).state == .exited(code: 0))
    }

    @Test("gets an environment made from scratch")
    func environment() async throws {
        unsafe setenv("DECKHAND_LEAK", "no", 1)
        unsafe setenv("DECKHAND_PASSED", "yes", 1)
        let bench = try await Workbench { $0.environmentNames = ["DECKHAND_PASSED"] }
        _ = try await bench.run(
            1,
            "env | cut -d= -f1 | sort | grep -vE '^(_|PWD|SHLVL)$' | tr '\\n' ' '; echo $A"
        ) { $0.environment = ["A": "b c"] }
        #expect(
            try await bench.text(1)
                == "A DECKHAND_PASSED DECKHAND_TICKET HOME LC_CTYPE LOGNAME PATH SHELL TERM USER b c\n"
        )
    }

    @Test("starts where it was asked to, or says why not")
    func directory() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "pwd") { $0.workingDirectory = "/usr/lib" }
        #expect(try await bench.text(1) == "/usr/lib\n")
        _ = try await bench.run(2, "pwd")
        #expect(try await bench.text(2) == (try RunAs.lookUp(nil).home) + "\n")
        let missing = try await bench.run(3, "pwd") { $0.workingDirectory = "/not/there" }
        #expect(missing.state == .failed(reason: "The working directory /not/there does not exist."))
        let inside = try await bench.run(4, "pwd") {
            $0.workingDirectory = bench.configuration.sessionsPath + "/box"
        }
        #expect(inside.state.reason?.contains("server's own data") == true)
        await #expect(throws: Failure.self) {
            _ = try await bench.run(5, "pwd") { $0.workingDirectory = "relative" }
        }
    }

    @Test("may be as long as the machine takes, and longer ones fail clearly")
    func longCommands() async throws {
        let bench = try await Workbench()
        let text = String(repeating: "x", count: 120 << 10)
        let outcome = try await bench.run(1, "v=\(text); echo ${#v}")
        #expect(outcome.inlineOutput?.combined == Array("\(120 << 10)\n".utf8))
        let tooLong = try await bench.run(2, "v=\(text)\(text); echo ${#v}")
        #expect(
            tooLong.state == .failed(reason: "The command and its environment are too long for the machine.")
        )
    }

    @Test("reads nothing, given bytes, or what is written while it runs")
    func input() async throws {
        let bench = try await Workbench()
        #expect(try await bench.run(1, "cat; echo end").inlineOutput?.combined == Array("end\n".utf8))
        let bytes = Array("some\0bytes".utf8)
        #expect(try await bench.run(2, "cat") { $0.input = .bytes(bytes) }.inlineOutput?.combined == bytes)
        let large = [UInt8](repeating: 7, count: 3 << 20)
        #expect(
            try await bench.run(3, "wc -c") { $0.input = .bytes(large) }.inlineOutput?.combined
                == Array("\(3 << 20)\n".utf8)
        )
    }

    @Test("whose input is full says so, loses nothing, and ends when the input is closed")
    func fullInput() async throws {
        let bench = try await Workbench()
        let gate = bench.directory.path + "/gate"
        try await bench.processes.runner.start(
            bench.request(1, "until [ -e \(gate) ]; do sleep 0.01; done; wc -c") { $0.input = .open }
        )
        let piece = [UInt8](repeating: 65, count: 10_000)
        var written = 0
        var failure: Failure?
        while failure == nil, written < 10_000_000 {
            do {
                try await bench.processes.runner.write(piece, to: Workbench.id(1))
                written += piece.count
            } catch let error as Failure { failure = error }
        }
        #expect(failure?.code == "input_full")
        try put([], at: gate)
        _ = try await eventually("the input is closed") { () -> Bool? in
            do { try await bench.processes.runner.closeInput(of: Workbench.id(1)) } catch { return nil }
            return true
        }
        let outcome = try await bench.finished(1)
        #expect(outcome.inlineOutput?.combined == Array("\(written)\n".utf8))
        await #expect(throws: Failure.self) {
            try await bench.processes.runner.write(piece, to: Workbench.id(1))
        }
        #expect(unsafe access(bench.path("1.in"), F_OK) != 0)
    }

    @Test("on a terminal sees one, with its size, and its end of input")
    func terminal() async throws {
        let bench = try await Workbench()
        try await bench.processes.runner.start(
            bench.request(1, "stty -echo; tty -s && echo tty; stty size; cat > /dev/null; echo $TERM") {
                $0.terminal = TerminalSize(columns: 77, rows: 33)
                $0.input = .open
            }
        )
        _ = try await eventually("the size") { try await bench.text(1).contains("33 77") ? true : nil }
        try await bench.processes.runner.closeInput(of: Workbench.id(1))
        #expect(try await bench.finished(1).state == .exited(code: 0))
        #expect(try await bench.text(1) == "tty\r\n33 77\r\nxterm-256color\r\n")
    }

    @Test("on a terminal reads the end at once when it gets no input")
    func terminalWithoutInput() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "cat; echo over") { $0.terminal = TerminalSize() }
        #expect(try await bench.text(1) == "over\r\n")
    }

    @Test("keeps to its limits on files")
    func files() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(
            1,
            "ulimit -n; ulimit -c; head -c 5000 /dev/zero > \(bench.directory.path)/f; echo $?"
        ) {
            $0.limits.openFiles = 64
            $0.limits.fileBytes = 1_024
        }
        #expect(
            outcome.inlineOutput.map { String(decoding: $0.bytes(of: .stdout), as: UTF8.self) }
                == "64\n0\n153\n"
        )
    }

    @Test(
        "as another user has that user's rights",
        .enabled(if: geteuid() == 0, "needs root to change the user")
    )
    func otherUser() async throws {
        let bench = try await Workbench { $0.runAs = try? RunAs.lookUp("nobody") }
        _ = try await bench.run(1, "id -un; id -Gn; cat \(bench.path("1.run")) 2>/dev/null || echo denied") {
            $0.workingDirectory = "/tmp"
        }
        #expect(try await bench.text(1, .stdout) == "nobody\nnogroup\ndenied\n")
        // The home does not exist: it starts in the root directory and says so.
        let outcome = try await bench.run(2, "pwd")
        #expect(outcome.facts.notes.count == 1)
        #expect(try await bench.text(2) == "/\n")
    }

    @Test("does not see what is hidden from it, where the machine can hide")
    func hidden() async throws {
        let directory = TemporaryDirectory()
        let data = directory.path + "/data"
        #expect(unsafe mkdir(data, 0o700) == 0)
        try put("key".utf8, at: data + "/secret")
        let bench = try await Workbench(directory: directory) {
            $0.hiddenPaths = [data]
            $0.sessionsPath = data + "/sessions"
        }
        guard bench.processes.machine.hidesData else {
            #expect(bench.processes.machine.hidingProblem != nil)
            return
        }
        let outcome = try await bench.run(1, "cat \(data)/secret || ls -A \(data) | wc -l")
        #expect(try await bench.text(1, .stdout) == "0\n")
        #expect(outcome.state == .exited(code: 0))
        #expect(
            try await bench.run(2, "true") { $0.workingDirectory = data }.state.reason?.contains(
                "server's own data"
            ) == true
        )
    }

    @Test("inherits no open file, and its runner leaks none")
    func descriptors() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "ls /proc/self/fd | tr '\\n' ' '")
        #expect(try await bench.text(1) == "0 1 2 3 ")
        let parent = try #require(await bench.parentPID())
        let before = ProcessTable.openFiles(of: parent)
        for number in 2...40 { _ = try await bench.run(number, "true") }
        #expect(ProcessTable.openFiles(of: parent) == before)
    }
}
