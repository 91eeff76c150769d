internal import Core
internal import Domain
internal import SQL

struct SQLActionStore: ActionStore {
    let gate: StorageGate
    let filter: OwnerFilter
    let scopes: ScopeFilter

    // MARK: Proposals

    func propose(_ draft: ActionDraft, at now: Timestamp) async throws -> ActionProposal {
        try await gate.write { db in
            let isNew =
                try db.execute(
                    """
                    insert into actions (chat_id, turn_id, call, step, owner, client_id, brand_id, location_id, issuer,
                        action, arguments, price, state, created, expires)
                    values (\(draft.chat.rawValue), \(draft.turn.rawValue), \(draft.step.call), \(draft.step.index),
                        \(draft.owner.rawValue), \(draft.place.client.rawValue), \(draft.place.brand?.rawValue),
                        \(draft.place.location?.rawValue), \(draft.issuer), \(draft.action), \(draft.arguments),
                        \(draft.price.minor), \(ActionState.proposed.rawValue), \(now), \(draft.expires))
                    on conflict do nothing
                    """
                ) > 0
            let row = try db.first(
                """
                select \(ActionRow.columns) from actions
                where turn_id = \(draft.turn.rawValue) and call = \(draft.step.call) and step = \(draft.step.index)
                """
            )
            guard let row else {
                throw SQLError(.shape, message: "a proposal that was just kept is not there")
            }
            let proposal = try ActionRow.proposal(row)
            if isNew, let entry = AuditEntry.change(of: proposal, at: now) { try db.record(entry) }
            return proposal
        }
    }

    func proposal(_ id: ActionID) async throws -> ActionProposal? {
        try await gate.read { db in
            try db.first("select \(ActionRow.columns) from actions where id = \(id.rawValue)").map(
                ActionRow.proposal
            )
        }
    }

    func proposal(_ id: ActionID, owner: PrincipalID, in scope: Scope) async throws -> ActionProposal? {
        let owned = filter.clause(.action, owner: owner)
        let admitted = scopes.clause(.action, scope)
        return try await gate.read { db in
            try db.first(
                """
                select \(ActionRow.columns) from actions
                where id = \(id.rawValue) and \(owned) and \(admitted)
                """
            ).map(ActionRow.proposal)
        }
    }

    func proposals(of owner: PrincipalID, in scope: Scope, before id: ActionID?, limit: Int) async throws
        -> Page<ActionProposal>
    {
        let owned = filter.clause(.action, owner: owner)
        let admitted = scopes.clause(.action, scope)
        let edge = id?.rawValue ?? .max
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(ActionRow.columns) from actions where \(owned) and \(admitted) and id < \(edge)
                order by id desc limit \(Page<ActionProposal>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, ActionRow.proposal)
        }
    }

    func change(_ id: ActionID, _ change: ActionChange, at now: Timestamp) async throws -> ActionProposal? {
        try await gate.write { db in try db.change(id, change, at: now) }
    }

    func endAbandoned(of turn: TurnID?, limit: Int, at now: Timestamp) async throws -> [ActionProposal] {
        let wanted: SQLStatement = turn.map { "a.turn_id = \($0.rawValue)" } ?? "1 = 1"
        return try await gate.write { db in
            let rows = try db.all(
                """
                select a.id, a.state from actions a
                where \(wanted) and a.state in ('proposed', 'awaiting_confirmation', 'confirmed', 'executing')
                    and not exists (select 1 from turns t where t.id = a.turn_id and t.state = 'working')
                order by a.id limit \(max(limit, 0))
                """
            )
            return try rows.compactMap { row in
                let id = ActionID(try row.get(0))
                let state: String = try row.get(1)
                let change =
                    state == ActionState.executing.rawValue ? ActionChange.abandonedCall : .abandoned
                return try db.change(id, change, at: now)
            }
        }
    }

    // MARK: What was read

    func keep(_ reading: ContextReading) async throws -> ContextReading {
        let facts = ActionRow.text(of: reading.facts)
        return try await gate.write { db in
            try db.execute(
                """
                insert into context_readings (\(ActionRow.readingColumns))
                values (\(reading.turn.rawValue), \(reading.source), \(reading.chat.rawValue), \(reading.time),
                    \(facts), \(reading.leftOut), \(reading.missing))
                on conflict do nothing
                """
            )
            let row = try db.first(
                """
                select \(ActionRow.readingColumns) from context_readings
                where turn_id = \(reading.turn.rawValue) and source = \(reading.source)
                """
            )
            guard let row else { throw SQLError(.shape, message: "what was just read is not there") }
            return try ActionRow.reading(row)
        }
    }

    func readings(of turn: TurnID) async throws -> [ContextReading] {
        try await gate.read { db in
            try db.all(
                """
                select \(ActionRow.readingColumns) from context_readings
                where turn_id = \(turn.rawValue) order by time, source
                """
            ).map(ActionRow.reading)
        }
    }

    func hasUntrusted(_ chat: ChatID) async throws -> Bool {
        try await gate.read { db in
            try db.first(
                """
                select 1 where exists (select 1 from context_readings
                        where chat_id = \(chat.rawValue) and facts != '[]')
                    or exists (select 1 from actions where chat_id = \(chat.rawValue) and result is not null)
                    or exists (select 1 from turns where chat_id = \(chat.rawValue) and given = 1)
                """
            ) != nil
        }
    }
}

