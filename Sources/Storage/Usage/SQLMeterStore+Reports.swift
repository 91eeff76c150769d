internal import Core
internal import Domain
internal import SQL

extension SQLMeterStore {
    func rows(_ query: UsageQuery, before: MeteredCallID?, limit: Int) async throws -> Page<UsageRow> {
        var condition = Self.condition(query, none: "is null")
        if let from = query.from { condition = "\(condition) and started >= \(from.start)" }
        if let until = query.until { condition = "\(condition) and started < \(until.next.start)" }
        return try await gate.read { [condition] db in
            let rows = try db.all(
                """
                select \(UsageRows.columns) from usage
                where client_id is not null and id < \(before?.rawValue ?? .max) and \(condition)
                order by id desc limit \(Page<UsageRow>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, UsageRows.row)
        }
    }

    func sums(_ query: UsageQuery, by dimensions: Set<UsageDimension>, limit: Int) async throws
        -> Page<UsageSum>
    {
        var condition = Self.condition(query, none: "= 0")
        if let from = query.from { condition = "\(condition) and day >= \(from.number)" }
        if let until = query.until { condition = "\(condition) and day <= \(until.number)" }
        func column(_ dimension: UsageDimension, _ name: SQLStatement) -> SQLStatement {
            dimensions.contains(dimension) ? name : "null"
        }
        let columns: SQLStatement = """
            \(column(.client, "client_id")), \(column(.brand, "nullif(brand_id, 0)")), \(column(.user, "principal")),
            \(column(.day, "day")), \(column(.model, "model"))
            """
        return try await gate.read { [condition] db in
            let rows = try db.all(
                """
                select \(columns), sum(calls), sum(input_tokens), sum(output_tokens), sum(cost) from usage_days
                where \(condition) group by 1, 2, 3, 4, 5 order by 4, 1, 2, 3, 5
                limit \(Page<UsageSum>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, Self.sum)
        }
    }

    private static func sum(_ row: SQLRow) throws -> UsageSum {
        var sum = UsageSum(
            calls: try row.get(5),
            inputTokens: try row.get(6),
            outputTokens: try row.get(7),
            cost: Credits(minor: try row.get(8))
        )
        sum.client = try row.get(0, as: Int64?.self).map(ClientID.init)
        sum.brand = try row.get(1, as: Int64?.self).map(BrandID.init)
        sum.principal = try row.get(2, as: String?.self).map { PrincipalID($0) }
        sum.day = try row.get(3, as: Int64?.self).map(UTCDay.init(number:))
        sum.model = try row.get(4, as: String?.self).map(ChatRow.model)
        return sum
    }

    /// Whose rows: the only place that says how; `none` is how the table writes that there is no brand or location.
    private static func condition(_ query: UsageQuery, none: SQLStatement) -> SQLStatement {
        var condition: SQLStatement = "1 = 1"
        if let issuer = query.issuer {
            condition = "\(condition) and client_id in (select id from clients where issuer = \(issuer))"
        }
        if let client = query.client { condition = "\(condition) and client_id = \(client.rawValue)" }
        if let brand = query.brand { condition = "\(condition) and brand_id = \(brand.rawValue)" }
        // Beyond brands and locations, for the client or brand as a whole, only what is their own.
        let own: SQLStatement = query.owner.map { "principal = \($0.rawValue)" } ?? "1 = 0"
        if let brands = query.brands {
            let any = brands.sorted().reduce("brand_id \(none) and \(own)" as SQLStatement) {
                "\($0) or brand_id = \($1.rawValue)"
            }
            condition = "\(condition) and (\(any))"
        }
        if let locations = query.locations {
            let any = locations.sorted().reduce("location_id \(none) and \(own)" as SQLStatement) {
                "\($0) or location_id = \($1.rawValue)"
            }
            condition = "\(condition) and (\(any))"
        }
        if let principal = query.principal {
            condition = "\(condition) and principal = \(principal.rawValue)"
        }
        return condition
    }
}
