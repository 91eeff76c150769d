import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("The memory of tickets that are over")
struct FinishedTicketsTests {
    private func ticket(
        _ number: Int,
        session: Int64 = 1,
        bytes: Int = 0,
        _ state: TicketState = .exited(code: 0)
    )
        throws -> Ticket
    {
        Ticket(
            id: TicketID(session: SessionID(session), number: number),
            sessionName: try SessionName("s\(session)"),
            command: String(repeating: "x", count: bytes),
            origin: .api,
            submittedBy: .hash,
            key: nil,
            options: TicketOptions(),
            created: Timestamp(microseconds: 0),
            state: state,
            run: nil,
            inlineOutput: nil
        )
    }

    @Test("finds them by identity and by name, and keeps none that may still change")
    func finding() throws {
        let memory = FinishedTickets()
        let over = try ticket(1)
        memory.keep(over, readAt: memory.epoch)
        memory.keep(try ticket(2, .starting), readAt: memory.epoch)
        #expect(memory.ticket(over.id) == over)
        #expect(memory.ticket(number: 1, in: over.sessionName) == over)
        #expect(memory.ticket(number: 2, in: over.sessionName) == nil)
        #expect(memory.ticket(number: 1, in: try SessionName("other")) == nil)
    }

    @Test("forgets what was removed, also when it was read before and comes late")
    func forgetting() throws {
        let memory = FinishedTickets()
        let over = try ticket(1)
        let epoch = memory.epoch
        memory.keep(over, readAt: epoch)
        memory.forget([over.id])
        #expect(memory.ticket(over.id) == nil)
        memory.keep(over, readAt: epoch)
        #expect(memory.ticket(over.id) == nil)
        memory.keep(over, readAt: memory.epoch)
        #expect(memory.ticket(over.id) == over)
        memory.forgetAll()
        #expect(memory.ticket(number: 1, in: over.sessionName) == nil)
    }

    @Test("stays within its bound, and keeps what is asked for")
    func bound() throws {
        let memory = FinishedTickets(maximumBytes: 40_000)
        for number in 1...200 {
            memory.keep(try ticket(number, bytes: 1_000), readAt: memory.epoch)
            #expect(memory.ticket(try ticket(1).id) != nil, "asked for after \(number)")
        }
        let kept = try (1...200).count { memory.ticket(try ticket($0).id) != nil }
        #expect(kept * 1_768 <= 40_000)
        memory.keep(try ticket(300, bytes: 100_000), readAt: memory.epoch)
        #expect(memory.ticket(try ticket(300).id) == nil)
    }
}
