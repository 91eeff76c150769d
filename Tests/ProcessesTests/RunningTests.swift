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
        let outcome = try await bench.run(1, "echo out; echo err >&2; echo again; exit 3")
        #expect(outcome.state == .exited(code: 3))
        #expect(outcome.facts.outputBytes == 14)
        #expect(outcome.facts.stdoutBytes == 10)
        #expect(outcome.facts.stderrBytes == 4)
        #expect(outcome.facts.started != nil)
        #expect(outcome.inlineOutput?.bytes(of: .stderr) == Array("err\n".utf8))
        #expect(try await bench.text(1, .stdout) == "out\nagain\n")
        #expect(try await bench.text(1, .stderr) == "err\n")
        #expect(await bench.journal.finishedCount[Workbench.id(1)] == 1)
    }
}
