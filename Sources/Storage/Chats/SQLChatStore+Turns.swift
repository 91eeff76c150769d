internal import Core
internal import Domain
internal import SQL

extension SQLChatStore {
    func begin(
        _ draft: TurnDraft,
        in chat: ChatID,
        owner: PrincipalID,
        above floor: Int64,
        at now: Timestamp
    ) async throws -> BegunTurn {
        let owned = owned(by: owner)
        return try await gate.write { db in
            guard let found = try db.chat(chat, owned) else { throw Self.noChat }
            if let earlier = try db.earlierTurn(like: draft, in: chat) { return earlier }
            guard found.workingTurn == nil else { throw Self.working }
            if let replaced = draft.replacing { try db.supersede(replaced, in: chat) }
            return try db.insert(draft, into: found, above: floor, at: now)
        }
    }

    func record(
        _ events: [ChatEvent],
        of turn: Turn,
        _ change: TurnChange,
        reserving reserved: Int64,
        at now: Timestamp
    ) async throws {
        precondition(!events.contains { $0.kind.isDelta }, "deltas have a store of their own")
        try await gate.write { db in
            try db.change(turn, events, change, at: now)
            try db.insert(events, into: turn.chat)
            try db.index(events, in: turn.chat, of: turn.owner)
            try db.touch(turn.chat, events, reserved, at: now)
            if let title = change.title {
                let given = try db.execute(
                    """
                    update chats set title = \(title), title_state = 'line'
                    where id = \(turn.chat.rawValue) and title is null
                    """
                )
                if given > 0 { try db.index(title, as: 0, in: turn.chat, of: turn.owner) }
            }
            if change.wantsTitle {
                try db.execute(
                    "update chats set title_state = 'wanted' where id = \(turn.chat.rawValue) and title_state = 'line'"
                )
            }
        }
    }

    func wantCancel(of turn: TurnID, owner: PrincipalID) async throws -> Bool {
        let owned = turnOwned(by: owner)
        return try await gate.write { db in
            try db.execute(
                """
                update turns set reason = \(Turn.cancelWanted)
                where id = \(turn.rawValue) and state = 'working' and \(owned)
                """
            ) > 0
        }
    }

    func turn(_ id: TurnID, owner: PrincipalID) async throws -> Turn? {
        let owned = turnOwned(by: owner)
        return try await gate.read { db in try db.turn(id, owned) }
    }

    func turns(of chat: ChatID, owner: PrincipalID, before turn: TurnID?, limit: Int) async throws
        -> Page<Turn>
    {
        let owned = turnOwned(by: owner)
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(TurnRow.columns) from turns
                where chat_id = \(chat.rawValue) and id < \(turn?.rawValue ?? .max) and \(owned)
                order by id desc limit \(Page<Turn>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, TurnRow.turn)
        }
    }

    func workingTurns() async throws -> [Turn] {
        try await gate.read { db in
            try db.all("select \(TurnRow.columns) from turns where state = 'working' order by id")
                .map(TurnRow.turn)
        }
    }

    private static var noChat: Failure {
        Failure(
            .notFound,
            code: "chat_not_found",
            message: "There is no such chat.",
            hint: "List yours with GET /v1/chats, or make one."
        )
    }
}

extension Connection {
    /// The turn that was begun with the draft's key.
    fileprivate func earlierTurn(like draft: TurnDraft, in chat: ChatID) throws -> BegunTurn? {
        guard let key = draft.key else { return nil }
        let row = try first(
            "select \(TurnRow.columns) from turns where chat_id = \(chat.rawValue) and key = \(key.rawValue)"
        )
        guard let turn = try row.map(TurnRow.turn) else { return nil }
        let number = try chat.rowKey(turn.firstEvent)
        let event = try first("select \(EventRow.columns) from chat_events where id = \(number)").map(
            EventRow.event
        )
        guard let event, case .turnStarted(let earlier) = try event.body() else {
            throw SQLError(.shape, message: "a turn lacks the event that started it")
        }
        guard earlier.message == draft.message, earlier.results == draft.results else {
            throw Failure(
                .conflict,
                code: "key_reused",
                message: "This key was used for another message of this chat.",
                hint: "Use a new key for each message."
            )
        }
        return BegunTurn(turn: turn, event: event, wasRepeated: true)
    }

    fileprivate func supersede(_ turn: TurnID, in chat: ChatID) throws {
        let changed = try execute(
            """
            update turns set superseded = 1 where chat_id = \(chat.rawValue) and id >= \(turn.rawValue)
                and superseded = 0 and exists (select 1 from turns r
                    where r.id = \(turn.rawValue) and r.chat_id = \(chat.rawValue) and r.superseded = 0)
            """
        )
        guard changed > 0 else {
            throw Failure(
                .notFound,
                code: "turn_not_found",
                message: "There is no such turn in this chat to be replaced.",
                hint: "It may have been replaced already: load the chat again."
            )
        }
    }

