internal import Core
internal import Domain
internal import SQL

extension SQLTicketStore {
    func createSession(
        _ draft: SessionDraft,
        by principal: PrincipalID,
        at now: Timestamp
    ) async throws -> Session {
        try await gate.write { db in
            guard let session = try db.insert(draft, by: principal, at: now) else {
                throw Failure(
                    .conflict,
                    code: "session_exists",
                    message: "There is a session of this name already.",
                    hint: "Use it, or choose another name."
                )
            }
            return session
        }
    }

    func session(named name: SessionName) async throws -> Session? {
        try await gate.read { db in try db.session(named: name) }
    }

    func session(_ id: SessionID) async throws -> Session? {
        try await gate.read { db in try db.session(id) }
    }

    func sessions(after cursor: SessionID?, limit: Int) async throws -> Page<Session> {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(SessionRow.columns) from sessions where id > \(cursor?.rawValue ?? 0)
                order by id limit \(Page<Session>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, SessionRow.session)
        }
    }

    func sessions(madeBy principal: PrincipalID, after cursor: SessionID?, limit: Int) async throws -> Page<
        Session
    > {
        try await gate.read { db in
            let rows = try db.all(
                """
                select \(SessionRow.columns) from sessions
                where id > \(cursor?.rawValue ?? 0) and created_by = \(principal.rawValue)
                order by id limit \(Page<Session>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, SessionRow.session)
        }
    }

    func deleteSession(_ id: SessionID) async throws -> Bool {
        try await gate.write { db in
            let (low, high) = (id.firstRowKey, id.lastRowKey)
            let isBusy =
                try db.first(
                    "select 1 from tickets where ended is null and id > \(low) and id <= \(high) limit 1"
                ) != nil
            guard !isBusy else {
                throw Failure(
                    .conflict,
                    code: "session_busy",
                    message: "A ticket of this session is not over yet.",
                    hint: "Cancel it or wait for it, then delete the session."
                )
            }
            let kept: Int64? = try db.first(
                "select sum(kept_bytes) as kept from tickets where id > \(low) and id <= \(high)"
            )?.get("kept")
            try db.execute("delete from tickets where id > \(low) and id <= \(high)")
            try db.execute("delete from approvals where ticket_id > \(low) and ticket_id <= \(high)")
            try db.count(.keptBytes, by: -(kept ?? 0))
            return try db.execute("delete from sessions where id = \(id.rawValue)") > 0
        }
    }
}

extension Page {
    /// How many rows to ask for: one more than the page holds shows whether there are more.
    static func rows(for limit: Int) -> Int { Swift.max(limit, 0) + 1 }

    /// Makes a page of rows of which the last one may be too many.
    init(_ rows: [SQLRow], limit: Int, _ element: (SQLRow) throws -> Element) throws {
        let limit = Swift.max(limit, 0)
        self.init(elements: try rows.prefix(limit).map(element), hasMore: rows.count > limit)
    }
}
