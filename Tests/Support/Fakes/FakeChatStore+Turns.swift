public import Core
public import Domain
internal import Synchronization

extension FakeChatStore {
    /// As the port says.
    public func begin(
        _ draft: TurnDraft,
        in chat: ChatID,
        owner: PrincipalID,
        above floor: Int64,
        at now: Timestamp
    ) async throws -> BegunTurn {
        try state.withLock { state in
            try enter(.begin, &state)
            guard var row = state.row(chat, owner) else {
                throw Failure(.notFound, code: "chat_not_found", message: "There is no such chat.")
            }
            if let earlier = try Self.earlier(like: draft, in: row) { return earlier }
            guard row.chat.workingTurn == nil else {
                throw Failure(.conflict, code: "turn_working", message: "The assistant is at work.")
            }
            if let replaced = draft.replacing {
                guard row.turns.contains(where: { $0.id == replaced && !$0.isSuperseded }) else {
                    throw Failure(.notFound, code: "turn_not_found", message: "There is no such turn.")
                }
                for index in row.turns.indices where row.turns[index].id >= replaced {
                    row.turns[index].isSuperseded = true
                }
            }
            let number = max(floor, row.chat.lastEvent, row.reserved) + 1
            state.lastTurn += 1
            let turn = Turn(
                id: TurnID(state.lastTurn),
                chat: chat,
                owner: owner,
                key: draft.key,
                model: draft.options.model,
                created: now,
                firstEvent: number,
                state: .working,
                reason: nil,
                finished: nil,
                usage: TokenUsage(),
                isSuperseded: false,
                session: draft.session
            )
            let event = ChatEvent(.turnStarted(draft), number: number, turn: turn.id, at: now)
            row.turns.append(turn)
            row.chat.workingTurn = turn.id
            try Self.add([event], reserving: number, to: &row, at: now)
            state.rows[chat] = row
            return BegunTurn(turn: turn, event: event, wasRepeated: false)
        }
    }

    private static func earlier(like draft: TurnDraft, in row: Row) throws -> BegunTurn? {
        guard let key = draft.key, let turn = row.turns.first(where: { $0.key == key }),
            let event = row.events.first(where: { $0.number == turn.firstEvent })
        else { return nil }
        guard case .turnStarted(let earlier) = try event.body(), earlier.message == draft.message,
            earlier.results == draft.results
        else {
            throw Failure(.conflict, code: "key_reused", message: "This key was used for another message.")
        }
        return BegunTurn(turn: turn, event: event, wasRepeated: true)
    }

    static func add(
        _ events: [ChatEvent],
        reserving reserved: Int64,
        to row: inout Row,
        at now: Timestamp
    ) throws {
        if let first = events.first, let last = events.last {
            guard first.number > row.chat.lastEvent else { throw Broken() }
            row.chat.lastEvent = last.number
            row.reserved = max(reserved, last.number)
        } else {
            row.reserved = max(reserved, row.reserved)
        }
        row.events += events
        row.chat.updated = max(row.chat.updated, now)
        for event in events {
            let said = try event.body().said
            if !said.isEmpty { row.texts[event.number] = said }
        }
    }

    /// As the port says.
    public func record(
        _ events: [ChatEvent],
        of turn: Turn,
        _ change: TurnChange,
        reserving reserved: Int64,
        at now: Timestamp
    ) async throws {
        precondition(!events.contains { $0.kind.isDelta }, "deltas have a store of their own")
        try await holdBack(events)
        try state.withLock { state in
            try enter(.record, &state)
            guard var row = state.rows[turn.chat],
                let index = row.turns.firstIndex(where: { $0.id == turn.id && $0.state == .working })
            else { throw Failure(.conflict, code: "turn_over", message: "The turn is over.") }
            row.turns[index].state = change.state
            if change.state.isOver { row.turns[index].reason = change.reason }
            row.turns[index].usage = change.usage
            if change.state.isOver {
                row.turns[index].finished = now
                row.chat.workingTurn = nil
            }
            if let title = change.title, row.chat.title == nil {
                row.chat.title = title
                row.chat.titleState = .firstLine
                row.texts[0] = title
            }
            if change.wantsTitle, row.chat.titleState == .firstLine { row.chat.titleState = .wanted }
            try Self.add(events, reserving: reserved, to: &row, at: now)
            state.rows[turn.chat] = row
        }
    }

