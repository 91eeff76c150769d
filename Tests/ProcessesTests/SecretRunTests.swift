import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("A command that uses secrets")
struct SecretRunTests {
    private static let value = "hunter2-and-more"

    private static func secrets() throws -> [SecretName: Secret<[UInt8]>] {
        [try SecretName("DB_PASSWORD"): Secret(Array(value.utf8))]
    }

    @Test("finds them in its environment, and nothing writes them down")
    func environment() async throws {
        let bench = try await Workbench(secrets: [Self.value])
        let given = try Self.secrets()
        let outcome = try await bench.run(
            1,
            "test \"$DB_PASSWORD\" = hunter2-and-\"more\" && echo \"is $DB_PASSWORD\""
        ) {
            $0.secrets = given
        }
        #expect(outcome.state == .exited(code: 0))
        #expect(try await bench.text(1) == "is [redacted]\n")
        #expect(
            outcome.inlineOutput.map { String(decoding: $0.combined, as: UTF8.self) } == "is [redacted]\n"
        )
        #expect(!bench.journalText(1).contains(Self.value))
        _ = try await bench.run(2, "echo ${DB_PASSWORD-none}")
        #expect(try await bench.text(2) == "none\n")
    }

    @Test("prints them in no form that is covered, on both streams and in a terminal")
    func forms() async throws {
        let bench = try await Workbench(secrets: [Self.value])
        let given = try Self.secrets()
        let commands = [
            "echo $DB_PASSWORD", "echo $DB_PASSWORD >&2", "printf %s $DB_PASSWORD | base64",
            "printf 'a%s' $DB_PASSWORD | base64", "printf 'ab%s' $DB_PASSWORD | base64",
            "printf '%060d%s' 1 $DB_PASSWORD | base64",
            "printf %s $DB_PASSWORD | od -An -tx1 -v | tr -d ' \n'",
            "for i in $(seq 0 15); do printf %s \"${DB_PASSWORD:$i:1}\"; done", "env | grep DB_",
        ]
        for (index, command) in commands.enumerated() {
            _ = try await bench.run(index + 1, command) {
                $0.secrets = given
                if index.isMultiple(of: 2) { $0.terminal = TerminalSize() }
            }
            let text = try await bench.text(index + 1)
            #expect(text.contains("[redacted]"), "\(command): \(text)")
            for form in SecretForms.all(of: Array(Self.value.utf8)) {
                #expect(!text.contains(String(decoding: form.bytes, as: UTF8.self)), "\(command): \(text)")
            }
        }
    }

    @Test("does not leave them to the next command of a stateful session, under no name")
    func stateful() async throws {
        let bench = try await Workbench(secrets: [Self.value])
        let given = try Self.secrets()
        _ = try await bench.run(1, "export COPY=\"x$DB_PASSWORD\" KEPT=1; export DB_PASSWORD; cd /usr") {
            $0.secrets = given
            $0.isStateful = true
        }
        let state = String(decoding: contents(bench.path("state")) ?? [], as: UTF8.self)
        #expect(state.contains("KEPT=1") && !state.contains(Self.value) && !state.contains("DB_PASSWORD"))
        _ = try await bench.run(2, "echo ${DB_PASSWORD-none} ${COPY-none} $KEPT $PWD") {
            $0.isStateful = true
        }
        #expect(try await bench.text(2) == "none none 1 /usr\n")
    }

    @Test("a large output is masked without loss, and one without secrets is not slowed")
    func throughput() async throws {
        let bench = try await Workbench(secrets: [Self.value])
        let line = String(repeating: "0123456789", count: 10)
        let given = try Self.secrets()
        let outcome = try await bench.run(1, "yes \"\(line) $DB_PASSWORD\" | head -n 100000; echo end") {
            $0.secrets = given
        }
        #expect(outcome.facts.outputBytes == 100_000 * Int64(line.count + 1 + "[redacted]".count + 1) + 4)
        let text = String(decoding: try await bench.output(1, limit: 1 << 25), as: UTF8.self)
        #expect(!text.contains(Self.value) && text.hasSuffix("\(line) [redacted]\nend\n"))
    }
}

@Suite(
    "A command of an operator with a system user",
    .enabled(if: geteuid() == 0, "needs root to change users")
)
struct RunAsTests {
    @Test("runs as that user, with its environment, and cannot reach what is the server's")
    func user() async throws {
        let bench = try await Workbench()
        let user = try RunAs.lookUp("nobody")
        _ = try await bench.run(1, "id -un; echo $HOME $USER $LOGNAME; id -G | wc -w") {
            $0.runAs = "nobody"
            $0.workingDirectory = "/"
        }
        #expect(try await bench.text(1) == "nobody\n\(user.home) nobody nobody\n\(user.groups.count)\n")
        let folder = bench.configuration.sessionsPath + "/box"
        let outcome = try await bench.run(
            2,
            "cat \(folder)/1.ticket; echo x >> \(folder)/2.ticket; ls \(folder)"
        ) {
            $0.runAs = "nobody"
            $0.workingDirectory = "/"
        }
        #expect(outcome.state == .exited(code: 2))
        #expect(try await bench.text(2).split(separator: "\n").allSatisfy { $0.contains("ermission denied") })
        _ = try await bench.run(3, "id -un")
        #expect(try await bench.text(3) == "root\n")
    }

    @Test("does not start when the user is gone, and says so")
    func gone() async throws {
        let bench = try await Workbench()
        do {
            try await bench.processes.runner.start(bench.request(1, "true") { $0.runAs = "no-such-user" })
            Issue.record("it was started")
        } catch let failure as Failure {
            #expect(failure.code == "unknown_user")
            #expect(failure.message.contains("no-such-user"))
        }
    }

    @Test("a stateful session keeps the states of its users apart")
    func states() async throws {
        let bench = try await Workbench()
        func run(_ number: Int, _ command: String, _ user: String?) async throws {
            _ = try await bench.run(number, command) {
                $0.isStateful = true
                $0.runAs = user
            }
        }
        try await run(1, "export MINE=root; cd /usr", nil)
        try await run(2, "echo ${MINE-none} $USER; export MINE=nobody; cd /etc", "nobody")
        #expect(try await bench.text(2) == "none nobody\n")
        try await run(3, "echo $MINE $USER $PWD", nil)
        #expect(try await bench.text(3) == "root root /usr\n")
        try await run(4, "echo $MINE $USER $PWD", "nobody")
        #expect(try await bench.text(4) == "nobody nobody /etc\n")
    }
}
