internal import Core
internal import Domain
internal import SQL

extension SQLChatStore {
    func events(of chat: ChatID, owner: PrincipalID, after number: Int64, limit: Int) async throws
        -> [ChatEvent]
    {
        let owned = owned(by: owner)
        return try await gate.read { db in
            guard try db.first("select 1 from chats where id = \(chat.rawValue) and \(owned)") != nil else {
                return []
            }
            return try db.all(
                """
                select \(EventRow.columns) from chat_events
                where id > \(chat.nearestRowKey(number)) and id <= \(chat.lastRowKey) order by id
                limit \(max(limit, 0))
                """
            ).map(EventRow.event)
        }
    }

    func events(of turn: TurnID, owner: PrincipalID) async throws -> [ChatEvent] {
        let owned = turnOwned(by: owner)
        return try await gate.read { db in
            let row = try db.first(
                "select chat_id, first_event, last_event from turns where id = \(turn.rawValue) and \(owned)"
            )
            guard let row else { return [] }
            let chat = ChatID(try row.get(0))
            return try db.all(
                """
                select \(EventRow.columns) from chat_events
                where id >= \(try chat.rowKey(try row.get(1))) and id <= \(try chat.rowKey(try row.get(2)))
                order by id
                """
            ).map(EventRow.event)
        }
    }

    func context(of chat: ChatID, owner: PrincipalID, before turn: TurnID, maximumBytes: Int) async throws
        -> (turns: [[ChatEvent]], leftOut: Int)
    {
        let owned = turnOwned(by: owner)
        return try await gate.read { db in
            let shown = try db.shownTurns(of: chat, before: turn, owned, maximumBytes)
            let turns = try shown.ranges.map { range in
                try db.all(
                    """
                    select \(EventRow.columns) from chat_events
                    where id >= \(range.lowerBound) and id <= \(range.upperBound)
                        and kind in ('turn.started', 'model.finished', 'tool.finished', 'turn.finished')
                    order by id
                    """
                ).map(EventRow.event)
            }
            return (turns, shown.leftOut)
        }
    }

    func reservedNumber(of chat: ChatID) async throws -> Int64 {
        try await gate.read { db in
            try db.first("select max(reserved, last_event) from chats where id = \(chat.rawValue)")?.get(0)
                ?? 0
        }
    }
}

extension Connection {
    /// The events' keys of the newest turns whose events fit together, and how many turns come before those.
    fileprivate func shownTurns(
        of chat: ChatID,
        before turn: TurnID,
        _ owned: SQLStatement,
        _ maximumBytes: Int
    ) throws -> (ranges: [ClosedRange<Int64>], leftOut: Int) {
        var ranges: [ClosedRange<Int64>] = []
        var bytes = 0
        var leftOut = 0
        try forEach(
            """
            select first_event, last_event, context_bytes, place from turns
            where chat_id = \(chat.rawValue) and id < \(turn.rawValue) and superseded = 0 and \(owned)
            order by id desc
            """
        ) { row in
            bytes += try row.get(2, as: Int.self)
            guard bytes <= maximumBytes else {
                leftOut = try row.get(3)
                return false
            }
            ranges.append(
                try chat.rowKey(try row.get(0, as: Int64.self))...chat.rowKey(try row.get(1, as: Int64.self))
            )
            return true
        }
        return (ranges, leftOut)
    }
}
