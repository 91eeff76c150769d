internal import Core
internal import Domain

/// What people are told when somebody cannot pay.
enum CreditFailure {
    /// A failure for a shortage or a cap; every other error as it is.
    static func translated(_ error: any Error, _ prices: PriceList) -> any Error {
        switch error {
        case let shortage as Shortage: failure(shortage, prices.unit)
        case let cap as CapReached: failure(cap, prices.unit)
        default: error
        }
    }

    private static func failure(_ shortage: Shortage, _ unit: CreditUnit) -> Failure {
        guard let wallet = shortage.wallet else {
            return paying(
                Funds(
                    wallet: nil,
                    unit: unit,
                    balance: .zero,
                    available: .zero,
                    needed: shortage.needed
                ),
                message: "Nobody pays here: neither the brand nor its client has a wallet.",
                hint:
                    "Ask whoever runs the application to top one up: POST /v1/ai/wallet/topups, or deckhand wallet topup CLIENT AMOUNT --key KEY."
            )
        }
        let line = wallet.line > .zero ? ", line \(unit.number(wallet.line))" : ""
        return paying(
            Funds(
                wallet: wallet.id,
                unit: unit,
                balance: wallet.balance,
                available: wallet.available,
                needed: shortage.needed
            ),
            message: """
                This needs up to \(unit.text(shortage.needed)), and \(unit.text(max(wallet.available, .zero))) are \
                available (balance \(unit.number(wallet.balance)), reserved \(unit.number(wallet.held))\(line)).
                """,
            hint: """
                Top the wallet up, wait until work under way is settled, or ask for less: a shorter answer or a \
                cheaper model.
                """
        )
    }

    private static func paying(_ funds: Funds, message: String, hint: String) -> Failure {
        var failure = Failure(
            .insufficientCredits,
            code: "insufficient_credits",
            message: message,
            hint: hint
        )
        failure.funds = funds
        return failure
    }

    /// A model that nobody can pay for.
    static func unpriced(_ model: ModelReference) -> Failure {
        Failure(
            .forbidden,
            code: "model_unpriced",
            message: "The model \(model) has no price, so that nobody can pay for it.",
            hint: "Choose another model, or ask the operator to give it a price in the section prices."
        )
    }

    private static func failure(_ reached: CapReached, _ unit: CreditUnit) -> Failure {
        let whose = if case .brand = reached.cap.subject { "The brand" } else { "This user" }
        let period = reached.cap.period.rawValue
        return Failure(
            .insufficientCredits,
            code: "spending_cap_reached",
            message: """
                \(whose) may spend \(unit.text(reached.cap.amount)) a \(period); \(unit.number(reached.taken)) are \
                spent or reserved, and this needs up to \(unit.number(reached.needed)).
                """,
            hint: "Wait for the next \(period) (UTC), or ask whoever looks after the wallet for a higher cap."
        )
    }
}
