internal import Core
internal import Domain
internal import HTTPServer

/// Usage as JSON or CSV (RFC 4180).
struct UsageReport {
    private let fields: WalletFields

    init(_ fields: WalletFields) { self.fields = fields }

    // MARK: Rows

    func answer(_ row: UsageRow) async throws -> HTTPResponse {
        let (places, users) = try await names(of: [row])
        return NativeAnswers.json { write(row, places, users, to: &$0) }
    }

    func answer(_ page: Page<UsageRow>, isFile: Bool) async throws -> HTTPResponse {
        let (places, users) = try await names(of: page.elements)
        let next = page.hasMore ? page.elements.last?.id.rawValue : nil
        guard isFile else {
            return NativeAnswers.json { writer in
                writer.object { writer in
                    fields.writeUnit(to: &writer)
                    writer.key("usage")
                    writer.array { writer in
                        for row in page.elements { write(row, places, users, to: &writer) }
                    }
                    NativeAnswers.writeNext(next, to: &writer)
                }
            }
        }
        var table = CSVTable([
            "id", "model", "door", "issuer", "client", "brand", "location", "user", "started", "finished",
            "outcome",
            "quantity", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost",
            "estimated", "own_account",
        ])
        for row in page.elements {
            let place = row.context.place.flatMap { places[$0] }
            table.add([
                "\(row.id.rawValue)", row.model.description, row.context.door.rawValue, place?.issuer,
                place?.client, place?.brand, place?.location, users[row.context.principal]?.name,
                row.started.rfc3339, row.finished?.rfc3339, row.outcome?.rawValue, "\(row.quantity)",
                row.usage.map { "\($0.input)" }, row.usage.map { "\($0.cachedInput)" },
                row.usage.map { "\($0.output)" }, row.usage.map { "\($0.reasoning)" }, "\(row.cost)",
                "\(row.isEstimated)", "\(row.context.isOwnAccount)",
            ])
        }
        return table.answer(next: next)
    }

    private func names(of rows: [UsageRow]) async throws -> ([Place: PlaceName], [PrincipalID: PrincipalName])
    {
        (
            try await fields.names(of: rows.compactMap(\.context.place)),
            try await fields.names(of: rows.map(\.context.principal))
        )
    }

    private func write(
        _ row: UsageRow,
        _ places: [Place: PlaceName],
        _ users: [PrincipalID: PrincipalName],
        to writer: inout JSONWriter
    ) {
        let place = row.context.place.flatMap { places[$0] }
        writer.object { writer in
            writer.key("id")
            writer.integer(row.id.rawValue)
            writer.key("model")
            writer.string(row.model.description)
            writer.key("door")
            writer.string(row.context.door.rawValue)
            writer.key("issuer")
            writer.optional(place?.issuer)
            writer.key("client")
            writer.optional(place?.client)
            writer.key("brand")
            writer.optional(place?.brand)
            writer.key("location")
            writer.optional(place?.location)
            writer.key("user")
            writer.optional(users[row.context.principal]?.name)
            writer.key("turn")
            writer.optional(row.context.turn?.rawValue)
            writer.key("started")
            writer.time(row.started)
            writer.key("finished")
            writer.optional(row.finished)
            writer.key("outcome")
            writer.optional(row.outcome?.rawValue)
            writer.key("quantity")
            writer.integer(row.quantity)
            writer.key("tokens")
            if let usage = row.usage { Self.write(usage, to: &writer) } else { writer.null() }
            writer.key("cost")
            writer.integer(row.cost.minor)
            writer.key("estimated")
            writer.bool(row.isEstimated)
            writer.key("own_account")
            writer.bool(row.context.isOwnAccount)
        }
    }

    private static func write(_ usage: TokenUsage, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("input")
            writer.integer(usage.input)
            writer.key("cached_input")
            writer.integer(usage.cachedInput)
            writer.key("output")
            writer.integer(usage.output)
            writer.key("reasoning")
            writer.integer(usage.reasoning)
        }
    }

    // MARK: Sums

    func answer(_ page: Page<UsageSum>, by dimensions: Set<UsageDimension>, isFile: Bool) async throws
        -> HTTPResponse
    {
        let places = try await fields.names(of: page.elements.compactMap(Self.place))
        let users = try await fields.names(of: page.elements.compactMap(\.principal))
        let order = UsageDimension.allCases.filter(dimensions.contains)
        // Names of clients and users are their application's.
        let namesIssuer = dimensions.contains(.client) || dimensions.contains(.user)
        func issuer(_ sum: UsageSum) -> String? {
            Self.place(sum).flatMap { places[$0]?.issuer } ?? sum.principal.flatMap { users[$0]?.issuer }
        }
        func value(_ dimension: UsageDimension, _ sum: UsageSum) -> String? {
            switch dimension {
            case .client: Self.place(sum).flatMap { places[$0]?.client }
            case .brand: Self.place(sum).flatMap { places[$0]?.brand }
            case .user: sum.principal.flatMap { users[$0]?.name }
            case .day: sum.day?.description
            case .model: sum.model?.description
            }
        }
        guard isFile else {
            return NativeAnswers.json { writer in
                writer.object { writer in
                    fields.writeUnit(to: &writer)
                    writer.key("sums")
                    writer.array { writer in
                        for sum in page.elements {
                            writer.object { writer in
                                if namesIssuer {
                                    writer.key("issuer")
                                    writer.optional(issuer(sum))
                                }
                                for dimension in order {
                                    writer.key(dynamic: dimension.rawValue)
                                    writer.optional(value(dimension, sum))
                                }
                                Self.writeTotals(of: sum, to: &writer)
                            }
                        }
                    }
                    writer.key("cut")
                    writer.bool(page.hasMore)
                }
            }
        }
        var table = CSVTable(
            (namesIssuer ? ["issuer"] : []) + order.map(\.rawValue) + [
                "calls", "input_tokens", "output_tokens", "cost",
            ]
        )
        for sum in page.elements {
            table.add(
                (namesIssuer ? [issuer(sum)] : []) + order.map { value($0, sum) }
                    + ["\(sum.calls)", "\(sum.inputTokens)", "\(sum.outputTokens)", "\(sum.cost)"]
            )
        }
        return table.answer(next: nil)
    }

    /// A brand has a name with its client only.
    private static func place(_ sum: UsageSum) -> Place? {
        sum.client.map { Place(client: $0, brand: sum.brand) }
    }

    private static func writeTotals(of sum: UsageSum, to writer: inout JSONWriter) {
        writer.key("calls")
        writer.integer(sum.calls)
        writer.key("input_tokens")
        writer.integer(sum.inputTokens)
        writer.key("output_tokens")
        writer.integer(sum.outputTokens)
        writer.key("cost")
        writer.integer(sum.cost.minor)
    }
}
