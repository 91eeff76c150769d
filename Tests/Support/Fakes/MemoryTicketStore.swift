public import Core
public import Domain
internal import Synchronization

/// Sessions and tickets in memory, with failures on demand.
public final class MemoryTicketStore: TicketStore {
    struct Row {
        var ticket: Ticket
        var bootID: String?
        var isCancelRequested = false
    }

    struct State {
        var sessions: [SessionID: Session] = [:]
        var names: [SessionName: SessionID] = [:]
        var rows: [TicketID: Row] = [:]
        var nextSession: Int64 = 1
        var failures: [StoreVerb: Int] = [:]
        var calls: [StoreVerb: Int] = [:]
    }

    let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// The verbs that can be made to fail.
    public enum StoreVerb: Sendable, Hashable {
        case append, markStarting, finish, ticket, cancel
    }

    /// What a failing verb throws: internal, as a broken disk would be.
    public struct Broken: Error {
        /// Makes the error.
        public init() {}
    }

    /// Makes the next `times` calls of a verb fail.
    public func fail(_ verb: StoreVerb, times: Int) { state.withLock { $0.failures[verb] = times } }

    /// How often a verb was called, failed calls included.
    public func calls(of verb: StoreVerb) -> Int { state.withLock { $0.calls[verb] ?? 0 } }

    private func enter(_ verb: StoreVerb, _ state: inout State) throws {
        state.calls[verb, default: 0] += 1
        guard let left = state.failures[verb], left > 0 else { return }
        state.failures[verb] = left - 1
        throw Broken()
    }

    // MARK: Sessions

    /// As the port says.
    public func createSession(_ draft: SessionDraft, by principal: PrincipalID, at now: Timestamp)
        async throws -> Session
    {
        try state.withLock { state in
            guard state.names[draft.name] == nil else {
                throw Failure(
                    .conflict,
                    code: "session_exists",
                    message: "There is a session named \(draft.name) already."
                )
            }
            return Self.create(draft, principal, now, &state)
        }
    }

    private static func create(
        _ draft: SessionDraft,
        _ principal: PrincipalID,
        _ now: Timestamp,
        _ state: inout State
    ) -> Session {
        let id = SessionID(state.nextSession)
        state.nextSession += 1
        let session = Session(
            id: id,
            name: draft.name,
            mode: draft.mode,
            workingDirectory: draft.workingDirectory,
            environment: draft.environment,
            limits: draft.limits,
            createdBy: principal,
            created: now,
            lastNumber: 0
        )
        state.sessions[id] = session
        state.names[draft.name] = id
        return session
    }

    /// As the port says.
    public func session(named name: SessionName) async throws -> Session? {
        state.withLock { state in state.names[name].flatMap { state.sessions[$0] } }
    }

    /// As the port says.
    public func session(_ id: SessionID) async throws -> Session? { state.withLock { $0.sessions[id] } }

