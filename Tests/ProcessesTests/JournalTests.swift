import Core
import Domain
import Testing

@testable import Processes

@Suite("The journal")
struct JournalTests {
    /// A journal of version 1 as it was written once; it must stay readable.
    private static let version1 = """
        deckhand-run 1 7/1 4711 123456 0d7a6f52-5f5b-4a0e-9d0c-3f4b8b3f9a11
        started 4712 1700000000000000
        stderr 4
        stdout 8
        omitted 1024 4096
        cancel 1700000001000000
        note Processes%20left:%201%25
        something new 1 2 3
        exited reason=cancel code=0 signal=15 at=1700000002000000 wall=2000000 user=1000 system=2000 peak=3000000 \
        stdout=9000 stderr=4 gap=1024 until=4096 future=1

        """

    @Test("of version 1 is readable")
    func fixture() throws {
        let journal = RunJournal(bytes: Array(Self.version1.utf8))
        #expect(journal.runner?.pid == 4711)
        #expect(journal.marks == [4, 8])
        #expect(journal.cancelled)
        let outcome = try #require(journal.outcome)
        #expect(outcome.state == .cancelled)
        #expect(outcome.facts.notes == ["Processes left: 1%"])
        #expect(outcome.facts.omitted == OmittedRange(start: 1_024, end: 4_096))
        #expect(outcome.facts.wallTime == .seconds(2))
        #expect(outcome.facts.finished == Timestamp(seconds: 1_700_000_002))
    }

    @Test("lines are read back as they were written")
    func roundTrip() {
        var exit = JournalExit()
        exit.reason = .failed
        exit.message = Array("The directory /ä b does not exist.".utf8)
        exit.finished = 5
        exit.gapEnd = .max
        let records: [JournalRecord] = [
            .runner(version: 1, token: Array("1/2".utf8), pid: 3, start: 4, boot: Array("b".utf8)),
            .started(pid: 1, at: -2),
            .mark(offset: 3, isError: true), .mark(offset: 4, isError: false), .mixed(offset: 5),
            .cancel(at: 6),
            .omitted(start: 7, end: 8), .note(Array("a\nb %".utf8)), .note([]), .exited(exit),
        ]
        for record in records { #expect(JournalRecord(line: record.line.dropLast()) == record) }
    }

    @Test("garbage is skipped and never traps")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        let whole = Array(Self.version1.utf8)
        for _ in 0..<3_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            let journal = RunJournal(bytes: bytes)
            _ = journal.outcome
            _ = journal.stretches(length: 100)
            let map = StreamMap(stream: .stderr, journal: journal, total: 9_004)
            #expect(map.length <= 9_004)
        }
        #expect(JournalRecord(line: Array("started 1 99999999999999999999".utf8)[...]) == nil)
    }

    @Test("specifications are read back as they were written, and torn ones are refused")
    func specification() {
        var spec = RunSpec()
        spec.token = Array("1/2".utf8)
        spec.command = [0, 255, 10]
        spec.environment = [Array("A=1".utf8), Array("B=".utf8)]
        spec.supplementary = [1, 2]
        spec.cpuSeconds = 5
        let bytes = spec.encoded
        #expect(RunSpec(bytes: bytes[...]) == spec)
        for count in 1..<bytes.count where RunSpec(bytes: bytes.prefix(count)) == spec {
            Issue.record("trusted at \(count)")
        }
    }
}
