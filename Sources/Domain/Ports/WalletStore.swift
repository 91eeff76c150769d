public import Core

/// What the rows of a wallet add up to, beside what is kept of them.
public struct WalletProof: Sendable, Equatable {
    /// The wallet as it is kept.
    public let wallet: Wallet
    /// The sum of all transfers.
    public let balance: Credits
    /// The sum of what transfers hold and give back.
    public let held: Credits
    /// What open holds reserve.
    public let openHolds: Credits
    /// What lots have left, as it is kept.
    public let remaining: Credits
    /// What lots were given less what was drawn from them.
    public let undrawn: Credits
    /// The sum of what usage rows were charged, and of the transfers that say so.
    public let charged: (rows: Credits, transfers: Credits)

    /// Makes a value.
    public init(
        wallet: Wallet,
        balance: Credits,
        held: Credits,
        openHolds: Credits,
        remaining: Credits,
        undrawn: Credits,
        charged: (rows: Credits, transfers: Credits)
    ) {
        self.wallet = wallet
        self.balance = balance
        self.held = held
        self.openHolds = openHolds
        self.remaining = remaining
        self.undrawn = undrawn
        self.charged = charged
    }

    /// What does not add up, a sentence each; none when all is well.
    public var mistakes: [String] {
        var mistakes: [String] = []
        func compare(_ name: String, _ kept: Credits, _ found: Credits) {
            if kept != found { mistakes.append("\(name) is kept as \(kept), the rows say \(found).") }
        }
        compare("The balance", wallet.balance, balance)
        compare("What is held", wallet.held, held)
        compare("The sum of open holds", openHolds, held)
        compare("What lots have left", remaining, undrawn)
        compare("The credit that lots cover", remaining, max(wallet.balance, .zero))
        compare("What usage was charged", charged.rows, charged.transfers)
        if wallet.balance - wallet.held < -wallet.line {
            mistakes.append("More is spent or held than the line allows.")
        }
        return mistakes
    }

    /// Compares all of it.
    public static func == (left: WalletProof, right: WalletProof) -> Bool {
        left.wallet == right.wallet && left.balance == right.balance && left.held == right.held
            && left.openHolds == right.openHolds && left.remaining == right.remaining
            && left.undrawn == right.undrawn && left.charged == right.charged
    }
}

/// Wallets and their ledgers.
///
/// Every verb is atomic, and what it returned is stored durably. Beside what is named, errors are `Failure` or
/// `CancellationError`; anything else is internal. All verbs may be called concurrently.
public protocol WalletStore: Sendable {
    /// Makes a wallet; the earlier one when the owner has one.
    func open(_ owner: WalletOwner, at now: Timestamp) async throws -> Wallet
    /// The wallet, or nil.
    func wallet(_ id: WalletID) async throws -> Wallet?
    /// The wallet of this owner itself, or nil.
    func wallet(of owner: WalletOwner) async throws -> Wallet?
    /// The wallet that pays for a place: the brand's if it has one, else the client's; nil when there is neither.
    func wallet(paying place: Place) async throws -> Wallet?
    /// All wallets in the order of their making.
    func wallets(after id: WalletID?, limit: Int) async throws -> Page<Wallet>
    /// The lots of which something is left, in the order of their making.
    func lots(of id: WalletID) async throws -> [Lot]
    /// Open holds, newest first.
    func openHolds(of id: WalletID, limit: Int) async throws -> Page<Hold>
    /// The ledger, newest first.
    func transfers(of id: WalletID, before: TransferID?, limit: Int) async throws -> Page<Transfer>

    /// Puts credits in; the same key gives the earlier transfer. `wallet_not_found`.
    ///
    /// A key is used once in all wallets of a client: `key_reused` (conflict) for another wallet, kind, amount, note,
    /// priority, or time until it lapses.
    func deposit(_ deposit: Deposit, to id: WalletID, at now: Timestamp) async throws -> Transfer
    /// Sets how far below zero the balance may go; `line_in_use` (conflict) when more is spent or held. `wallet_not_found`.
    func setLine(_ line: Credits, of id: WalletID) async throws -> Wallet

    /// Reserves. Throws ``Shortage`` and ``CapReached``.
    ///
    /// The same key gives the earlier hold while it is open, which lasts until the new time then; one that expired is made
    /// anew. `hold_over` (conflict) for one that was settled or released.
    func hold(_ draft: HoldDraft, at now: Timestamp) async throws -> Hold
    /// Ends a hold by spending, see ``Ledger/settle(_:used:at:)``, and keeps a usage row of it; nil when there is none.
    ///
    /// A hold that was settled or released before is given back as it is. One that expired meanwhile is settled late.
    func settle(_ key: String, used: Credits, at now: Timestamp) async throws -> Hold?
    /// Ends a hold without spending; nil when there is none, and one that has ended as it is.
    func release(_ key: String, at now: Timestamp) async throws -> Hold?
    /// Ends open holds whose time is over, oldest first; returns how many.
    func expireHolds(at now: Timestamp, limit: Int) async throws -> Int
    /// Takes out what is left of lots whose time is over; returns how many lots.
    func lapseLots(at now: Timestamp, limit: Int) async throws -> Int

    /// The caps of a client.
    func caps(of client: ClientID) async throws -> [SpendingCap]
    /// Sets a cap in place of an earlier one.
    func setCap(_ cap: SpendingCap) async throws
    /// Takes a cap away; false when there is none.
    func removeCap(of client: ClientID, _ subject: SpendingCap.Subject, per period: SpendingCap.Period)
        async throws -> Bool
    /// The thresholds of a wallet, highest first.
    func thresholds(of id: WalletID) async throws -> [Threshold]
    /// Sets the thresholds of a wallet in place of earlier ones; those at or above the balance raise their event now.
    func setThresholds(_ amounts: Set<Credits>, of id: WalletID, at now: Timestamp) async throws
    /// Events that thresholds raised, oldest first, of one wallet or of all (nil).
    func events(of id: WalletID?, after: Int64, limit: Int) async throws -> Page<WalletEvent>
    /// The number of the last event of all; 0 for none.
    func lastEvent() async throws -> Int64

    /// Recomputes what is kept of a wallet; `wallet_not_found`.
    func proof(of id: WalletID) async throws -> WalletProof
}