    /// As the port says.
    public func wantCancel(of turn: TurnID, owner: PrincipalID) async throws -> Bool {
        state.withLock { state in
            for (id, row) in state.rows where row.chat.owner == owner {
                let index = row.turns.firstIndex { $0.id == turn && $0.state == .working }
                guard let index else { continue }
                state.rows[id]?.turns[index].reason = Turn.cancelWanted
                return true
            }
            return false
        }
    }

    /// As the port says.
    public func turn(_ id: TurnID, owner: PrincipalID) async throws -> Turn? {
        state.withLock { state in
            state.rows.values.filter { $0.chat.owner == owner }.flatMap(\.turns).first { $0.id == id }
        }
    }

    /// As the port says.
    public func turns(of chat: ChatID, owner: PrincipalID, before turn: TurnID?, limit: Int) async throws
        -> Page<Turn>
    {
        let found = state.withLock { $0.row(chat, owner)?.turns ?? [] }
            .filter { $0.id < turn ?? TurnID(.max) }.reversed()
        return Page(elements: Array(found.prefix(max(limit, 0))), hasMore: found.count > max(limit, 0))
    }

    /// As the port says.
    public func events(of chat: ChatID, owner: PrincipalID, after number: Int64, limit: Int) async throws
        -> [ChatEvent]
    {
        try state.withLock { state in
            try enter(.events, &state)
            return (state.row(chat, owner)?.events ?? []).filter { $0.number > number }
        }.prefix(max(limit, 0)).map { $0 }
    }

    /// As the port says.
    public func events(of turn: TurnID, owner: PrincipalID) async throws -> [ChatEvent] {
        state.withLock { state in
            state.rows.values.filter { $0.chat.owner == owner }.flatMap(\.events).filter { $0.turn == turn }
        }
    }

    /// As the port says.
    public func context(of chat: ChatID, owner: PrincipalID, before turn: TurnID, maximumBytes: Int)
        async throws -> EarlierContext
    {
        let kinds: Set<ChatEventKind> = [.turnStarted, .modelFinished, .toolFinished, .turnFinished]
        return try state.withLock { state in
            try enter(.context, &state)
            guard let row = state.row(chat, owner) else {
                return EarlierContext(summary: nil, turns: [], leftOut: 0)
            }
            let all = row.turns.filter { $0.id < turn && !$0.isSuperseded }
            let summary = try row.events.reversed().lazy.compactMap { event -> ChatSummary? in
                guard event.kind == .contextSummarised else { return nil }
                guard case .contextSummarised(let summary) = try event.body() else { return nil }
                return all.contains { $0.id == summary.through } ? summary : nil
            }.first
            let shown = all.filter { $0.id > summary?.through ?? TurnID(0) }.reversed()
            var turns: [[ChatEvent]] = []
            var bytes = 0
            for turn in shown {
                let events = row.events.filter { $0.turn == turn.id && kinds.contains($0.kind) }
                bytes += events.reduce(0) { $0 + $1.json.count + ($1.hidden?.count ?? 0) }
                guard bytes <= maximumBytes else { break }
                turns.append(events)
            }
            return EarlierContext(summary: summary, turns: turns, leftOut: shown.count - turns.count)
        }
    }

    /// As the port says.
    public func lastShownTurn(of chat: ChatID, owner: PrincipalID, before turn: TurnID) async throws
        -> TurnID?
    {
        state.withLock { state in
            state.row(chat, owner)?.turns.last { $0.id < turn && !$0.isSuperseded }?.id
        }
    }

    /// As the port says.
    public func workingTurns() async throws -> [Turn] {
        state.withLock { state in
            state.rows.values.flatMap(\.turns).filter { $0.state == .working }.sorted { $0.id < $1.id }
        }
    }
}