    /// The number of the next event, while no turn works.
    func nextNumber(in chat: Chat, above floor: Int64) throws -> Int64 {
        let reserved: Int64 =
            try first("select reserved from chats where id = \(chat.id.rawValue)")?.get(0) ?? 0
        return max(floor, chat.lastEvent, reserved) + 1
    }

    fileprivate func insert(_ draft: TurnDraft, into chat: Chat, above floor: Int64, at now: Timestamp) throws
        -> BegunTurn
    {
        let number = try nextNumber(in: chat, above: floor)
        let before: Int64 =
            try first(
                """
                select place from turns where chat_id = \(chat.id.rawValue) and superseded = 0
                order by id desc limit 1
                """
            )?.get(0) ?? 0
        let row = try first(
            """
            insert into turns (chat_id, owner, session_id, given, key, model, created, first_event, last_event, state,
                place, context_bytes)
            values (\(chat.id.rawValue), \(chat.owner.rawValue), \(draft.session?.rawValue), \(draft.isGiven),
                \(draft.key?.rawValue), \(draft.options.model.description), \(now), \(number), \(number), 'working', \(before + 1), 0)
            returning \(TurnRow.columns)
            """
        )
        guard let row else { throw SQLError(.shape, message: "the new turn was not returned") }
        let turn = try TurnRow.turn(row)
        let event = ChatEvent(.turnStarted(draft), number: number, turn: turn.id, at: now)
        try insert([event], into: chat.id)
        try execute(
            "update turns set context_bytes = \(event.contextBytes) where id = \(turn.id.rawValue)"
        )
        try index([event], in: chat.id, of: chat.owner)
        try touch(chat.id, [event], number, at: now)
        return BegunTurn(turn: turn, event: event, wasRepeated: false)
    }

    func insert(_ events: [ChatEvent], into chat: ChatID) throws {
        for event in events {
            if event.kind == .contextSummarised, case .contextSummarised(let summary) = try event.body() {
                try execute(
                    """
                    insert into chat_summaries (id, through_turn)
                    values (\(try chat.rowKey(event.number)), \(summary.through.rawValue))
                    """
                )
            }
            try execute(
                """
                insert into chat_events (id, turn_id, time, kind, json, hidden)
                values (\(try chat.rowKey(event.number)), \(event.turn.rawValue), \(event.time),
                    \(event.kind.rawValue), \(event.json), \(event.hidden))
                """
            )
        }
    }

    fileprivate func change(_ turn: Turn, _ events: [ChatEvent], _ change: TurnChange, at now: Timestamp)
        throws
    {
        let finished = change.state.isOver ? now : nil
        // What is noted about a turn that works stays until its end.
        let reason: SQLStatement = change.state.isOver ? "\(change.reason)" : "reason"
        let usage = change.usage
        let changed = try execute(
            """
            update turns set state = \(change.state.rawValue), reason = \(reason), finished = \(finished),
                input_tokens = \(usage.input), cached_input_tokens = \(usage.cachedInput),
                output_tokens = \(usage.output), reasoning_tokens = \(usage.reasoning),
                last_event = max(last_event, \(events.last?.number ?? 0)),
                context_bytes = context_bytes + \(events.reduce(0) { $0 + $1.contextBytes })
            where id = \(turn.id.rawValue) and state = 'working'
            """
        )
        guard changed > 0 else {
            throw Failure(
                .conflict,
                code: "turn_over",
                message: "The turn is over.",
                hint: "Load the chat again to see how it ended."
            )
        }
    }

    /// Moves a chat's numbers on; they never go back.
    ///
    /// What was reserved before is spent by the events: their numbers lie above all deltas before them.
    func touch(_ chat: ChatID, _ events: [ChatEvent], _ reserved: Int64, at now: Timestamp) throws {
        guard let first = events.first?.number, let last = events.last?.number else {
            try execute(
                """
                update chats set reserved = max(reserved, \(reserved)), updated = max(updated, \(now))
                where id = \(chat.rawValue)
                """
            )
            return
        }
        let changed = try execute(
            """
            update chats set last_event = \(last), reserved = \(max(reserved, last)), updated = max(updated, \(now))
            where id = \(chat.rawValue) and last_event < \(first)
            """
        )
        guard changed > 0 else {
            throw SQLError(.constraint, message: "the number of an event was given before")
        }
    }
}
