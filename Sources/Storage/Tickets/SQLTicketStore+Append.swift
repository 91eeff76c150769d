internal import Core
internal import Domain
internal import SQL

extension SQLTicketStore {
    func append(
        _ draft: TicketDraft,
        to session: SessionReference,
        maximumQueued: Int,
        at now: Timestamp
    ) async throws -> AppendedTicket {
        try await gate.write { db in
            let session = try db.session(for: draft, session, at: now)
            guard session.takesTickets(of: draft.submittedBy) else {
                throw Failure.sessionNotAvailable(session.name)
            }
            if draft.needsPlainSession, !session.isPlain { throw Failure.sessionChanged(session.name) }
            if let earlier = try db.earlierTicket(like: draft, in: session, at: now) {
                return AppendedTicket(ticket: earlier, session: session, wasCached: true)
            }
            var draft = draft
            if try db.mayStart(draft, in: session) { draft.state = .starting }
            if draft.state == .queued { try db.takeQueuePlace(of: maximumQueued) }
            return try db.insert(draft, into: session, at: now)
        }
    }
}

extension Connection {
    fileprivate func session(
        for draft: TicketDraft,
        _ reference: SessionReference,
        at now: Timestamp
    ) throws -> Session {
        switch reference {
        case .existing(let id):
            guard let session = try session(id) else {
                throw Failure(
                    .notFound,
                    code: "session_not_found",
                    message: "There is no such session.",
                    hint: "Make one, or submit to a name."
                )
            }
            return session
        case .named(let name):
            if let session = try session(named: name) { return session }
            guard let session = try insert(SessionDraft(name: name), by: draft.submittedBy, at: now) else {
                throw SQLError(.shape, message: "a session is neither there nor can be made")
            }
            return session
        }
    }

    /// The ticket that this submission repeats, by its key; or, without a key, within the window.
    fileprivate func earlierTicket(like draft: TicketDraft, in session: Session, at now: Timestamp) throws
        -> Ticket?
    {
        if let key = draft.key {
            let row = try first(
                """
                select \(TicketRow.columns) from \(TicketRow.tables)
                where t.session_id = \(session.id.rawValue) and t.key = \(key.rawValue)
                """
            )
            guard let ticket = try row.map(TicketRow.ticket) else { return nil }
            guard ticket.command.utf8.elementsEqual(draft.command.utf8) else {
                throw Failure(
                    .conflict,
                    code: "key_reused",
                    message:
                        "The key was used for another command: ticket \(ticket.id.number) of this session.",
                    hint: "Use a new key for a new command."
                )
            }
            return ticket
        }
        guard let window = draft.repeatWindow, session.lastNumber > 0,
            let latest = try ticket(TicketID(session: session.id, number: session.lastNumber)),
            now - latest.created < window,
            latest.command.utf8.elementsEqual(draft.command.utf8),
            Self.areEqual(latest.options, draft.options)
        else { return nil }
        return latest
    }

    /// Byte by byte: as `String`s, texts that only differ in their Unicode normal form are equal.
    private static func areEqual(_ left: TicketOptions, _ right: TicketOptions) -> Bool {
        (OptionsText.text(left) ?? "").utf8.elementsEqual((OptionsText.text(right) ?? "").utf8)
    }

    fileprivate func mayStart(_ draft: TicketDraft, in session: Session) throws -> Bool {
        guard draft.state == .queued, let place = draft.place else { return false }
        guard session.lastNumber > 0 else { return true }
        let room = session.mode == .parallel ? place.perSession : 1
        let unfinished: Int64? = try first(
            """
            select count(*) as unfinished from (
                select 1 from tickets where ended is null and id > \(session.id.firstRowKey)
                    and id <= \(session.id.lastRowKey) limit \(room)
            )
            """
        )?.get("unfinished")
        return unfinished.map { $0 < Int64(room) } ?? false
    }

    fileprivate func takeQueuePlace(of maximum: Int) throws {
        let taken = try execute(
            "update counters set value = value + 1 where name = \(Counter.queued.rawValue) and value < \(maximum)"
        )
        guard taken == 1 else {
            throw Failure(
                .rateLimited,
                code: "queue_full",
                message: "\(maximum) tickets wait already; this one was not stored.",
                hint: "Submit again when some of them are over.",
                retryAfter: .seconds(5)
            )
        }
    }

    fileprivate func insert(_ draft: TicketDraft, into session: Session, at now: Timestamp) throws
        -> AppendedTicket
    {
        // The session was read in this transaction, so nobody else has counted meanwhile.
        var session = session
        session.lastNumber += 1
        var ticket = Ticket(
            id: TicketID(session: session.id, number: session.lastNumber),
            sessionName: session.name,
            command: draft.command,
            origin: draft.origin,
            submittedBy: draft.submittedBy,
            key: draft.key,
            options: draft.options,
            created: now,
            state: draft.state,
            run: nil,
            inlineOutput: nil
        )
        ticket.nonce = Int64.random(in: 1...Int64.max)
        guard let key = ticket.id.rowKey else {
            throw Failure(
                .unprocessable,
                code: "session_full",
                message: "This session has used all its ticket numbers.",
                hint: "Use another session."
            )
        }
        try execute(
            "update sessions set last_number = \(session.lastNumber) where id = \(session.id.rawValue)"
        )
        try execute(
            """
            insert into tickets (id, session_id, number, state, reason, command, origin, submitted_by, key, options,
                created, ended, claimed, boot_id, nonce)
            values (\(key), \(session.id.rawValue), \(ticket.id.number), \(draft.state.word), \(draft.state.reason),
                \(draft.command), \(draft.origin.rawValue), \(draft.submittedBy.rawValue), \(draft.key?.rawValue),
                \(OptionsText.text(draft.options)), \(now), \(draft.state.isTerminal ? now : nil),
                \(draft.state == .starting ? now : nil), \(draft.state == .starting ? draft.place?.bootID : nil),
                \(ticket.nonce))
            """
        )
        if draft.state == .starting {
            let command = draft.command
            try record(.start(of: ticket.id, command: command, by: draft.submittedBy, at: now))
        } else if draft.state.isTerminal {
            try record(.end(of: ticket, at: now))
        }
        let approval = try draft.approval.map { try insert($0, about: .run(ticket.id), under: key, at: now) }
        return AppendedTicket(ticket: ticket, session: session, wasCached: false, approval: approval)
    }
}
