public import Core

extension Funds {
    /// Writes the members of an object; amounts are whole minor units of the unit.
    public func writeMembers(to json: inout JSONWriter) {
        json.key("wallet")
        if let wallet { json.integer(wallet.rawValue) } else { json.null() }
        json.key("unit")
        json.object { json in
            json.key("name")
            json.string(unit.name)
            json.key("decimals")
            json.integer(unit.decimals)
        }
        json.key("balance")
        json.integer(balance.minor)
        json.key("available")
        json.integer(available.minor)
        json.key("needed")
        json.integer(needed.minor)
    }

    /// Reads what ``writeMembers(to:)`` wrote; nil for anything else.
    init?(_ value: JSONValue) {
        guard let name = value["unit"]?["name"]?.string, let decimals = value["unit"]?["decimals"]?.integer,
            let balance = value["balance"]?.integer, let available = value["available"]?.integer,
            let needed = value["needed"]?.integer
        else { return nil }
        self.init(
            wallet: value["wallet"]?.integer.map { WalletID($0) },
            unit: CreditUnit(name: name, decimals: Int(clamping: decimals)),
            balance: Credits(minor: balance),
            available: Credits(minor: available),
            needed: Credits(minor: needed)
        )
    }
}
