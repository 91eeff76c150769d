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
        -> EarlierContext
    {
        let owned = owned(by: owner)
        return try await gate.read { db in
            guard try db.first("select 1 from chats where id = \(chat.rawValue) and \(owned)") != nil else {
                return EarlierContext(summary: nil, turns: [], leftOut: 0)
            }
            let summary = try db.summary(of: chat, before: turn)
            let shown = try db.shownTurns(of: chat, after: summary, before: turn, maximumBytes)
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
            return EarlierContext(summary: summary, turns: turns, leftOut: shown.leftOut)
        }
    }

    func lastShownTurn(of chat: ChatID, owner: PrincipalID, before turn: TurnID) async throws -> TurnID? {
        let owned = turnOwned(by: owner)
        return try await gate.read { db in
            try db.first(
                """
                select id from turns where chat_id = \(chat.rawValue) and id < \(turn.rawValue) and superseded = 0
                    and \(owned) order by id desc limit 1
                """
            ).map { TurnID(try $0.get(0)) }
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
    /// The newest summary all of whose turns still count.
    fileprivate func summary(of chat: ChatID, before turn: TurnID) throws -> ChatSummary? {
        let row = try first(
            """
            select e.json from chat_summaries s join turns t on t.id = s.through_turn join chat_events e on e.id = s.id
            where s.id > \(chat.firstRowKey) and s.id <= \(chat.lastRowKey) and s.through_turn < \(turn.rawValue)
                and t.superseded = 0
            order by s.id desc limit 1
            """
        )
        guard let row else { return nil }
        let event = ChatEvent(
            number: 0,
            turn: .none,
            time: Timestamp(microseconds: 0),
            kind: .contextSummarised,
            json: try row.get(0),
            hidden: nil
        )
        guard case .contextSummarised(let summary) = try event.body() else { return nil }
        return summary
    }

    /// The events' keys of the newest turns whose events fit together, and how many turns lie between those and the
    /// summary.
    fileprivate func shownTurns(
        of chat: ChatID,
        after summary: ChatSummary?,
        before turn: TurnID,
        _ maximumBytes: Int
    ) throws -> (ranges: [ClosedRange<Int64>], leftOut: Int) {
        var ranges: [ClosedRange<Int64>] = []
        var bytes = 0
        var leftOut = 0
        try forEach(
            """
            select first_event, last_event, context_bytes, place from turns
            where chat_id = \(chat.rawValue) and id < \(turn.rawValue) and superseded = 0
                and id > \(summary?.through.rawValue ?? 0)
            order by id desc
            """
        ) { row in
            bytes += try row.get(2, as: Int.self)
            guard bytes <= maximumBytes else {
                leftOut = try row.get(3, as: Int.self) - (summary?.turns ?? 0)
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
