import Core
import Synchronization
import Testing
import TestSupport

@Suite("A group of services")
struct ServiceGroupTests {
    private final class Journal: Sendable {
        private let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Runs until it is cancelled, or until the gate opens and then fails or ends.
    private struct Member: Service {
        let name: String
        let journal: Journal
        var end: (@Sendable () throws -> Void)?

        func run() async throws {
            journal.note("start \(name)")
            if let end {
                try end()
            } else {
                let (stream, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in stream {}
            }
            journal.note("end \(name)")
        }
    }

    private struct Broken: Error, Equatable {}
    private let journal = Journal()
    private let logger = Logger(level: .trace, sink: NullLogSink())

    @Test("cancelling ends the services in reverse order, one after the other")
    func reverse() async throws {
        let group = ServiceGroup(
            [
                ("a", Member(name: "a", journal: journal)), ("b", Member(name: "b", journal: journal)),
                ("c", Member(name: "c", journal: journal)),
            ],
            logger: logger
        )
        let task = Task { try await group.run() }
        try await eventually("all started") { journal.all.count == 3 }
        task.cancel()
        try await task.value
        #expect(journal.all.suffix(3) == ["end c", "end b", "end a"])
    }

    @Test("a service that fails ends the others, and its error is the group's")
    func failure() async throws {
        let group = ServiceGroup(
            [
                ("a", Member(name: "a", journal: journal)),
                ("b", Member(name: "b", journal: journal, end: { throw Broken() })),
            ],
            logger: logger
        )
        await #expect(throws: Broken.self) { try await group.run() }
        #expect(journal.all.last == "end a")
    }

    @Test("a service that ends by itself ends the group")
    func ending() async throws {
        let sink = MemoryLogSink()
        let group = ServiceGroup(
            [
                ("a", Member(name: "a", journal: journal)),
                ("b", Member(name: "b", journal: journal, end: {})),
            ],
            logger: Logger(level: .warning, sink: sink)
        )
        try await group.run()
        #expect(journal.all.last == "end a")
        #expect(sink.text.contains("service ended by itself"))
        #expect(sink.text.contains("\"service\":\"b\""))
    }
}
