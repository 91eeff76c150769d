internal import Core
internal import Domain
internal import SQL

/// Deltas as rows of a database of their own.
struct SQLChatDeltaStore: ChatDeltaStore {
    /// So many rows are removed in one step, so that writers never wait long.
    private static let stepRows = 2_000
    let gate: StorageGate

    func append(_ events: [ChatEvent], to chat: ChatID) async throws {
        guard !events.isEmpty else { return }
        try await gate.write { db in
            for event in events {
                try db.execute(
                    """
                    insert into deltas (id, turn_id, time, kind, json)
                    values (\(try chat.rowKey(event.number)), \(event.turn.rawValue), \(event.time),
                        \(event.kind.rawValue), \(event.json))
                    """
                )
            }
        }
    }

    func events(of chat: ChatID, after number: Int64, through last: Int64, limit: Int) async throws
        -> [ChatEvent]
    {
        try await gate.read { db in
            try db.all(
                """
                select \(EventRow.deltaColumns) from deltas
                where id > \(chat.nearestRowKey(number)) and id <= \(chat.nearestRowKey(last)) order by id
                limit \(max(limit, 0))
                """
            ).map(EventRow.event)
        }
    }

    /// Looks from the newest to the oldest, and no further than the turn: the one that is asked for is mostly the last.
    func events(of turn: TurnID, in chat: ChatID) async throws -> [ChatEvent] {
        try await gate.read { db in
            var events: [ChatEvent] = []
            try db.forEach(
                """
                select \(EventRow.deltaColumns) from deltas
                where id > \(chat.firstRowKey) and id <= \(chat.lastRowKey) order by id desc
                """
            ) { row in
                let event = try EventRow.event(row)
                if event.turn == turn { events.append(event) }
                return event.turn >= turn
            }
            return events.reversed()
        }
    }

    func lastNumber(of chat: ChatID) async throws -> Int64 {
        try await gate.read { db in
            let last: Int64? = try db.first(
                "select max(id) from deltas where id > \(chat.firstRowKey) and id <= \(chat.lastRowKey)"
            )?.get(0)
            return (last ?? 0) & 0xFFFF_FFFF
        }
    }

    func remove(_ chats: [ChatID]) async throws {
        for chat in chats { while try await removeOldest(of: chat, before: nil) {} }
    }

    func removeOld(before deadline: Timestamp, except kept: Set<ChatID>) async throws {
        var last = ChatID(0)
        while let chat = try await chat(after: last) {
            last = chat
            guard !kept.contains(chat) else { continue }
            while try await removeOldest(of: chat, before: deadline) {}
        }
    }

    private func chat(after chat: ChatID) async throws -> ChatID? {
        try await gate.read { db in
            let next: Int64? = try db.first("select min(id) from deltas where id > \(chat.lastRowKey)")?.get(
                0
            )
            return next.map { ChatID($0 >> 32) }
        }
    }

    /// Removes some of a chat's first deltas; false when none is left that is old enough.
    ///
    /// Times rise with the numbers, so the first one that is too young ends it.
    private func removeOldest(of chat: ChatID, before deadline: Timestamp?) async throws -> Bool {
        let limit = Self.stepRows
        let edge = try await gate.read { db in
            var edge: Int64?
            try db.forEach(
                """
                select id, time from deltas where id > \(chat.firstRowKey) and id <= \(chat.lastRowKey)
                order by id limit \(limit)
                """
            ) { row in
                if let deadline, try row.get(1, as: Timestamp.self) >= deadline { return false }
                edge = try row.get(0)
                return true
            }
            return edge
        }
        guard let edge else { return false }
        return try await gate.write { db in
            try db.execute("delete from deltas where id > \(chat.firstRowKey) and id <= \(edge)") >= limit
        }
    }
}
