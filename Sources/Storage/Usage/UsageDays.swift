internal import Core
internal import Domain
internal import SQL

/// The sums of usage rows by day, which change together with the rows.
enum UsageDays {
    static func add(
        _ model: ModelReference,
        _ context: CallContext,
        usage: TokenUsage?,
        cost: Credits,
        quantity: Int = 1,
        at now: Timestamp,
        _ db: borrowing Connection
    ) throws {
        guard let place = context.place else { return }
        try db.execute(
            """
            insert into usage_days (client_id, day, brand_id, location_id, principal, model, calls, input_tokens,
                output_tokens, cost)
            values (\(place.client.rawValue), \(UTCDay(now).number), \(place.brand?.rawValue ?? 0),
                \(place.location?.rawValue ?? 0), \(context.principal.rawValue), \(model.description), \(quantity),
                \(usage?.input ?? 0), \(usage?.output ?? 0), \(cost.minor))
            on conflict (client_id, day, brand_id, location_id, principal, model) do update set
                calls = usage_days.calls + excluded.calls,
                input_tokens = usage_days.input_tokens + excluded.input_tokens,
                output_tokens = usage_days.output_tokens + excluded.output_tokens,
                cost = usage_days.cost + excluded.cost
            """
        )
    }
}