extension ActionChange {
    fileprivate static let abandoned = ActionChange(
        [.proposed, .awaitingConfirmation, .confirmed],
        to: .expired,
        reason: "Its turn was over before; nothing was done."
    )
    fileprivate static let abandonedCall = ActionChange(
        [.executing],
        to: .failed,
        reason: "Its turn ended while the application was asked; whether it was done is not known."
    )
}

extension Connection {
    /// Makes a change with its row of the audit log; nil when the proposal stands elsewhere.
    fileprivate borrowing func change(_ id: ActionID, _ change: ActionChange, at now: Timestamp) throws
        -> ActionProposal?
    {
        let names = change.from.map(\.rawValue).sorted()
        let from = "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        let isDecision = change.from.contains(.awaitingConfirmation)
        let decided: Timestamp? = isDecision && change.to != .expired ? now : nil
        let executed: Timestamp? = change.to == .executing ? now : nil
        let finished: Timestamp? = change.to.isOver ? now : nil
        let row = try first(
            """
            update actions set state = \(change.to.rawValue), preview = coalesce(\(change.preview), preview),
                result = coalesce(\(change.result), result), reason = coalesce(\(change.reason), reason),
                decided = coalesce(decided, \(decided)), executed = coalesce(executed, \(executed)),
                finished = coalesce(finished, \(finished))
            where id = \(id.rawValue) and state in (select value from json_each(\(from)))
            returning \(ActionRow.columns)
            """
        )
        guard let proposal = try row.map(ActionRow.proposal) else { return nil }
        if let entry = AuditEntry.change(of: proposal, at: now) { try record(entry) }
        if proposal.state.isOver { try pay(for: proposal, at: now) }
        return proposal
    }

    /// Ends the hold of what a proposal costs, and records that it was used if it was.
    private borrowing func pay(for proposal: ActionProposal, at now: Timestamp) throws {
        let draft = proposal.draft
        let hold = draft.price > .zero ? try HoldRows.hold(proposal.key, self) : nil
        guard proposal.state == .succeeded else {
            if let hold, hold.state == .open { try HoldRows.end(hold, as: .release, at: now, self) }
            return
        }
        let item = ModelReference(provider: try ProviderID("action"), model: draft.action)
        let context = CallContext(
            principal: draft.owner,
            door: .action,
            turn: draft.turn,
            place: draft.place
        )
        let begun = proposal.executed ?? now
        let row = try UsageRows.begin(item, context, inputEstimate: 0, at: begun, self)
        var cost = Credits.zero
        if let hold, hold.state == .open || hold.state == .expired {
            cost = try HoldRows.settle(hold, used: draft.price, usage: row, at: now, self)
        }
        try UsageRows.end(row, outcome: .succeeded, cost: cost, at: now, self)
        try UsageDays.add(item, context, usage: nil, cost: cost, at: now, self)
    }
}
