import Core
import Domain
import Testing

@Suite("The queue of tickets")
struct TicketQueueTests {
    private let alice = PrincipalID("token:1")
    private let bob = PrincipalID("token:2")

    private func ticket(_ session: Int64, _ number: Int) -> TicketID {
        TicketID(session: SessionID(session), number: number)
    }

    private func queue(total: Int = 100, perSession: Int = 100, perPrincipal: Int = 100) -> TicketQueue {
        TicketQueue(limits: RunningLimits(total: total, perSession: perSession, perPrincipal: perPrincipal))
    }

    @Test("tickets of a parallel session run side by side, in order, up to the session's limit")
    func parallel() {
        var queue = queue(perSession: 2)
        for number in 1...4 { queue.enqueue(ticket(1, number), mode: .parallel, principal: alice) }
        #expect(queue.waitingCount == 4)
        #expect(queue.takeReady() == [ticket(1, 1), ticket(1, 2)])
        #expect(queue.takeReady() == [])
        #expect(queue.runningCount == 2)
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady() == [ticket(1, 3)])
        queue.finished(ticket(1, 2))
        queue.finished(ticket(1, 3))
        #expect(queue.takeReady() == [ticket(1, 4)])
        #expect(queue.waitingCount == 0)
    }

    @Test("tickets of a session run in the order of their numbers, in whatever order they come")
    func numbers() {
        var queue = queue()
        for number in [1, 3, 2, 5, 4] {
            queue.enqueue(ticket(1, number), mode: .sequential, principal: alice)
        }
        var order: [Int] = []
        while let next = queue.takeReady().first {
            order.append(next.number)
            queue.finished(next)
        }
        #expect(order == [1, 2, 3, 4, 5])
    }

    @Test("a place is held only while nobody waits and there is room, and nothing is taken meanwhile")
    func heldPlaces() {
        var queue = queue(total: 3, perPrincipal: 2)
        func reserve(_ principal: PrincipalID) -> Bool { queue.reserve(for: principal) }
        #expect(reserve(alice))
        #expect(reserve(alice))
        #expect(!reserve(alice), "the principal's limit")
        #expect(reserve(bob))
        #expect(!reserve(bob), "the total limit")
        queue.enqueue(ticket(1, 2), mode: .sequential, principal: bob)
        #expect(queue.takeReady() == [], "an earlier ticket of the session may be on its way")
        queue.giveBack(placeOf: alice)
        #expect(!reserve(alice), "somebody waits")
        queue.giveBack(placeOf: alice)
        queue.giveBack(placeOf: bob)
        queue.occupy(ticket(1, 1), mode: .sequential, principal: bob)
        #expect(queue.isRunning(ticket(1, 1)))
        #expect(queue.takeReady() == [], "its session is sequential")
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady() == [ticket(1, 2)])
        queue.giveBack(placeOf: alice)
        #expect(reserve(alice), "giving back too often makes no place")
        #expect(reserve(bob))
        #expect(!reserve(alice))
    }

    @Test(
        "tickets of a sequential or stateful session run one after the other",
        arguments: [SessionMode.sequential, .stateful]
    )
    func sequential(mode: SessionMode) {
        var queue = queue()
        for number in 1...3 { queue.enqueue(ticket(1, number), mode: mode, principal: alice) }
        for number in 1...3 {
            #expect(queue.takeReady() == [ticket(1, number)])
            #expect(queue.takeReady() == [])
            queue.finished(ticket(1, number))
        }
        #expect(queue.takeReady() == [])
    }

    @Test("no more run in all than agreed")
    func total() {
        var queue = queue(total: 3)
        for session in 1...5 { queue.enqueue(ticket(Int64(session), 1), mode: .parallel, principal: alice) }
        #expect(queue.takeReady() == [ticket(1, 1), ticket(2, 1), ticket(3, 1)])
        queue.finished(ticket(2, 1))
        #expect(queue.takeReady() == [ticket(4, 1)])
    }

    @Test("a principal at its limit waits, others pass, and it goes on when a place is free")
    func principal() {
        var queue = queue(perPrincipal: 1)
        queue.enqueue(ticket(1, 1), mode: .parallel, principal: alice)
        queue.enqueue(ticket(2, 1), mode: .parallel, principal: alice)
        queue.enqueue(ticket(3, 1), mode: .parallel, principal: bob)
        #expect(queue.takeReady() == [ticket(1, 1), ticket(3, 1)])
        queue.finished(ticket(3, 1))
        #expect(queue.takeReady() == [])
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady() == [ticket(2, 1)])
    }

    @Test("sessions are served in turn, so that a long one does not hold up a short one")
    func fairness() {
        var queue = queue(total: 1)
        for number in 1...100 { queue.enqueue(ticket(1, number), mode: .parallel, principal: alice) }
        queue.enqueue(ticket(2, 1), mode: .parallel, principal: alice)
        queue.enqueue(ticket(3, 1), mode: .sequential, principal: bob)
        var order: [TicketID] = []
        for _ in 0..<6 {
            let ready = queue.takeReady()
            order += ready
            for id in ready { queue.finished(id) }
        }
        #expect(Array(order.prefix(4)) == [ticket(1, 1), ticket(2, 1), ticket(3, 1), ticket(1, 2)])
    }

    @Test("a ticket that awaits approval holds no place, and holds back a sequential session only")
    func approval() {
        var queue = queue()
        for (session, mode) in [(Int64(1), SessionMode.parallel), (2, .sequential)] {
            queue.enqueue(ticket(session, 1), mode: mode, principal: alice, awaitsApproval: true)
            queue.enqueue(ticket(session, 2), mode: mode, principal: alice)
        }
        #expect(queue.takeReady() == [ticket(1, 2)])
        #expect(queue.waitingCount == 3)
        queue.approve(ticket(2, 1))
        queue.approve(ticket(1, 1))
        #expect(Set(queue.takeReady()) == [ticket(2, 1), ticket(1, 1)])
        queue.finished(ticket(2, 1))
        #expect(queue.takeReady() == [ticket(2, 2)])
    }

    @Test("removing the ticket that held back a session lets the next one run")
    func removeHead() {
        var queue = queue()
        queue.enqueue(ticket(1, 1), mode: .sequential, principal: alice, awaitsApproval: true)
        queue.enqueue(ticket(1, 2), mode: .sequential, principal: alice)
        #expect(queue.takeReady() == [])
        #expect(queue.remove(ticket(1, 1)) == true)
        #expect(queue.takeReady() == [ticket(1, 2)])
        #expect(queue.remove(ticket(1, 2)) == false)
        #expect(queue.remove(ticket(9, 9)) == false)
    }

    @Test("a removed ticket never runs, wherever it stood")
    func remove() {
        var queue = queue(total: 1)
        for number in 1...3 { queue.enqueue(ticket(1, number), mode: .parallel, principal: alice) }
        #expect(queue.remove(ticket(1, 2)) == true)
        #expect(queue.waitingCount == 2)
        #expect(queue.takeReady() == [ticket(1, 1)])
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady() == [ticket(1, 3)])
    }

    @Test("tickets found at work take their places, once")
    func occupy() {
        var queue = queue(total: 2)
        queue.occupy(ticket(1, 1), mode: .sequential, principal: alice)
        queue.occupy(ticket(1, 1), mode: .sequential, principal: alice)
        #expect(queue.runningCount == 1)
        queue.enqueue(ticket(1, 2), mode: .sequential, principal: alice)
        queue.enqueue(ticket(2, 1), mode: .parallel, principal: alice)
        queue.enqueue(ticket(3, 1), mode: .parallel, principal: alice)
        #expect(queue.takeReady() == [ticket(2, 1)])
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady().count == 1)
    }

    @Test("an end that is reported twice, or of an unknown ticket, frees nothing")
    func finishedTwice() {
        var queue = queue(total: 1)
        queue.enqueue(ticket(1, 1), mode: .parallel, principal: alice)
        queue.enqueue(ticket(1, 2), mode: .parallel, principal: alice)
        queue.enqueue(ticket(1, 3), mode: .parallel, principal: alice)
        #expect(queue.takeReady() == [ticket(1, 1)])
        queue.finished(ticket(7, 7))
        #expect(queue.takeReady() == [])
        queue.finished(ticket(1, 1))
        queue.finished(ticket(1, 1))
        #expect(queue.takeReady() == [ticket(1, 2)])
        #expect(queue.takeReady() == [])
    }
}
