internal import Core
internal import Domain
internal import SQL

/// Sessions and tickets as rows; the verbs are in the extensions, by subject.
struct SQLTicketStore: TicketStore {
    let gate: StorageGate
}

extension Connection {
    /// The session of this name, or nil.
    func session(named name: SessionName) throws -> Session? {
        try first("select \(SessionRow.columns) from sessions where name = \(name.rawValue)")
            .map(SessionRow.session)
    }

    /// The session with this identity, or nil.
    func session(_ id: SessionID) throws -> Session? {
        try first("select \(SessionRow.columns) from sessions where id = \(id.rawValue)").map(
            SessionRow.session
        )
    }

    /// Stores a session; nil when the name is taken.
    func insert(_ draft: SessionDraft, by principal: PrincipalID, at now: Timestamp) throws -> Session? {
        try first(
            """
            insert into sessions (name, mode, directory, environment, limits, created_by, created)
            values (\(draft.name.rawValue), \(draft.mode.rawValue), \(draft.workingDirectory),
                \(OptionsText.text(draft.environment)), \(OptionsText.text(draft.limits)), \(principal.rawValue), \(now))
            on conflict (name) do nothing returning \(SessionRow.columns)
            """
        ).map(SessionRow.session)
    }

    /// The ticket, or nil.
    func ticket(_ id: TicketID) throws -> Ticket? {
        guard let key = id.rowKey else { return nil }
        return try first("select \(TicketRow.columns) from \(TicketRow.tables) where t.id = \(key)")
            .map(TicketRow.ticket)
    }

    /// Changes one of the totals.
    func count(_ counter: Counter, by difference: Int64) throws {
        guard difference != 0 else { return }
        try execute("update counters set value = value + \(difference) where name = \(counter.rawValue)")
    }

    /// Reads one of the totals.
    func total(_ counter: Counter) throws -> Int64 {
        try first("select value from counters where name = \(counter.rawValue)")?.get("value") ?? 0
    }
}

/// The totals that are kept in the table `counters`.
enum Counter: String {
    /// Tickets in the state `queued`.
    case queued
    /// Bytes of output on the disk, of tickets that are over.
    case keptBytes = "kept_bytes"
    /// The number of the latest change of an approval.
    case approvalChanges = "approval_changes"
}
