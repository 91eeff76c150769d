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
        environment: [String: String] = [:],
        carrying: CarriedVariables = .all
    ) async throws -> RunOutcome {
        try await bench.run(number, command) {
            $0.isStateful = true
            $0.carrying = carrying
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

    @Test("carries no variable that steers programs from and to commands that somebody approved")
    func ordinary() async throws {
        let bench = try await Workbench()
        let path = bench.directory.path
        try put("#!/bin/sh\necho planted\n".utf8, at: path + "/ls")
        #expect(unsafe chmod(path + "/ls", 0o755) == 0)
        try put("echo planted\n".utf8, at: path + "/env")
        let attack = """
            export PATH=\(path):$PATH BASH_ENV=\(path)/env LD_LIBRARY_PATH=\(path) IFS=x GIT_PAGER=planted A=1
            ls() { echo function; }; export -f ls; cd /etc
            """
        let exported = try await run(bench, 1, attack, carrying: .ordinary)
        #expect(exported.facts.notes.first?.hasPrefix("Not carried over to later commands: ") == true)
        for name in ["PATH", "BASH_ENV", "LD_LIBRARY_PATH", "GIT_PAGER", "BASH_FUNC_ls%%"] {
            #expect(exported.facts.notes.first?.contains(name) == true, "\(name)")
        }
        let look = "ls -d passwd; pwd; echo $A; env | grep -cE '^(BASH_|LD_|GIT_|IFS)'; echo ${PATH%%:*}"
        let expected = "passwd\n/etc\n1\n0\n/usr/local/sbin\n"
        let next = try await run(bench, 2, look, carrying: .ordinary)
        #expect(next.facts.notes == [])
        #expect(try await bench.text(2) == expected)
        _ = try await run(bench, 3, look)
        #expect(
            try await bench.text(3) == expected,
            "what the model's command set is not in the state either"
        )

        // What a person set is a person's own: their next command has it, a model's has not, and does not lose it.
        _ = try await run(bench, 4, attack)
        for (number, carrying) in [(5, CarriedVariables.ordinary), (6, .harmless)] {
            _ = try await run(bench, number, "pwd; cd /etc; ls -d passwd; cd /usr", carrying: carrying)
            #expect(try await bench.text(number) == (number == 5 ? "/etc" : "/usr") + "\npasswd\n")
        }
        _ = try await run(bench, 7, "ls; pwd; unset -f ls; ls")
        #expect(try await bench.text(7) == "planted\nfunction\n/usr\nplanted\n")
    }

    @Test(
        "gives a command that a rule allowed the directory and harmless variables, and keeps the others for the next"
    )
    func harmless() async throws {
        let bench = try await Workbench()
        _ = try await run(
            bench,
            1,
            "echo $A",
            environment: ["PATH": "/usr/bin", "A": "1"],
            carrying: .harmless
        )
        #expect(try await bench.text(1) == "1\n", "what session and ticket add was judged")
        _ = try await run(
            bench,
            2,
            "export A=2 CURL_HOME=/tmp TZ=UTC; cd /usr; env | grep -c ^PATH=/usr/local"
        )
        #expect(try await bench.text(2) == "1\n")
        _ = try await run(bench, 3, "pwd; env | grep -E '^(A|CURL_HOME|TZ)='; cd lib", carrying: .harmless)
        #expect(try await bench.text(3) == "/usr\nTZ=UTC\n")
        _ = try await run(bench, 4, "pwd; echo $A $CURL_HOME", carrying: .ordinary)
        #expect(try await bench.text(4) == "/usr/lib\n2\n")
        _ = try await run(bench, 5, "pwd; echo $A $CURL_HOME")
        #expect(try await bench.text(5) == "/usr/lib\n2 /tmp\n")
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