    /// As the port says.
    public func sessions(after cursor: SessionID?, limit: Int) async throws -> Page<Session> {
        let all = state.withLock { $0.sessions.values.sorted { $0.id < $1.id } }
        let rest = all.filter { session in cursor.map { session.id > $0 } ?? true }
        return Page(elements: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }

    /// As the port says.
    public func sessions(madeBy principal: PrincipalID, after cursor: SessionID?, limit: Int) async throws
        -> Page<Session>
    {
        let all = state.withLock { $0.sessions.values.sorted { $0.id < $1.id } }
        let rest = all.filter { session in
            session.createdBy == principal && (cursor.map { session.id > $0 } ?? true)
        }
        return Page(elements: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }

    /// As the port says.
    public func sessions(
        matching words: String,
        madeBy maker: PrincipalID?,
        after cursor: SessionID?,
        limit: Int
    ) async throws -> SearchPage<Session, SessionID> {
        let all = state.withLock { $0.sessions.values.sorted { $0.id < $1.id } }
        let found = all.filter { session in
            session.name.rawValue.lowercased().contains(words.lowercased())
                && (maker.map { session.createdBy == $0 } ?? true) && (cursor.map { session.id > $0 } ?? true)
        }
        let elements = Array(found.prefix(limit))
        return SearchPage(elements: elements, next: found.count > limit ? elements.last?.id : nil)
    }

    /// As the port says.
    public func deleteSession(_ id: SessionID) async throws -> Bool {
        try state.withLock { state in
            guard let session = state.sessions[id] else { return false }
            guard state.rows.values.allSatisfy({ $0.ticket.id.session != id || $0.ticket.state.isTerminal })
            else {
                throw Failure(
                    .conflict,
                    code: "session_busy",
                    message: "A ticket of this session is not over."
                )
            }
            state.sessions[id] = nil
            state.names[session.name] = nil
            state.rows = state.rows.filter { $0.key.session != id }
            return true
        }
    }

    // MARK: Tickets

    /// As the port says.
    public func append(
        _ draft: TicketDraft,
        to session: SessionReference,
        maximumQueued: Int,
        at now: Timestamp
    ) async throws -> AppendedTicket {
        try state.withLock { state in
            try enter(.append, &state)
            let target = try Self.find(session, draft, now, &state)
            guard target.takesTickets(of: draft.submittedBy) else {
                throw Failure.sessionNotAvailable(target.name)
            }
            if draft.needsPlainSession, !target.isPlain { throw Failure.sessionChanged(target.name) }
            if let earlier = try Self.earlier(draft, in: target, now, state) {
                return AppendedTicket(ticket: earlier, session: target, wasCached: true)
            }
            let room = target.mode == .parallel ? draft.place?.perSession ?? 0 : draft.place == nil ? 0 : 1
            let unfinished = state.rows.values.count {
                $0.ticket.id.session == target.id && !$0.ticket.state.isTerminal
            }
            let starts = draft.state == .queued && unfinished < room
            guard starts || state.rows.values.count(where: { $0.ticket.state == .queued }) < maximumQueued
            else {
                throw Failure(
                    .rateLimited,
                    code: "queue_full",
                    message: "Too many tickets wait.",
                    hint: "Try again later.",
                    retryAfter: .seconds(5)
                )
            }
            let id = TicketID(session: target.id, number: target.lastNumber + 1)
            let ticket = Ticket(
                id: id,
                sessionName: target.name,
                command: draft.command,
                origin: draft.origin,
                submittedBy: draft.submittedBy,
                key: draft.key,
                options: draft.options,
                created: now,
                state: starts ? .starting : draft.state,
                run: nil,
                inlineOutput: nil
            )
            state.rows[id] = Row(ticket: ticket, bootID: starts ? draft.place?.bootID : nil)
            let counted = Self.counting(target, id.number)
            state.sessions[target.id] = counted
            return AppendedTicket(ticket: ticket, session: counted, wasCached: false)
        }
    }

    private static func find(
        _ reference: SessionReference,
        _ draft: TicketDraft,
        _ now: Timestamp,
        _ state: inout State
    ) throws -> Session {
        switch reference {
        case .existing(let id):
            guard let session = state.sessions[id] else {
                throw Failure(.notFound, code: "session_not_found", message: "There is no such session.")
            }
            return session
        case .named(let name):
            if let id = state.names[name], let session = state.sessions[id] { return session }
            return create(SessionDraft(name: name), draft.submittedBy, now, &state)
        }
    }

    private static func earlier(
        _ draft: TicketDraft,
        in session: Session,
        _ now: Timestamp,
        _ state: State
    ) throws -> Ticket? {
        if let key = draft.key {
            let known = state.rows.values.first { $0.ticket.id.session == session.id && $0.ticket.key == key }
            guard let known else { return nil }
            guard known.ticket.command == draft.command else {
                throw Failure(.conflict, code: "key_reused", message: "This key belongs to another command.")
            }
            return known.ticket
        }
        guard let window = draft.repeatWindow,
            let latest = state.rows[TicketID(session: session.id, number: session.lastNumber)]?.ticket,
            latest.command == draft.command, latest.options == draft.options, now - latest.created < window
        else { return nil }
        return latest
    }

    static func counting(_ session: Session, _ number: Int) -> Session {
        Session(
            id: session.id,
            name: session.name,
            mode: session.mode,
            workingDirectory: session.workingDirectory,
            environment: session.environment,
            limits: session.limits,
            createdBy: session.createdBy,
            created: session.created,
            lastNumber: number
        )
    }

    /// As the port says.
    public func markStarting(_ tickets: [TicketID], bootID: String, at now: Timestamp) async throws -> Set<
        TicketID
    > {
        try state.withLock { state in
            try enter(.markStarting, &state)
            var marked: Set<TicketID> = []
            for id in tickets where state.rows[id]?.ticket.state == .queued {
                state.rows[id]?.ticket.state = .starting
                state.rows[id]?.bootID = bootID
                marked.insert(id)
            }
            return marked
        }
    }

    /// As the port says.
    public func finish(
        _ ticket: TicketID,
        as end: TicketState,
        run: RunFacts?,
        inlineOutput: InlineOutput?,
        at now: Timestamp
    ) async throws -> Ticket? {
        try state.withLock { state in
            try enter(.finish, &state)
            guard var row = state.rows[ticket] else { return nil }
            if !row.ticket.state.isTerminal {
                row.ticket.state = end
                row.ticket.run = run
                row.ticket.inlineOutput = inlineOutput
                state.rows[ticket] = row
            }
            return row.ticket
        }
    }

    /// As the port says.
    public func cancel(_ ticket: TicketID, at now: Timestamp) async throws -> Ticket? {
        try state.withLock { state in
            try enter(.cancel, &state)
            guard var row = state.rows[ticket] else { return nil }
            switch row.ticket.state {
            case .queued, .awaitingApproval:
                row.ticket.state = .cancelled
                row.ticket.run = RunFacts(started: nil, finished: now)
            case .starting: row.isCancelRequested = true
            default: break
            }
            state.rows[ticket] = row
            return row.ticket
        }
    }

    /// As the port says.
    public func keep(_ size: TerminalSize, of ticket: TicketID) async throws {
        state.withLock { state in
            guard let row = state.rows[ticket], !row.ticket.state.isTerminal,
                row.ticket.options.terminal != nil
            else { return }
            state.rows[ticket]?.ticket.options.terminal = size
        }
    }

    /// As the port says.
    public func ticket(_ id: TicketID) async throws -> Ticket? {
        try state.withLock { state in
            try enter(.ticket, &state)
            return state.rows[id]?.ticket
        }
    }

    /// As the port says.
    public func ticket(number: Int, inSessionNamed name: SessionName) async throws -> Ticket? {
        state.withLock { state in
            state.names[name].flatMap { state.rows[TicketID(session: $0, number: number)]?.ticket }
        }
    }

    /// As the port says.
    public func ticket(key: IdempotencyKey, inSessionNamed name: SessionName) async throws -> Ticket? {
        state.withLock { state in
            guard let session = state.names[name] else { return nil }
            return state.rows.values.first { $0.ticket.id.session == session && $0.ticket.key == key }?.ticket
        }
    }

    /// As the port says.
    public func tickets(
        in session: SessionID,
        after number: Int?,
        limit: Int,
        bytes: Int,
        newestFirst: Bool
    ) async throws -> Page<Ticket> {
        let all = state.withLock { state in
            state.rows.values.map(\.ticket).filter { $0.id.session == session }.sorted {
                $0.id.number < $1.id.number
            }
        }
        let rest =
            newestFirst
            ? all.reversed().filter { ticket in number.map { ticket.id.number < $0 } ?? true }
            : all.filter { $0.id.number > number ?? 0 }
        var left = bytes
        let page = rest.prefix(limit).enumerated().prefix { index, ticket in
            let size = ticket.command.utf8.count
            defer { left -= min(size, left) }
            return index == 0 || size <= left
        }
        return Page(elements: page.map(\.element), hasMore: rest.count > page.count)
    }

    /// As the port says.
    public func tickets(
        matching words: String,
        in session: SessionID,
        after number: Int?,
        limit: Int,
        newestFirst: Bool
    ) async throws -> SearchPage<Ticket, Int> {
        let all = try await tickets(
            in: session,
            after: number,
            limit: .max,
            bytes: .max,
            newestFirst: newestFirst
        )
        let found = all.elements.filter { $0.command.lowercased().contains(words.lowercased()) }
        let elements = Array(found.prefix(limit))
        return SearchPage(elements: elements, next: found.count > limit ? elements.last?.id.number : nil)
    }
}
