import Application
import Core
import Domain

/// `deckhand wallet list`.
struct WalletListCommand: Command {
    static let specification = CommandSpecification(
        name: "wallet list",
        summary: "List the wallets and what is in them.",
        options: [CommandSpecification.json, CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        let configuration = try program.configuration(arguments).configuration
        try await WalletAccess.withWallets(of: configuration) { access in
            var rows: [(Wallet, PlaceName)] = []
            for wallet in try await access.all() {
                rows.append((wallet, try await access.name(of: wallet.owner)))
            }
            let text = WalletText(access.credits.unit)
            try await console.write(printsJSON ? text.json(rows) : Array(text.table(rows).utf8))
        }
        return 0
    }
}

/// `deckhand wallet show`.
struct WalletShowCommand: Command {
    static let specification = CommandSpecification(
        name: "wallet show",
        summary: "Show a wallet: what is left of deposits, what is reserved, and its latest transfers.",
        operands: [.init(name: "CLIENT")],
        options: [WalletText.brand, WalletText.issuer, CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let configuration = try program.configuration(arguments).configuration
        try await WalletAccess.withWallets(of: configuration) { [arguments] access in
            let owner = try await access.owner(
                client: arguments.operand(0),
                brand: arguments["--brand"],
                issuer: arguments["--issuer"]
            )
            let wallet = try await access.credits.wallet(of: owner)
            let statement = try await access.credits.statement(of: wallet)
            let latest = try await access.credits.transfers(of: wallet.id, before: nil, limit: 20).elements
            let text = WalletText(access.credits.unit).statement(statement, latest)
            try await console.write(Array(text.utf8))
        }
        return 0
    }
}

/// `deckhand wallet topup` and `deckhand wallet grant`.
struct WalletDeposit {
    let kind: DepositKind
    let arguments: ParsedArguments

    static let key = CommandSpecification.Option(
        flag: "--key",
        placeholder: "KEY",
        summary: "The payment's own key: the same one puts nothing in a second time. Required."
    )
    static let note = CommandSpecification.Option(
        flag: "--note",
        placeholder: "TEXT",
        summary: "A remark that is kept with it."
    )

    func run(_ program: ProgramContext, priority: Int? = nil, days: Int64? = nil) async throws -> Int32 {
        guard let key = arguments["--key"] else { throw UsageError("--key is missing") }
        let configuration = try program.configuration(arguments).configuration
        let console = program.console
        try await WalletAccess.withWallets(of: configuration) { [kind, arguments] access in
            let (credits, text) = (access.credits, arguments.operand(1))
            guard let amount = credits.unit.amount(text) else {
                throw UsageError(
                    "“\(text)” is no amount; write it with at most \(credits.unit.decimals) decimal places"
                )
            }
            let owner = try await access.owner(
                client: arguments.operand(0),
                brand: arguments["--brand"],
                issuer: arguments["--issuer"]
            )
            let wallet = try await credits.open(owner, by: TokenText.principal)
            let transfer = try await credits.deposit(
                Deposit(
                    kind,
                    amount,
                    priority: priority,
                    expires: days.map { credits.now + .seconds($0 * 86_400) },
                    key: key,
                    note: arguments["--note"],
                    principal: TokenText.principal
                ),
                to: wallet.id
            )
            await console.say(
                "Wallet \(wallet.id): \(credits.unit.text(transfer.step.amount)), the balance is "
                    + "\(credits.unit.text(transfer.balance))."
            )
        }
        return 0
    }
}

/// `deckhand wallet topup`.
struct WalletTopUpCommand: Command {
    static let specification = CommandSpecification(
        name: "wallet topup",
        summary: "Put paid credits into a wallet, which is made if there is none.",
        operands: [.init(name: "CLIENT"), .init(name: "AMOUNT")],
        options: [
            WalletText.brand, WalletText.issuer, WalletDeposit.key, WalletDeposit.note,
            CommandSpecification.dataDirectory,
        ]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        try await WalletDeposit(kind: .topup, arguments: arguments).run(program)
    }
}

/// `deckhand wallet grant`.
struct WalletGrantCommand: Command {
    static let specification = CommandSpecification(
        name: "wallet grant",
        summary: "Give credits, which are spent before paid ones and may lapse.",
        operands: [.init(name: "CLIENT"), .init(name: "AMOUNT")],
        options: [
            WalletText.brand, WalletText.issuer, WalletDeposit.key, WalletDeposit.note,
            .init(
                flag: "--priority",
                placeholder: "NUMBER",
                summary: "Lower numbers are spent first; 50 without this, paid credits have 100."
            ),
            .init(
                flag: "--days",
                placeholder: "NUMBER",
                summary: "When the rest lapses; never without this."
            ),
            CommandSpecification.dataDirectory,
        ]
    )

    private let arguments: ParsedArguments
    private let priority: Int?
    private let days: Int64?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        priority = try Self.number(arguments, "--priority", 0...1_000)
        days = try Self.number(arguments, "--days", 1...3_650).map(Int64.init)
    }

    private static func number(_ arguments: ParsedArguments, _ flag: String, _ range: ClosedRange<Int>)
        throws(UsageError) -> Int?
    {
        guard let text = arguments[flag] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(flag) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        try await WalletDeposit(kind: .grant, arguments: arguments)
            .run(program, priority: priority, days: days)
    }
}

/// `deckhand wallet verify`.
struct WalletVerifyCommand: Command {
    static let specification = CommandSpecification(
        name: "wallet verify",
        summary: "Recompute every wallet from its transfers; fails when something does not add up.",
        options: [CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let configuration = try program.configuration(arguments).configuration
        var wrong = 0
        try await WalletAccess.withWallets(of: configuration) { access in
            for wallet in try await access.all() {
                let mistakes = try await access.credits.verify(wallet.id).mistakes
                if !mistakes.isEmpty { wrong += 1 }
                for mistake in mistakes { try await console.print("wallet \(wallet.id): \(mistake)") }
            }
        }
        await console.say(wrong == 0 ? "All wallets add up." : "\(wrong) wallets do not add up.")
        return wrong == 0 ? 0 : 1
    }
}
