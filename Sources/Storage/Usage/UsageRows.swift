internal import Core
internal import Domain
internal import SQL

/// Usage rows, as every store of them reads and begins them.
enum UsageRows {
    static let columns: SQLStatement = """
        id, model, principal, door, turn_id, client_id, brand_id, location_id, is_own_account, started, finished,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, outcome, cost, is_estimated, quantity
        """

    static func begin(
        _ model: ModelReference,
        _ context: CallContext,
        inputEstimate: Int,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws -> MeteredCallID {
        let place = context.place
        let row = try db.first(
            """
            insert into usage (model, principal, door, turn_id, client_id, brand_id, location_id, is_own_account,
                input_estimate, started)
            values (\(model.description), \(context.principal.rawValue), \(context.door.rawValue),
                \(context.turn?.rawValue), \(place?.client.rawValue), \(place?.brand?.rawValue),
                \(place?.location?.rawValue), \(context.isOwnAccount), \(inputEstimate), \(now))
            returning id
            """
        )
        guard let row else { throw SQLError(.shape, message: "the new row was not returned") }
        return MeteredCallID(try row.get(0))
    }

    /// Stores how a row ended; false when it had ended before.
    @discardableResult
    static func end(
        _ id: MeteredCallID,
        outcome: CallOutcome,
        usage: TokenUsage? = nil,
        isEstimated: Bool = false,
        cost: Credits,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws -> Bool {
        try db.execute(
            """
            update usage set finished = \(now), outcome = \(outcome.rawValue), input_tokens = \(usage?.input),
                cached_input_tokens = \(usage?.cachedInput), output_tokens = \(usage?.output),
                reasoning_tokens = \(usage?.reasoning), is_estimated = \(isEstimated), cost = \(cost.minor)
            where id = \(id.rawValue) and outcome is null
            """
        ) > 0
    }

    static func row(_ id: MeteredCallID, _ db: borrowing Connection) throws -> UsageRow? {
        try db.first("select \(columns) from usage where id = \(id.rawValue)").map(row)
    }

    static func row(_ row: SQLRow) throws -> UsageRow {
        var reader = SQLRowReader(row)
        let id = MeteredCallID(try reader.next())
        let model = try ChatRow.model(try reader.next())
        let context = try context(&reader)
        let (started, finished): (Timestamp, Timestamp?) = (try reader.next(), try reader.next())
        let tokens: [Int?] = [
            try reader.next(), try reader.next(), try reader.next(), try reader.next(),
        ]
        let outcome = try reader.next(as: String?.self)
        return UsageRow(
            id: id,
            model: model,
            context: context,
            started: started,
            finished: finished,
            usage: tokens[0].map {
                TokenUsage(
                    input: $0,
                    cachedInput: tokens[1] ?? 0,
                    output: tokens[2] ?? 0,
                    reasoning: tokens[3] ?? 0
                )
            },
            outcome: outcome.flatMap(CallOutcome.init(rawValue:)),
            cost: Credits(minor: try reader.next()),
            isEstimated: try reader.next(),
            quantity: try reader.next()
        )
    }

    private static func context(_ reader: inout SQLRowReader) throws -> CallContext {
        let principal = PrincipalID(try reader.next())
        guard let door = CallDoor(rawValue: try reader.next()) else {
            throw SQLError(.shape, message: "column door holds an unknown word")
        }
        let turn = try reader.next(as: Int64?.self).map(TurnID.init)
        let place = try PlaceColumns.place(&reader)
        var context = CallContext(principal: principal, door: door, turn: turn, place: place)
        context.isOwnAccount = try reader.next()
        return context
    }
}

/// The columns client_id, brand_id and location_id.
enum PlaceColumns {
    static func place(_ reader: inout SQLRowReader) throws -> Place? {
        let client = try reader.next(as: Int64?.self)
        let brand = try reader.next(as: Int64?.self)
        let location = try reader.next(as: Int64?.self)
        return client.map {
            Place(
                client: ClientID($0),
                brand: brand.map(BrandID.init),
                location: location.map(LocationID.init)
            )
        }
    }
}
