internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/wallet and /v1/ai/usage: what users see of the wallet that pays for them, and what host applications record.
struct WalletRoutes: Sendable {
    private static let pageLimit: Int64 = 1_000
    private static let fileLimit: Int64 = 10_000

    private let credits: CreditServices
    private let fields: WalletFields
    private let places: WalletPlaces

    init(_ credits: CreditServices) {
        self.credits = credits
        fields = WalletFields(credits)
        places = WalletPlaces(credits)
    }

    var routes: [Route] {
        let reader = { (kind: ObjectKind?) in
            RouteAccess.credential(.aiWallet, on: kind).andUsers(.aiWallet).andHosts()
        }
        return [
            Route(.get, "/v1/ai/wallet", access: reader(.wallet), show),
            Route(.get, "/v1/ai/wallet/transfers", access: reader(.wallet), transfers),
            Route(.get, "/v1/ai/usage", access: reader(nil), usage),
            Route(.post, "/v1/ai/usage", access: .host(on: .client), record),
        ]
    }

    private func show(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let wallet = try await credits.reader.wallet(
            of: try await places.place(QueryReader(context.request.query), for: caller),
            as: caller
        )
        let holds = try await credits.reader.holds(of: wallet, as: caller)
        let owner = try await fields.names(of: wallet)
        let names = try await fields.names(of: holds.map(\.draft.place))
        return NativeAnswers.json { writer in
            writer.object { writer in
                fields.writeMembers(of: wallet, owner, to: &writer)
                writer.key("holds")
                writer.array { writer in
                    for hold in holds { fields.write(hold, names[hold.draft.place], to: &writer) }
                }
            }
        }
    }

    private func transfers(_ context: RequestContext) async throws -> HTTPResponse {
        let reader = QueryReader(context.request.query)
        let page = try await credits.reader.transfers(
            of: try await places.place(reader, for: try context.caller()),
            before: try reader.integer("after", 1...(.max)).map(TransferID.init),
            limit: Int(try reader.integer("limit", 1...Self.pageLimit) ?? 100),
            as: try context.caller()
        )
        return fields.answer(page)
    }

    private func usage(_ context: RequestContext) async throws -> HTTPResponse {
        let reader = QueryReader(context.request.query)
        let isFile = try reader.word("format", UsageFormat.self) == .csv
        let limit = try reader.integer("limit", 1...(isFile ? Self.fileLimit : Self.pageLimit))
        let caller = try context.caller()
        let query = try await query(reader, for: caller)
        if let dimensions = try dimensions(reader) {
            let page = try await credits.reader.sums(
                query,
                by: dimensions,
                limit: Int(limit ?? Self.fileLimit),
                as: caller
            )
            return try await UsageReport(fields).answer(page, by: dimensions, isFile: isFile)
        }
        let page = try await credits.reader.usage(
            query,
            before: try reader.integer("after", 1...(.max)).map(MeteredCallID.init),
            limit: Int(limit ?? (isFile ? Self.fileLimit : 100)),
            as: caller
        )
        return try await UsageReport(fields).answer(page, isFile: isFile)
    }

    private func record(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let by = try credits.service.caretaker(caller)
        let body = try BodyReader(
            context.request,
            known: [
                "key", "item", "quantity", "client", "brand", "location", "user", "charge", "cost", "issuer",
            ]
        )
        guard let key = try body.string("key") else { throw body.wrong("key", "a key of your own") }
        guard let item = try body.string("item") else { throw body.wrong("item", "a word such as document") }
        let place = try await places.place(body, for: caller)
        let user: PrincipalID? =
            if let name = try body.string("user") {
                try await places.user(name, of: place.client).principal
            } else { nil }
        let row = try await credits.service.record(
            ItemDraft(
                key: key,
                item: item,
                quantity: Int(try body.integer("quantity") ?? 1),
                place: place,
                principal: user ?? by
            ),
            charged: try body.bool("charge") ?? body.has("cost"),
            cost: try body.integer("cost").map(Credits.init(minor:))
        )
        return try await UsageReport(fields).answer(row)
    }

    // MARK: Reading requests

    private func query(_ reader: QueryReader, for caller: Principal) async throws -> UsageQuery {
        var query = UsageQuery()
        let user = try reader.text("user")
        if let place = try await places.place(reader, for: caller) {
            (query.client, query.brand) = (place.client, place.brand)
        }
        if let user {
            guard let client = query.client ?? caller.scope?.client else { throw Self.clientMissing }
            query.principal = try await places.user(user, of: client).principal
        } else if query.client == nil, try reader.text("brand") != nil {
            throw Self.clientMissing
        }
        // Backends and users see no other application's.
        query.issuer = WalletPlaces.issuer(of: caller, named: try reader.text("issuer"))
        query.from = try day("from", reader)
        query.until = try day("until", reader)
        return query
    }

    private static let clientMissing = Failure(
        .invalid,
        code: "invalid_parameter",
        message: "The parameter 'client' is missing.",
        hint: "Send the client to which the brand or user belongs."
    )

    private func day(_ name: String, _ reader: QueryReader) throws(Failure) -> UTCDay? {
        guard let text = try reader.text(name) else { return nil }
        guard let day = UTCDay(text: text) else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' is no day.",
                hint: "Send a day in UTC such as 2026-03-01."
            )
        }
        return day
    }

    /// What is summed up by; nil for single rows.
    private func dimensions(_ reader: QueryReader) throws(Failure) -> Set<UsageDimension>? {
        guard let text = try reader.text("by") else { return nil }
        var dimensions: Set<UsageDimension> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let dimension = UsageDimension(rawValue: String(word)) else {
                throw Failure(
                    .invalid,
                    code: "invalid_parameter",
                    message: "The parameter 'by' has an unknown value.",
                    hint: "Send some of: " + UsageDimension.allCases.map(\.rawValue).joined(separator: ",")
                )
            }
            dimensions.insert(dimension)
        }
        // A brand has a name with its client only.
        if dimensions.contains(.brand) { dimensions.insert(.client) }
        return dimensions
    }
}

/// How usage is written.
enum UsageFormat: String, CaseIterable {
    case json, csv
}
