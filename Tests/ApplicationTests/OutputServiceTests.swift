import Core
import Domain
import Synchronization
import TestSupport
import Testing

@testable import Application

@Suite("Output for answers")
struct OutputServiceTests {
    private let store = MemoryOutputStore(longestRead: 37)
    private var service: OutputService { OutputService(outputs: store) }
    private let clock = ManualClock()

    private func ticket(_ state: TicketState, inline: InlineOutput? = nil) throws -> Ticket {
        var ticket = Ticket(
            id: TicketID(session: SessionID(1), number: 1),
            sessionName: try SessionName("s"),
            command: "true",
            origin: .api,
            submittedBy: .hash,
            key: nil,
            options: TicketOptions(),
            created: clock.now(),
            state: state,
            run: nil,
            inlineOutput: inline
        )
        if state.isTerminal, state != .cancelled {
            ticket.run = RunFacts(started: clock.now(), finished: clock.now())
        }
        return ticket
    }

    private func reference(_ ticket: Ticket) -> OutputReference { OutputService.reference(ticket) }

    @Test(
        "a short output is whole, a long one is head and tail with an exact count",
        arguments: [0, 1, 99, 100, 101, 1_000, 5_000]
    )
    func excerpt(length: Int) async throws {
        let ticket = try ticket(.exited(code: 0))
        let bytes = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        store.append(bytes, to: reference(ticket))
        let excerpt = try await service.excerpt(of: ticket, stream: .combined, cap: 100)
        #expect(excerpt.length == Int64(length))
        if length <= 100 {
            #expect(excerpt.bytes == bytes)
            #expect(excerpt.omitted == 0)
        } else {
            #expect(excerpt.head == Array(bytes.prefix(50)))
            #expect(excerpt.tail == Array(bytes.suffix(50)))
            #expect(excerpt.omitted == Int64(length - 100))
            #expect(excerpt.text.contains("\(length - 100) bytes left out here, from byte 50 on"))
        }
    }

    @Test("an excerpt is cut between characters, and the count stays exact", arguments: 40..<60)
    func characters(cap: Int) async throws {
        let ticket = try ticket(.exited(code: 0))
        let bytes = Array(String(repeating: "ä€😀", count: 50).utf8)
        store.append(bytes, to: reference(ticket))
        let excerpt = try await service.excerpt(of: ticket, stream: .combined, cap: cap)
        #expect(!excerpt.text.contains("\u{FFFD}"))
        #expect(Int64(excerpt.head.count + excerpt.tail.count) + excerpt.omitted == Int64(bytes.count))
        #expect(bytes.starts(with: excerpt.head))
        #expect(bytes.reversed().starts(with: excerpt.tail.reversed()))
    }

    @Test("a gap of bytes that were not kept stands between head and tail")
    func gap() async throws {
        let ticket = try ticket(.exited(code: 0))
        store.append(Array(String(repeating: "h", count: 40).utf8), to: reference(ticket))
        store.append(Array(String(repeating: "?", count: 1_000).utf8), to: reference(ticket))
        store.append(Array(String(repeating: "t", count: 30).utf8), to: reference(ticket))
        store.omit(OmittedRange(start: 40, end: 1_040), of: reference(ticket))
        let excerpt = try await service.excerpt(of: ticket, stream: .combined, cap: 500)
        #expect(excerpt.head == Array(String(repeating: "h", count: 40).utf8))
        #expect(excerpt.tail == Array(String(repeating: "t", count: 30).utf8))
        #expect(excerpt.omitted == 1_000)
        #expect(excerpt.length == 1_070)
        #expect(excerpt.gapStart == 40)
    }

