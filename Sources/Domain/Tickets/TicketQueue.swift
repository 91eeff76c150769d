internal import Core

/// How many tickets may run at a time.
public struct RunningLimits: Sendable, Equatable {
    /// In all.
    public var total: Int
    /// In one session.
    public var perSession: Int
    /// Of one principal.
    public var perPrincipal: Int

    /// Makes limits; the blueprint's defaults.
    public init(total: Int = 32, perSession: Int = 8, perPrincipal: Int = 32) {
        self.total = total
        self.perSession = perSession
        self.perPrincipal = perPrincipal
    }
}

/// Which ticket runs next: a pure state machine, fair between sessions.
///
/// Sessions that have something to run stand in a ring and are served in turn. A session that may not run more now,
/// or whose next ticket belongs to a principal at its limit, is parked outside the ring until a place is freed, so
/// that the cost of each input does not depend on how many tickets or sessions wait.
public struct TicketQueue: Sendable {
    private struct Entry {
        let number: Int
        let principal: PrincipalID
        var awaitsApproval: Bool
    }

    private struct Lane {
        var mode: SessionMode
        var waiting = Deque<Entry>()
        var running = 0
        var isInRing = false
    }

    private let limits: RunningLimits
    private var lanes: [SessionID: Lane] = [:]
    private var ring = Deque<SessionID>()
    private var running: [TicketID: PrincipalID] = [:]
    private var runningByPrincipal: [PrincipalID: Int] = [:]
    private var parked: [PrincipalID: Set<SessionID>] = [:]
    private var reserved: [PrincipalID: Int] = [:]
    private var reservedCount = 0

    /// Tickets that wait, those for approval included.
    public private(set) var waitingCount = 0
    /// Those among them that a person has to decide about first.
    private var askingCount = 0

    /// Makes an empty queue.
    public init(limits: RunningLimits) { self.limits = limits }

    /// How many places are taken.
    public var runningCount: Int { running.count }

    /// Adds a ticket in the place of its number: those of a session run in the order in which they were stored, whatever
    /// order they come here.
    ///
    /// One that awaits approval is not taken until ``approve(_:)``; in a sequential session it holds back those behind it.
    public mutating func enqueue(
        _ ticket: TicketID,
        mode: SessionMode,
        principal: PrincipalID,
        awaitsApproval: Bool = false
    ) {
        let entry = Entry(number: ticket.number, principal: principal, awaitsApproval: awaitsApproval)
        lanes[ticket.session, default: Lane(mode: mode)].waiting.insert(entry) {
            $0.number > entry.number
        }
        waitingCount += 1
        if awaitsApproval { askingCount += 1 }
        addToRing(ticket.session)
    }

    /// Takes a place for a ticket that runs already (found after a restart).
    public mutating func occupy(_ ticket: TicketID, mode: SessionMode, principal: PrincipalID) {
        guard running[ticket] == nil else { return }
        lanes[ticket.session, default: Lane(mode: mode)].running += 1
        running[ticket] = principal
        runningByPrincipal[principal, default: 0] += 1
    }

    /// Holds a free place for a ticket that is about to be stored; false when there is none, or somebody waits for one.
    ///
    /// Until it is given back, nothing is taken: a ticket that is stored later must not start before.
    public mutating func reserve(for principal: PrincipalID) -> Bool {
        guard waitingCount == askingCount, running.count + reservedCount < limits.total,
            runningByPrincipal[principal, default: 0] + reserved[principal, default: 0] < limits.perPrincipal
        else { return false }
        reserved[principal, default: 0] += 1
        reservedCount += 1
        return true
    }

    /// Gives back a place that was held; ``occupy(_:mode:principal:)`` takes it for the ticket.
    public mutating func giveBack(placeOf principal: PrincipalID) {
        guard let count = reserved[principal] else { return }
        reserved[principal] = count > 1 ? count - 1 : nil
        reservedCount -= 1
    }

    /// Whether the ticket has a place.
    public func isRunning(_ ticket: TicketID) -> Bool { running[ticket] != nil }

    /// Lets a ticket that waited for approval run in its turn.
    public mutating func approve(_ ticket: TicketID) {
        guard var lane = lanes[ticket.session] else { return }
        lane.waiting.update { entry in
            guard entry.number == ticket.number, entry.awaitsApproval else { return }
            entry.awaitsApproval = false
            askingCount -= 1
        }
        lanes[ticket.session] = lane
        addToRing(ticket.session)
    }

    /// Takes a waiting ticket out; false when it does not wait here.
    public mutating func remove(_ ticket: TicketID) -> Bool {
        guard var lane = lanes[ticket.session],
            let index = lane.waiting.firstIndex(where: { $0.number == ticket.number })
        else { return false }
        if lane.waiting[index].awaitsApproval { askingCount -= 1 }
        lane.waiting.remove(at: index)
        waitingCount -= 1
        lanes[ticket.session] = lane
        addToRing(ticket.session)
        forgetIfIdle(ticket.session)
        return true
    }

    /// Gives back the place of a ticket that is over; unknown tickets are ignored.
    public mutating func finished(_ ticket: TicketID) {
        guard let principal = running.removeValue(forKey: ticket) else { return }
        runningByPrincipal[principal, default: 1] -= 1
        if runningByPrincipal[principal] == 0 { runningByPrincipal[principal] = nil }
        lanes[ticket.session]?.running -= 1
        addToRing(ticket.session)
        for session in parked.removeValue(forKey: principal) ?? [] { addToRing(session) }
        forgetIfIdle(ticket.session)
    }

    /// Takes the tickets that may run now, in order; their places count as taken.
    public mutating func takeReady() -> [TicketID] {
        var ready: [TicketID] = []
        guard reservedCount == 0 else { return [] }
        while running.count < limits.total, let session = ring.popFirst() {
            guard var lane = lanes[session] else { continue }
            lane.isInRing = false
            defer {
                lanes[session] = lane
                forgetIfIdle(session)
            }
            let allowed = lane.mode == .parallel ? limits.perSession : 1
            guard lane.running < allowed, let index = nextIndex(in: lane) else { continue }
            let entry = lane.waiting[index]
            if runningByPrincipal[entry.principal, default: 0] >= limits.perPrincipal {
                parked[entry.principal, default: []].insert(session)
                continue
            }
            lane.waiting.remove(at: index)
            waitingCount -= 1
            lane.running += 1
            let ticket = TicketID(session: session, number: entry.number)
            running[ticket] = entry.principal
            runningByPrincipal[entry.principal, default: 0] += 1
            ready.append(ticket)
            if !lane.waiting.isEmpty {
                lane.isInRing = true
                ring.append(session)
            }
        }
        return ready
    }

    /// The entry to run next: the first one, or in a parallel session the first that does not await approval.
    private func nextIndex(in lane: Lane) -> Int? {
        guard let first = lane.waiting.first else { return nil }
        if !first.awaitsApproval { return 0 }
        return lane.mode == .parallel ? lane.waiting.firstIndex { !$0.awaitsApproval } : nil
    }

    private mutating func addToRing(_ session: SessionID) {
        guard let lane = lanes[session], !lane.isInRing, !lane.waiting.isEmpty else { return }
        lanes[session]?.isInRing = true
        ring.append(session)
    }

    private mutating func forgetIfIdle(_ session: SessionID) {
        guard let lane = lanes[session], lane.running == 0, lane.waiting.isEmpty, !lane.isInRing else {
            return
        }
        lanes[session] = nil
    }
}
