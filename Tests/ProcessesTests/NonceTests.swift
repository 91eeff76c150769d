import CLinux
import Core
import Domain
import Testing

@testable import Processes

/// Files of another ticket that had the same session and number: of a later state of a restored database, say.
@Suite("Files in the way")
struct NonceTests {
    private static func read(_ bench: Workbench, nonce: Int64?) async throws -> String {
        let reference = OutputReference(folder: Workbench.folder, number: 1, nonce: nonce)
        let chunk = try await bench.processes.outputs.read(
            reference,
            stream: .combined,
            from: 0,
            count: 100
        )
        return String(decoding: chunk.bytes, as: UTF8.self)
    }

    private static func recover(_ bench: Workbench, nonce: Int64?) async throws -> RecoveredRun {
        let runner = bench.processes.runner
        return try await runner.recover(
            Workbench.id(1),
            nonce: nonce,
            folder: Workbench.folder,
            startedUnder: runner.bootID
        )
    }

    @Test(
        "are moved aside, and the command runs",
        arguments: [(1, 2), (nil, 2), (1, nil)] as [(Int64?, Int64?)]
    )
    func movedAside(old: Int64?, new: Int64?) async throws {
        let bench = try await Workbench()
        #expect(try await bench.run(1, "echo old; exit 9") { $0.nonce = old }.state == .exited(code: 9))
        // As a server that was started on other data sees it.
        await bench.stop()
        let second = try await Workbench(directory: bench.directory)
        let outcome = try await second.run(1, "echo new") { $0.nonce = new }
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.inlineOutput.map { String(decoding: $0.combined, as: UTF8.self) } == "new\n")
        #expect(contents(second.path("1.ticket")) == Array("new\n".utf8))
        #expect(try await Self.read(second, nonce: new) == "new\n")
        let folder = try #require(
            Descriptor(unsafe dh_open(second.path(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0))
        )
        let aside = SessionFolders.names(in: folder).filter { $0.contains(".aside-") }
        #expect(aside.count == 2, "nothing is lost: \(aside)")
        for name in aside where name.hasPrefix("1.ticket") {
            #expect(contents(second.path(name)) == Array("old\n".utf8))
        }
    }

    @Test("without a journal they are nobody's, and go with the ticket whose number they have")
    func withoutJournal() async throws {
        let bench = try await Workbench()
        // The folder is made with the first run.
        _ = try await bench.run(2, "true") { $0.nonce = 5 }
        for number in [1, 3] {
            let file = Descriptor(
                unsafe dh_open(bench.path("\(number).ticket"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            )
            #expect(try #require(file).write(Array("foreign\n".utf8)) == 0)
        }
        #expect(try await Self.read(bench, nonce: 1) == "")
        let outcome = try await bench.run(1, "echo mine") { $0.nonce = 1 }
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.outputBytes == 5)
        #expect(try await Self.read(bench, nonce: 1) == "mine\n")
        #expect(try await bench.run(3, "true") { $0.nonce = 7 }.state == .exited(code: 0))
        let folder = try #require(
            Descriptor(unsafe dh_open(bench.path(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0))
        )
        func asides() -> [String] {
            SessionFolders.names(in: folder).filter { $0.contains(".aside-") }.sorted()
        }
        let before = asides()
        try #require(
            before.count == 2 && before[0].hasPrefix("1.ticket.") && before[1].hasPrefix("3.ticket.")
        )
        #expect(contents(bench.path(before[0])) == Array("foreign\n".utf8))
        let store = bench.processes.outputs
        try await store.remove(OutputReference(folder: Workbench.folder, number: 2, nonce: 5))
        #expect(asides() == before)
        try await store.remove(OutputReference(folder: Workbench.folder, number: 1, nonce: 1))
        #expect(asides() == [before[1]])
        #expect(contents(bench.path("3.run")) != nil)
        try await store.remove(OutputReference(folder: Workbench.folder, number: 3, nonce: 7))
        #expect(asides() == [])
    }

    @Test("are nobody's result and nobody's output")
    func notReported() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "echo old; exit 9") { $0.nonce = 1 }
        bench.killSpare()
        #expect(try await Self.recover(bench, nonce: 2) == .unclaimed)
        #expect(try await Self.recover(bench, nonce: nil) == .unclaimed)
        #expect(try await Self.read(bench, nonce: 2) == "")
        #expect(try await Self.read(bench, nonce: 1) == "old\n")
        guard case .finished(let outcome) = try await Self.recover(bench, nonce: 1) else {
            Issue.record("its own journal is not believed")
            return
        }
        #expect(outcome.state == .exited(code: 9))
    }

    @Test("a ticket of a version without nonces is found again")
    func earlierVersion() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "echo old; exit 9")
        #expect(bench.journalText(1).hasPrefix("deckhand-run 1 7/1 "))
        bench.killSpare()
        guard case .finished(let outcome) = try await Self.recover(bench, nonce: nil) else {
            Issue.record("it is not believed")
            return
        }
        #expect(outcome.state == .exited(code: 9))
    }

    @Test("a removed folder is out of the way at once, and what an end in the middle left is swept")
    func removedFolders() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "echo old") { $0.nonce = 1 }
        try await bench.processes.outputs.removeFolder(Workbench.folder)
        #expect(contents(bench.path("1.run")) == nil)
        // The end of the first run is known under the same number: the journal tells of the second one's.
        try await bench.processes.runner.start(bench.request(1, "echo new") { $0.nonce = 2 })
        _ = try await eventually("the second run is over") {
            RunJournal(bytes: contents(bench.path("1.run")) ?? []).exit
        }
        #expect(contents(bench.path("1.ticket")) == Array("new\n".utf8))
        // A removal that was cut off.
        let folders = bench.configuration.sessionsPath
        #expect(unsafe rename(folders + "/box", folders + "/.removed-7") == 0)
        await bench.stop()
        let second = try await Workbench(directory: bench.directory)
        #expect(contents(second.configuration.sessionsPath + "/.removed-7/1.ticket") == nil)
        #expect(unsafe access(folders + "/.removed-7", F_OK) != 0)
    }
}
