public import Core

/// What one movement changes.
public struct LedgerStep: Sendable, Equatable {
    /// What is taken from one lot.
    public struct Draw: Sendable, Equatable {
        /// The lot.
        public let lot: LotID
        /// How much.
        public let amount: Credits
        /// Makes a value.
        public init(lot: LotID, amount: Credits) {
            self.lot = lot
            self.amount = amount
        }
    }

    /// What it is.
    public let kind: TransferKind
    /// By how much the balance changes.
    public let amount: Credits
    /// By how much what is held changes.
    public let held: Credits
    /// What was consumed beyond what could be paid, and is not collected.
    public let writtenOff: Credits
    /// What is taken from lots; less than the amount as far as the balance goes below zero.
    public let draws: [Draw]

    /// Makes a step.
    public init(
        _ kind: TransferKind,
        amount: Credits = .zero,
        held: Credits = .zero,
        writtenOff: Credits = .zero,
        draws: [Draw] = []
    ) {
        self.kind = kind
        self.amount = amount
        self.held = held
        self.writtenOff = writtenOff
        self.draws = draws
    }
}

/// More was to be reserved or spent than is available.
public struct Shortage: Error, Sendable, Equatable {
    /// The wallet; nil when nobody has one for the place.
    public let wallet: Wallet?
    /// What was asked for.
    public let needed: Credits
    /// Makes a value.
    public init(wallet: Wallet?, needed: Credits) {
        self.wallet = wallet
        self.needed = needed
    }
}

/// The rules of a wallet: a state machine without a clock or a store.
///
/// What always holds: `balance − held ≥ −line`; the lots have `max(balance, 0)` left between them; the balance is the sum
/// of the amounts of all steps, and what is held the sum of theirs.
public struct Ledger: Sendable, Equatable {
    /// The wallet as it stands.
    public private(set) var wallet: Wallet
    /// The lots of which something is left.
    public private(set) var lots: [Lot]

    /// Takes up a wallet with the lots of which something is left, in any order.
    public init(_ wallet: Wallet, lots: [Lot]) {
        self.wallet = wallet
        self.lots = lots
    }

    /// Reserves an amount.
    public mutating func hold(_ amount: Credits) throws(Shortage) -> LedgerStep {
        guard amount <= wallet.available else { throw Shortage(wallet: wallet, needed: amount) }
        return applied(LedgerStep(.hold, held: amount))
    }

    /// Ends a hold by spending; what exceeds the hold is spent as far as it is available, and written off beyond.
    ///
    /// A hold that has ended otherwise in the meantime holds nothing any more: all is spent as far as it is available.
    public mutating func settle(_ hold: Hold, used: Credits, at now: Timestamp) -> LedgerStep {
        let reserved = hold.state == .open ? hold.draft.amount : .zero
        if used == .zero, hold.state == .open { return release(hold, as: .release) }
        let room = max(wallet.available, .zero)
        let spent = min(used, reserved + room)
        return applied(
            LedgerStep(
                hold.state == .open ? .settle : .charge,
                amount: -spent,
                held: -reserved,
                writtenOff: used - spent,
                draws: draws(of: spent, at: now)
            )
        )
    }

    /// Ends an open hold without spending.
    public mutating func release(_ hold: Hold, as kind: TransferKind) -> LedgerStep {
        precondition(hold.state == .open && (kind == .release || kind == .expire), "only open holds end")
        return applied(LedgerStep(kind, held: -hold.draft.amount))
    }

    /// Spends at once.
    public mutating func charge(_ amount: Credits, at now: Timestamp) throws(Shortage) -> LedgerStep {
        guard amount <= wallet.available else { throw Shortage(wallet: wallet, needed: amount) }
        return applied(LedgerStep(.charge, amount: -amount, draws: draws(of: amount, at: now)))
    }

    /// Puts a new lot in; what the balance is below zero is taken from it at once.
    public mutating func deposit(_ lot: Lot) -> LedgerStep {
        precondition(lot.remaining == lot.amount, "a new lot is whole")
        let owed = min(max(-wallet.balance, .zero), lot.amount)
        lots.append(lot)
        return applied(
            LedgerStep(
                lot.kind == .topup ? .topup : .grant,
                amount: lot.amount,
                draws: owed == .zero ? [] : [.init(lot: lot.id, amount: owed)]
            )
        )
    }

    /// Takes out what is left of lots whose time is over, except for what open holds may need.
    public mutating func lapse(at now: Timestamp) -> [LedgerStep] {
        var steps: [LedgerStep] = []
        for lot in inOrder(at: now) where lot.isOver(at: now) {
            let taken = min(lot.remaining, max(wallet.balance - wallet.held, .zero))
            guard taken > .zero else { continue }
            steps.append(
                applied(LedgerStep(.lapse, amount: -taken, draws: [.init(lot: lot.id, amount: taken)]))
            )
        }
        return steps
    }

    /// Sets how far below zero the balance may go; false, and nothing changes, when more than that is in use.
    public mutating func setLine(_ line: Credits) -> Bool {
        guard line >= .zero, wallet.balance - wallet.held >= -line else { return false }
        wallet.line = line
        return true
    }

    /// When the next of the lots lapses.
    public var nextLapse: Timestamp? { lots.compactMap(\.expires).min() }

    private func inOrder(at now: Timestamp) -> [Lot] { lots.sorted { $0.isSpent(before: $1, at: now) } }

    private func draws(of amount: Credits, at now: Timestamp) -> [LedgerStep.Draw] {
        var (rest, draws) = (amount, [LedgerStep.Draw]())
        for lot in inOrder(at: now) where rest > .zero {
            let taken = min(rest, lot.remaining)
            draws.append(.init(lot: lot.id, amount: taken))
            rest = rest - taken
        }
        return draws
    }

    private mutating func applied(_ step: LedgerStep) -> LedgerStep {
        wallet.balance = wallet.balance + step.amount
        wallet.held = wallet.held + step.held
        for draw in step.draws {
            guard let index = lots.firstIndex(where: { $0.id == draw.lot }) else { continue }
            lots[index].remaining = lots[index].remaining - draw.amount
        }
        lots.removeAll { $0.remaining == .zero }
        return step
    }
}
