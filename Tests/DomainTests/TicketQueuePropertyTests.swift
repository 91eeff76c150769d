import Core
import Domain
import TestSupport
import Testing

@Suite("The queue of tickets, whatever happens to it")
struct TicketQueuePropertyTests {
    /// What must hold of a queue, kept by hand beside it.
    private struct Model {
        let limits: RunningLimits
        var modes: [SessionID: SessionMode] = [:]
        var waiting: Set<TicketID> = []
        var awaiting: Set<TicketID> = []
        var running: [TicketID: PrincipalID] = [:]
        var principals: [TicketID: PrincipalID] = [:]
        var lastNumber: [SessionID: Int] = [:]
        var lastStarted: [SessionID: Int] = [:]
        /// For whom places are held.
        var held: [PrincipalID] = []

        /// Whether a place may be held for this principal now.
        func mayHold(for principal: PrincipalID) -> Bool {
            let ofPrincipal = (Array(running.values) + held).count { $0 == principal }
            return waiting.isSubset(of: awaiting) && running.count + held.count < limits.total
                && ofPrincipal < limits.perPrincipal
        }

        /// Whether the store would take a new ticket of this session in as starting.
        func hasRoom(_ session: SessionID) -> Bool {
            let unfinished = (Array(running.keys) + Array(waiting)).count { $0.session == session }
            return unfinished < (modes[session] == .parallel ? limits.perSession : 1)
        }

        /// Adds a ticket at the end of its session.
        mutating func add(_ session: SessionID, _ mode: SessionMode, of principal: PrincipalID) -> TicketID {
            let id = TicketID(session: session, number: (lastNumber[session] ?? 0) + 1)
            lastNumber[session] = id.number
            modes[session] = mode
            waiting.insert(id)
            principals[id] = principal
            return id
        }

        /// Takes a started ticket in; nil, or what is wrong.
        mutating func start(_ id: TicketID) -> String? {
            guard waiting.remove(id) != nil else { return "\(id) ran twice or was removed" }
            guard !awaiting.contains(id) else { return "\(id) ran without approval" }
            guard running.count + held.count < limits.total else { return "total limit at \(id)" }
            if modes[id.session] != .parallel, lastStarted[id.session] ?? 0 > id.number {
                return "\(id) out of order"
            }
            lastStarted[id.session] = id.number
            running[id] = principals[id]
            let ofSession = running.keys.count { $0.session == id.session }
            if ofSession > (modes[id.session] == .parallel ? limits.perSession : 1) {
                return "session limit at \(id)"
            }
            let ofPrincipal = (Array(running.values) + held).count { $0 == principals[id] }
            return ofPrincipal > limits.perPrincipal ? "principal limit at \(id)" : nil
        }

        /// A ticket that could run although nothing is being started; nil when none is being held up for no reason.
        ///
        /// Only the first ticket of a session counts: a later one may wait behind it for its principal.
        var stuck: TicketID? {
            guard held.isEmpty, running.count < limits.total else { return nil }
            return Dictionary(grouping: waiting, by: \.session).lazy.compactMap {
                session,
                tickets -> TicketID? in
                let ordered = tickets.sorted { $0.number < $1.number }
                let isParallel = modes[session] == .parallel
                let next = isParallel ? ordered.first { !awaiting.contains($0) } : ordered.first
                guard let next, !awaiting.contains(next), let principal = principals[next] else { return nil }
                let ofSession = running.keys.count { $0.session == session }
                let ofPrincipal = running.values.count { $0 == principal }
                let mayRun =
                    ofSession < (isParallel ? limits.perSession : 1) && ofPrincipal < limits.perPrincipal
                return mayRun ? next : nil
            }.first
        }
    }

    @Test(
        "limits are never exceeded, nothing that may run is held up, and everything runs in the end",
        arguments: 0..<40
    )
    func random(round: Int) {
        var generator = SeededGenerator()
        let limits = RunningLimits(
            total: .random(in: 1...6, using: &generator),
            perSession: .random(in: 1...4, using: &generator),
            perPrincipal: .random(in: 1...5, using: &generator)
        )
        var queue = TicketQueue(limits: limits)
        var model = Model(limits: limits)
        for step in 0..<600 {
            Self.perform(&queue, &model, using: &generator, draining: step % 200 > 120)
            let ready = queue.takeReady()
            if !ready.isEmpty, !model.held.isEmpty {
                Issue.record("started past a held place, step \(step), seed \(generator.seed)")
                return
            }
            for id in ready {
                if let problem = model.start(id) {
                    Issue.record("\(problem), step \(step), seed \(generator.seed)")
                    return
                }
            }
            let agrees =
                queue.runningCount == model.running.count && queue.waitingCount == model.waiting.count
            guard agrees, model.stuck == nil else {
                Issue.record("stuck \(String(describing: model.stuck)), step \(step), seed \(generator.seed)")
                return
            }
        }
        Self.drain(&queue, &model, seed: generator.seed)
    }

