internal import Core
internal import Domain
internal import SQL

/// Rows of wallets, lots, holds and transfers as values.
enum WalletRows {
    static let walletColumns: SQLStatement = "id, client_id, brand_id, balance, held, line, created"
    static let lotColumns: SQLStatement = "id, kind, amount, remaining, priority, expires"
    static let holdColumns: SQLStatement = """
        id, wallet_id, key, amount, used, state, client_id, brand_id, location_id, principal, item, created, expires,
        ended
        """
    static let transferColumns: SQLStatement = """
        id, wallet_id, kind, amount, held, balance, written_off, hold_id, usage_id, key, note, principal, created
        """

    static func wallet(_ row: SQLRow) throws -> Wallet {
        var reader = SQLRowReader(row)
        let id = WalletID(try reader.next())
        let client = ClientID(try reader.next())
        let brand = try reader.next(as: Int64?.self).map(BrandID.init)
        return Wallet(
            id: id,
            owner: WalletOwner(client: client, brand: brand),
            balance: Credits(minor: try reader.next()),
            held: Credits(minor: try reader.next()),
            line: Credits(minor: try reader.next()),
            created: try reader.next()
        )
    }

    static func lot(_ row: SQLRow) throws -> Lot {
        var reader = SQLRowReader(row)
        return Lot(
            id: LotID(try reader.next()),
            kind: try word(reader.next()),
            amount: Credits(minor: try reader.next()),
            remaining: Credits(minor: try reader.next()),
            priority: try reader.next(),
            expires: try reader.next()
        )
    }

    static func hold(_ row: SQLRow) throws -> Hold {
        var reader = SQLRowReader(row)
        let (id, wallet) = (HoldID(try reader.next()), WalletID(try reader.next()))
        let key: String = try reader.next()
        let amount = Credits(minor: try reader.next())
        let used = try reader.next(as: Int64?.self).map(Credits.init(minor:))
        let state: HoldState = try word(reader.next())
        guard let place = try PlaceColumns.place(&reader) else {
            throw SQLError(.shape, message: "a hold has no place")
        }
        let principal = PrincipalID(try reader.next())
        let item = try ChatRow.model(try reader.next())
        let (created, expires): (Timestamp, Timestamp) = (try reader.next(), try reader.next())
        return Hold(
            id: id,
            wallet: wallet,
            draft: HoldDraft(
                key: key,
                amount: amount,
                place: place,
                principal: principal,
                expires: expires,
                item: item
            ),
            state: state,
            used: used,
            created: created,
            ended: try reader.next()
        )
    }

    static func transfer(_ row: SQLRow, draws: [LedgerStep.Draw]) throws -> Transfer {
        var reader = SQLRowReader(row)
        let (id, wallet) = (TransferID(try reader.next()), WalletID(try reader.next()))
        let kind: TransferKind = try word(reader.next())
        let (amount, held, balance, writtenOff): (Int64, Int64, Int64, Int64) = (
            try reader.next(), try reader.next(), try reader.next(), try reader.next()
        )
        return Transfer(
            id: id,
            wallet: wallet,
            step: LedgerStep(
                kind,
                amount: Credits(minor: amount),
                held: Credits(minor: held),
                writtenOff: Credits(minor: writtenOff),
                draws: draws
            ),
            balance: Credits(minor: balance),
            hold: try reader.next(as: Int64?.self).map(HoldID.init),
            usage: try reader.next(as: Int64?.self).map(MeteredCallID.init),
            key: try reader.next(),
            note: try reader.next(),
            principal: PrincipalID(try reader.next()),
            created: try reader.next()
        )
    }

    static func word<Word: RawRepresentable<String>>(_ text: String) throws -> Word {
        guard let word = Word(rawValue: text) else {
            throw SQLError(.shape, message: "a column of the ledger holds an unknown word")
        }
        return word
    }
}