    @Test("inline output needs no file, and reads like one")
    func inline() async throws {
        let ticket = try ticket(
            .exited(code: 0),
            inline: InlineOutput(combined: Array("oneERRtwo\n".utf8), stretches: [3, 3, 4])
        )
        #expect(try await service.info(ticket, stream: .combined).length == 10)
        #expect(try await service.info(ticket, stream: .stderr).length == 3)
        let chunk = try await service.read(ticket, stream: .combined, from: 2, count: 5)
        #expect(String(decoding: chunk.bytes, as: UTF8.self) == "eERRt")
        #expect(chunk.next == 7)
        #expect(chunk.stretches.map(\.count) == [1, 3, 1])
        #expect(try await service.read(ticket, stream: .combined, from: 99, count: 5).bytes == [])
        #expect(
            try await service.read(ticket, stream: .combined, from: -1, count: 1).bytes == [UInt8(ascii: "o")]
        )
        #expect(try await service.excerpt(of: ticket, stream: .stdout, cap: 100).text == "onetwo\n")
    }

    @Test(
        "the last lines of inline output begin where they begin",
        arguments: [(1, 4), (2, 2), (3, 0), (9, 0)]
    )
    func lastLines(count: Int, offset: Int64) async throws {
        let ticket = try ticket(
            .exited(code: 0),
            inline: InlineOutput(combined: Array("a\nb\nc\n".utf8), stretches: [6])
        )
        #expect(try await service.offsetOfLast(lines: count, of: ticket, stream: .combined) == offset)
    }

    @Test(
        "a ticket without a file has empty output",
        arguments: [TicketState.queued, .awaitingApproval, .denied(reason: ""), .cancelled]
    )
    func noFile(state: TicketState) async throws {
        let ticket = try ticket(state)
        #expect(try await service.info(ticket, stream: .combined).length == 0)
        #expect(try await service.excerpt(of: ticket, stream: .combined, cap: 100).text == "")
        #expect(try await service.offsetOfLast(lines: 3, of: ticket, stream: .combined) == 0)
    }

    @Test("a file that is not there yet is empty output; one that is there no more is an error")
    func missing() async throws {
        let early = try ticket(.starting)
        #expect(try await service.info(early, stream: .combined).length == 0)
        #expect(try await service.read(early, stream: .combined, from: 0, count: 9).bytes == [])
        #expect(try await service.offsetOfLast(lines: 1, of: early, stream: .combined) == 0)
        let late = try ticket(.exited(code: 0))
        let failure = await #expect(throws: Failure.self) { try await service.info(late, stream: .combined) }
        #expect(failure?.code == "output_missing")
    }

    @Test("grep finds numbered lines whatever the chunks, up to its limit")
    func grep() async throws {
        let ticket = try ticket(.exited(code: 0))
        for number in 1...200 {
            store.append(
                Array("line \(number) \(number % 7 == 0 ? "seven" : "")\n".utf8),
                to: reference(ticket)
            )
        }
        var found: [Int] = []
        let count = try await service.lines(
            containing: Array("seven".utf8),
            in: ticket,
            stream: .combined,
            limit: 1_000
        ) { number, line in
            #expect(String(decoding: line, as: UTF8.self) == "line \(number) seven")
            found.append(number)
        }
        #expect(count == 28)
        #expect(found == (1...28).map { $0 * 7 })
        let limited = try await service.lines(containing: [], in: ticket, stream: .combined, limit: 3) {
            _,
            _ in
        }
        #expect(limited == 3)
    }

    @Test("grep does not join what stands on both sides of a gap")
    func grepGap() async throws {
        let ticket = try ticket(.exited(code: 0))
        store.append(
            Array("abc".utf8) + [UInt8](repeating: 0x3F, count: 10) + Array("def\n".utf8),
            to: reference(ticket)
        )
        store.omit(OmittedRange(start: 3, end: 13), of: reference(ticket))
        var lines: [String] = []
        _ = try await service.lines(containing: [], in: ticket, stream: .combined, limit: 9) { _, line in
            lines.append(String(decoding: line, as: UTF8.self))
        }
        #expect(lines == ["abc", "def"])
    }
}