    private static func perform(
        _ queue: inout TicketQueue,
        _ model: inout Model,
        using generator: inout SeededGenerator,
        draining: Bool
    ) {
        switch Int.random(in: draining ? 4..<15 : 0..<15, using: &generator) {
        case 0..<4:
            let (session, mode, principal) = Self.someone(using: &generator)
            let id = model.add(session, mode, of: principal)
            let awaits = Int.random(in: 0..<5, using: &generator) == 0
            if awaits { model.awaiting.insert(id) }
            queue.enqueue(id, mode: mode, principal: principal, awaitsApproval: awaits)
        case 4..<8:
            guard let id = sorted(model.running.keys).randomElement(using: &generator) else { return }
            model.running[id] = nil
            queue.finished(id)
        case 8:
            guard let id = sorted(model.awaiting).randomElement(using: &generator) else { return }
            model.awaiting.remove(id)
            queue.approve(id)
        case 9..<11:
            let (_, _, principal) = Self.someone(using: &generator)
            let isHeld = queue.reserve(for: principal)
            #expect(isHeld == model.mayHold(for: principal), "seed \(generator.seed)")
            if isHeld { model.held.append(principal) }
        case 11..<14:
            guard !model.held.isEmpty else { return }
            settle(&queue, &model, using: &generator)
        default:
            guard let id = sorted(model.waiting).randomElement(using: &generator) else { return }
            model.waiting.remove(id)
            model.awaiting.remove(id)
            #expect(queue.remove(id) == true, "seed \(generator.seed)")
        }
    }

    private static func someone(
        using generator: inout SeededGenerator
    ) -> (SessionID, SessionMode, PrincipalID) {
        let session = SessionID(.random(in: 1...6, using: &generator))
        let mode = SessionMode.allCases[Int(session.rawValue) % 3]
        return (session, mode, PrincipalID("token:\(Int.random(in: 1...3, using: &generator))"))
    }

    /// Gives a held place back: for nothing, or with a ticket that starts in it, or that must wait after all.
    private static func settle(
        _ queue: inout TicketQueue,
        _ model: inout Model,
        using generator: inout SeededGenerator
    ) {
        let principal = model.held.remove(at: .random(in: model.held.indices, using: &generator))
        queue.giveBack(placeOf: principal)
        guard Int.random(in: 0..<4, using: &generator) > 0 else { return }
        let (session, mode, _) = someone(using: &generator)
        model.modes[session] = mode
        let starts = model.hasRoom(session)
        let id = model.add(session, mode, of: principal)
        guard starts else { return queue.enqueue(id, mode: mode, principal: principal) }
        queue.occupy(id, mode: mode, principal: principal)
        if let problem = model.start(id) {
            Issue.record("\(problem) in a held place, seed \(generator.seed)")
        }
    }

    /// In an order that does not depend on hashing, so that a seed gives the same run again.
    private static func sorted(_ ids: some Sequence<TicketID>) -> [TicketID] {
        ids.sorted { ($0.session, $0.number) < ($1.session, $1.number) }
    }

    private static func drain(_ queue: inout TicketQueue, _ model: inout Model, seed: UInt64) {
        for principal in model.held { queue.giveBack(placeOf: principal) }
        model.held = []
        for id in sorted(model.awaiting) { queue.approve(id) }
        model.awaiting = []
        var rounds = 0
        while !model.waiting.isEmpty || !model.running.isEmpty, rounds < 5_000 {
            rounds += 1
            for id in queue.takeReady() {
                if let problem = model.start(id) {
                    Issue.record("\(problem), draining, seed \(seed)")
                    return
                }
            }
            guard let id = sorted(model.running.keys).first else { break }
            model.running[id] = nil
            queue.finished(id)
        }
        #expect(model.waiting.isEmpty, "\(model.waiting.count) never ran, seed \(seed)")
        #expect(queue.waitingCount == 0)
        #expect(queue.runningCount == 0)
    }

    @Test("no session waits for more turns of the others than there are sessions")
    func starvation() {
        var generator = SeededGenerator()
        var queue = TicketQueue(limits: RunningLimits(total: 1, perSession: 8, perPrincipal: 8))
        for session in 1...10 {
            for number in 1...(session == 1 ? 400 : 5) {
                queue.enqueue(
                    TicketID(session: SessionID(Int64(session)), number: number),
                    mode: .parallel,
                    principal: .hash
                )
            }
        }
        var lastTurn: [SessionID: Int] = [:]
        for turn in 1...44 {
            guard let id = queue.takeReady().first else { break }
            if let last = lastTurn[id.session] { #expect(turn - last <= 10, "seed \(generator.seed)") }
            lastTurn[id.session] = turn
            queue.finished(id)
            // Newcomers to the long session do not push anybody back.
            if Bool.random(using: &generator) {
                queue.enqueue(
                    TicketID(session: SessionID(1), number: 1_000 + turn),
                    mode: .parallel,
                    principal: .hash
                )
            }
        }
        #expect(lastTurn.count == 10)
    }

    @Test("a hundred thousand waiting tickets cost each input no more than ten")
    func cost() {
        func time(_ count: Int) -> Duration {
            var queue = TicketQueue(limits: RunningLimits(total: 8, perSession: 8, perPrincipal: 8))
            for number in 1...count {
                queue.enqueue(
                    TicketID(session: SessionID(1), number: number),
                    mode: .parallel,
                    principal: .hash
                )
            }
            return ContinuousClock().measure {
                for step in 0..<2_000 {
                    for id in queue.takeReady() { queue.finished(id) }
                    queue.enqueue(
                        TicketID(session: SessionID(1), number: count + step + 1),
                        mode: .parallel,
                        principal: .hash
                    )
                }
            }
        }
        // Ten times as many waiting; a linear cost would make it ten times as slow. One quiet moment is enough to see.
        var seen: [String] = []
        for _ in 0..<8 {
            let small = time(20_000)
            let large = time(200_000)
            if large < small * 5 + .milliseconds(50) { return }
            seen.append("\(small) and \(large)")
        }
        Issue.record("\(seen)")
    }
}
