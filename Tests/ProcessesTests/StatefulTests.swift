import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("A stateful session")
struct StatefulTests {
    private func run(
        _ bench: Workbench,
        _ number: Int,
        _ command: String,
        directory: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> RunOutcome {
        try await bench.run(number, command) {
            $0.isStateful = true
            $0.workingDirectory = directory
            $0.environment = environment
        }
    }

    @Test("carries directory and exported variables from ticket to ticket")
    func carries() async throws {
        let bench = try await Workbench()
        #expect(
            try await run(bench, 1, "cd /usr && export A=1 B='x y\nz'; C=2; f() { :; }; exit 3").state
                == .exited(code: 3)
        )
        _ = try await run(bench, 2, "pwd; echo \"$A|$B|$C\"; cd lib; false")
        #expect(try await bench.text(2) == "/usr\n1|x y\nz|\n")
        #expect(
            try await run(bench, 3, "pwd; unset A; export -f f 2>/dev/null; trap 'echo trapped' EXIT; cd /")
                .facts.notes == []
        )
        #expect(try await bench.text(3) == "/usr/lib\ntrapped\n")
        _ = try await run(bench, 4, "pwd; echo ${A-none}; echo $#; (exit 4)")
        #expect(try await bench.text(4) == "/\nnone\n0\n")
        #expect(try await run(bench, 5, "set -eu; cd /etc; false; echo not here").state == .exited(code: 1))
        #expect(try await run(bench, 6, "pwd").inlineOutput?.combined == Array("/etc\n".utf8))
    }

    @Test("keeps the earlier state when a command replaces the shell or is ended")
    func replaced() async throws {
        let bench = try await Workbench()
        _ = try await run(bench, 1, "cd /usr")
        #expect(try await run(bench, 2, "cd /etc; exec true").facts.notes.count == 1)
        #expect(try await run(bench, 3, "pwd; cd /var; kill -9 $$").state == .killed(signal: 9))
        #expect(try await bench.text(3) == "/usr\n")
        #expect(
            try await run(bench, 4, "pwd; cd /nowhere; echo $?").inlineOutput?.bytes(of: .stdout)
                == Array("/usr\n1\n".utf8)
        )
    }

    @Test("goes on at home when its directory is gone, and says so")
    func vanished() async throws {
        let bench = try await Workbench()
        let path = bench.directory.path + "/gone"
        _ = try await run(bench, 1, "mkdir \(path); cd \(path)")
        #expect(unsafe rmdir(path) == 0)
        let outcome = try await run(bench, 2, "pwd")
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.notes.first?.contains("cannot be entered any more") == true)
    }

    @Test("lets a new wish for directory or variable win over what is carried, and an old one not")
    func wishes() async throws {
        let bench = try await Workbench()
        _ = try await run(
            bench,
            1,
            "export A=changed; cd /etc",
            directory: "/usr",
            environment: ["A": "session"]
        )
        _ = try await run(bench, 2, "pwd; echo $A", directory: "/usr", environment: ["A": "session"])
        #expect(try await bench.text(2) == "/etc\nchanged\n")
        _ = try await run(bench, 3, "pwd; echo $A", directory: "/var", environment: ["A": "other"])
        #expect(try await bench.text(3) == "/var\nother\n")
    }

    @Test("does not trust a state file that is torn or a link")
    func tornState() async throws {
        let bench = try await Workbench()
        _ = try await run(bench, 1, "cd /usr; export A=1")
        let whole = try #require(contents(bench.path("state")))
        try put(whole.dropLast(3), at: bench.path("state"))
        _ = try await run(bench, 2, "echo ${A-none}; cd /")
        #expect(try await bench.text(2) == "none\n")
        var status = stat()
        #expect(unsafe stat(bench.path("state"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
