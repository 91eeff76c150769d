import Application
import Core
import Domain

/// Wallets as text.
struct WalletText {
    static let brand = CommandSpecification.Option(
        flag: "--brand",
        placeholder: "BRAND",
        summary: "The brand's own wallet, in place of the client's."
    )

    static let issuer = CommandSpecification.Option(
        flag: "--issuer",
        placeholder: "ISSUER",
        summary: "The host application, where several have a client of this name."
    )

    private let unit: CreditUnit

    init(_ unit: CreditUnit) { self.unit = unit }

    func table(_ rows: [(wallet: Wallet, owner: PlaceName)]) -> String {
        // Said where it tells something.
        let namesIssuer = Set(rows.map { $0.owner.issuer }).count > 1
        return TextTable.text(
            ["WALLET"] + (namesIssuer ? ["ISSUER"] : [])
                + ["CLIENT", "BRAND", "BALANCE", "HELD", "LINE", "AVAILABLE"],
            rows.map { wallet, owner in
                ["\(wallet.id)"] + (namesIssuer ? [owner.issuer ?? "–"] : [])
                    + [
                        owner.client, owner.brand ?? "–", unit.number(wallet.balance),
                        unit.number(wallet.held), unit.number(wallet.line), unit.number(wallet.available),
                    ]
            }
        )
    }

    func json(_ rows: [(wallet: Wallet, owner: PlaceName)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("unit")
            writer.string(unit.name)
            writer.key("decimals")
            writer.integer(unit.decimals)
            writer.key("wallets")
            writer.array { writer in
                for (wallet, owner) in rows {
                    writer.object { writer in
                        writer.key("id")
                        writer.integer(wallet.id.rawValue)
                        writer.key("issuer")
                        if let issuer = owner.issuer { writer.string(issuer) } else { writer.null() }
                        writer.key("client")
                        writer.string(owner.client)
                        writer.key("brand")
                        if let brand = owner.brand { writer.string(brand) } else { writer.null() }
                        writer.key("balance")
                        writer.integer(wallet.balance.minor)
                        writer.key("held")
                        writer.integer(wallet.held.minor)
                        writer.key("line")
                        writer.integer(wallet.line.minor)
                        writer.key("available")
                        writer.integer(wallet.available.minor)
                    }
                }
            }
        }
        return writer.bytes + [10]
    }

    func statement(_ statement: WalletStatement, _ transfers: [Transfer]) -> String {
        let wallet = statement.wallet
        var text = """
            Wallet \(wallet.id): \(unit.text(wallet.available)) available
            balance \(unit.number(wallet.balance)), held \(unit.number(wallet.held)), line \(unit.number(wallet.line))

            """
        if !statement.lots.isEmpty {
            text +=
                "\n"
                + TextTable.text(
                    ["FROM", "LEFT", "OF", "PRIORITY", "LAPSES"],
                    statement.lots.map {
                        [
                            $0.kind.rawValue, unit.number($0.remaining), unit.number($0.amount),
                            "\($0.priority)", $0.expires?.rfc3339 ?? "never",
                        ]
                    }
                )
        }
        text +=
            "\n"
            + TextTable.text(
                ["TRANSFER", "KIND", "AMOUNT", "HELD", "BALANCE", "TIME", "BY"],
                transfers.map {
                    [
                        "\($0.id.rawValue)", $0.step.kind.rawValue, unit.number($0.step.amount),
                        unit.number($0.step.held), unit.number($0.balance), $0.created.rfc3339,
                        $0.principal.rawValue,
                    ]
                }
            )
        return text
    }
}
