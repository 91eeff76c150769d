internal import Core
internal import Domain
internal import SQL

/// Holds within one transaction.
enum HoldRows {
    static func hold(_ key: String, _ db: borrowing Connection) throws -> Hold? {
        try db.first("select \(WalletRows.holdColumns) from holds where key = \(key)").map(WalletRows.hold)
    }

    /// The hold of a key: an earlier one that is open, for as long as the new one would last, or else a new one.
    ///
    /// One that expired is made anew and keeps its past under another key. Throws ``Shortage`` and ``CapReached``, and
    /// `hold_over` (conflict) for one that was settled or released.
    static func take(_ draft: HoldDraft, at now: Timestamp, _ db: borrowing Connection) throws -> HoldID {
        guard let earlier = try hold(draft.key, db) else { return try make(draft, at: now, db) }
        let id = earlier.id.rawValue
        switch earlier.state {
        case .open:
            let expires = max(draft.expires, earlier.draft.expires)
            try db.execute("update holds set expires = \(expires) where id = \(id)")
            return earlier.id
        case .expired:
            try db.execute("update holds set key = \(draft.key + "#\(id)") where id = \(id)")
            return try make(draft, at: now, db)
        case .settled, .released:
            throw Failure(
                .conflict,
                code: "hold_over",
                message: "What was reserved under this key was settled or given back.",
                hint: "Reserve with a key of its own for each piece of work."
            )
        }
    }

    /// Reserves; throws ``Shortage`` and ``CapReached``.
    static func make(_ draft: HoldDraft, at now: Timestamp, _ db: borrowing Connection) throws -> HoldID {
        try CapColumns.check(draft.amount, draft.place, draft.principal, at: now, db)
        guard var session = try LedgerSession(paying: draft.place, lots: false, at: now, db) else {
            throw Shortage(wallet: nil, needed: draft.amount)
        }
        let place = draft.place
        // The ledger is asked first: a row of a hold that is refused is not even written.
        guard draft.amount <= session.ledger.wallet.available else {
            throw Shortage(wallet: session.ledger.wallet, needed: draft.amount)
        }
        let row = try db.first(
            """
            insert into holds (wallet_id, key, amount, state, client_id, brand_id, location_id, principal, item,
                created, expires)
            values (\(session.ledger.wallet.id.rawValue), \(draft.key), \(draft.amount.minor), 'open',
                \(place.client.rawValue), \(place.brand?.rawValue), \(place.location?.rawValue),
                \(draft.principal.rawValue), \(draft.item.description), \(now), \(draft.expires))
            returning id
            """
        )
        guard let row else { throw SQLError(.shape, message: "the new hold was not returned") }
        let id = HoldID(try row.get(0))
        try session.perform(.init(hold: id, principal: draft.principal), db) { ledger in
            try ledger.hold(draft.amount)
        }
        return id
    }

    /// Ends a hold by spending; returns what was collected.
    ///
    /// Only for holds that are open or expired.
    static func settle(
        _ hold: Hold,
        used: Credits,
        usage: MeteredCallID,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws -> Credits {
        guard used > .zero else {
            if hold.state == .open { try end(hold, as: .release, at: now, db) }
            return .zero
        }
        guard var session = try LedgerSession("id = \(hold.wallet.rawValue)", lots: true, at: now, db) else {
            throw SQLError(.shape, message: "a hold has no wallet")
        }
        let purpose = LedgerSession.Purpose(hold: hold.id, usage: usage, principal: hold.draft.principal)
        let step = try session.perform(purpose, db) { $0.settle(hold, used: used, at: now) }.step
        try db.execute(
            """
            update holds set state = 'settled', used = \(-step.amount.minor), ended = \(now)
            where id = \(hold.id.rawValue)
            """
        )
        return -step.amount
    }

    /// Ends an open hold without spending.
    static func end(_ hold: Hold, as kind: TransferKind, at now: Timestamp, _ db: borrowing Connection) throws
    {
        guard var session = try LedgerSession("id = \(hold.wallet.rawValue)", lots: false, at: now, db) else {
            throw SQLError(.shape, message: "a hold has no wallet")
        }
        let principal = kind == .expire ? LedgerSession.system : hold.draft.principal
        try session.perform(.init(hold: hold.id, principal: principal), db) { $0.release(hold, as: kind) }
        let state: HoldState = kind == .expire ? .expired : .released
        try db.execute(
            "update holds set state = \(state.rawValue), ended = \(now) where id = \(hold.id.rawValue)"
        )
    }
}
