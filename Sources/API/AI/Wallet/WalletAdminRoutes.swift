internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/wallets: looking after wallets.
struct WalletAdminRoutes: Sendable {
    private let credits: CreditServices
    private let fields: WalletFields

    init(_ credits: CreditServices) {
        self.credits = credits
        fields = WalletFields(credits)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/wallets", access: .signIn(.admin, on: nil), list),
            Route(.post, "/v1/admin/wallets", access: .signIn(.admin, on: nil), open),
            Route(.get, "/v1/admin/wallets/{wallet}", access: .signIn(.admin, on: .wallet), show),
            Route(.patch, "/v1/admin/wallets/{wallet}", access: .signIn(.admin, on: .wallet), change),
            Route(
                .get,
                "/v1/admin/wallets/{wallet}/transfers",
                access: .signIn(.admin, on: .wallet),
                transfers
            ),
            Route(.post, "/v1/admin/wallets/{wallet}/topups", access: .signIn(.admin, on: .wallet)) {
                try await deposit(.topup, $0)
            },
            Route(.post, "/v1/admin/wallets/{wallet}/grants", access: .signIn(.admin, on: .wallet)) {
                try await deposit(.grant, $0)
            },
            Route(.put, "/v1/admin/caps", access: .signIn(.admin, on: nil), setCap),
            Route(.get, "/v1/admin/wallet-events", access: .signIn(.admin, on: nil), events),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try credits.service.caretaker(try context.caller())
        let reader = QueryReader(context.request.query)
        let page = try await credits.service.list(
            after: try reader.integer("after", 1...(.max)).map(WalletID.init),
            limit: Int(try reader.integer("limit", 1...1_000) ?? 100)
        )
        var owners: [WalletID: PlaceName] = [:]
        for wallet in page.elements { owners[wallet.id] = try await fields.names(of: wallet) }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("wallets")
                writer.array { writer in
                    for wallet in page.elements {
                        guard let owner = owners[wallet.id] else { continue }
                        writer.object { fields.writeMembers(of: wallet, owner, to: &$0) }
                    }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
            }
        }
    }

    private func open(_ context: RequestContext) async throws -> HTTPResponse {
        let by = try credits.service.caretaker(try context.caller())
        let body = try BodyReader(context.request, known: ["client", "brand"])
        guard let client = try body.string("client") else { throw body.wrong("client", "a client's id") }
        let place = try await credits.places.place(
            client: client,
            brand: try body.string("brand"),
            location: nil
        )
        let owner = WalletOwner(client: place.client, brand: place.brand)
        return try await answer(try await credits.service.open(owner, by: by))
    }

    private func show(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try credits.service.caretaker(try context.caller())
        return try await answer(try await credits.service.wallet(try Self.wallet(context)))
    }

    private func change(_ context: RequestContext) async throws -> HTTPResponse {
        let by = try credits.service.caretaker(try context.caller())
        let id = try Self.wallet(context)
        let body = try BodyReader(context.request, known: ["line", "thresholds"])
        let thresholds = try body.integers("thresholds")
        if let line = try body.integer("line") {
            _ = try await credits.service.setLine(Credits(minor: line), of: id, by: by)
        }
        if let thresholds {
            let amounts = Set(thresholds.map(Credits.init(minor:)))
            try await credits.service.setThresholds(amounts, of: id, by: by)
        }
        return try await answer(try await credits.service.wallet(id))
    }

    private func transfers(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try credits.service.caretaker(try context.caller())
        let reader = QueryReader(context.request.query)
        let id = try await credits.service.wallet(try Self.wallet(context)).id
        let page = try await credits.service.transfers(
            of: id,
            before: try reader.integer("after", 1...(.max)).map(TransferID.init),
            limit: Int(try reader.integer("limit", 1...1_000) ?? 100)
        )
        return fields.answer(page)
    }

    private func deposit(_ kind: DepositKind, _ context: RequestContext) async throws -> HTTPResponse {
        let by = try credits.service.caretaker(try context.caller())
        let body = try BodyReader(
            context.request,
            known: kind == .topup
                ? ["amount", "key", "note"] : ["amount", "key", "note", "priority", "expires_in_days"]
        )
        guard let amount = try body.integer("amount") else { throw body.wrong("amount", "a whole number") }
        guard let key = try body.string("key") else { throw body.wrong("key", "a key of your own") }
        let days = kind == .grant ? try body.integer("expires_in_days") : nil
        if let days, !(1...3_650).contains(days) {
            throw body.wrong("expires_in_days", "a number from 1 to 3650")
        }
        let transfer = try await credits.service.deposit(
            Deposit(
                kind,
                Credits(minor: amount),
                priority: kind == .grant ? try body.integer("priority").map { Int($0) } : nil,
                expires: days.map { credits.service.now + .seconds($0 * 86_400) },
                key: key,
                note: try body.string("note"),
                principal: by
            ),
            to: try Self.wallet(context)
        )
        return NativeAnswers.json { fields.write(transfer, to: &$0) }
    }

    private func setCap(_ context: RequestContext) async throws -> HTTPResponse {
        let by = try credits.service.caretaker(try context.caller())
        let body = try BodyReader(
            context.request,
            known: ["client", "brand", "user", "each_user", "period", "amount"]
        )
        guard let client = try body.string("client") else { throw body.wrong("client", "a client's id") }
        guard let period = try body.word("period", SpendingCap.Period.self) else {
            throw body.wrong("period", "\"day\" or \"month\"")
        }
        let place = try await credits.places.place(
            client: client,
            brand: try body.string("brand"),
            location: nil
        )
        let user = try body.string("user")
        let subject: SpendingCap.Subject
        switch (place.brand, user, try body.bool("each_user") ?? false) {
        case (let brand?, nil, false): subject = .brand(brand)
        case (nil, let user?, false):
            subject = .user(try await credits.places.user(user, of: place.client))
        case (nil, nil, true): subject = .eachUser
        default: throw body.wrong("brand", "the one of brand, user and each_user that is meant")
        }
        let amount = try body.integer("amount").map(Credits.init(minor:))
        try await credits.service.setCap(amount, of: place.client, subject, per: period, by: by)
        return HTTPResponse(status: 204)
    }

    private func events(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try credits.service.caretaker(try context.caller())
        let reader = QueryReader(context.request.query)
        let page = try await credits.service.events(
            after: try reader.integer("after", 0...(.max)) ?? 0,
            limit: Int(try reader.integer("limit", 1...1_000) ?? 100)
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("events")
                writer.array { writer in for event in page.elements { Self.write(event, to: &writer) } }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id : nil, to: &writer)
            }
        }
    }

    // MARK: Shared

    private static func wallet(_ context: RequestContext) throws(Failure) -> WalletID {
        guard let number = Int64(context.parameter("wallet")), number > 0 else {
            throw Failure(
                .notFound,
                code: "wallet_not_found",
                message: "There is no such wallet.",
                hint: "GET /v1/admin/wallets lists those that there are."
            )
        }
        return WalletID(number)
    }

    private func answer(_ wallet: Wallet) async throws -> HTTPResponse {
        let statement = try await credits.service.statement(of: wallet)
        let owner = try await fields.names(of: wallet)
        let places = try await fields.names(of: statement.holds.map(\.draft.place))
        return NativeAnswers.json { writer in
            writer.object { writer in
                fields.writeMembers(of: wallet, owner, to: &writer)
                writer.key("lots")
                writer.array { writer in for lot in statement.lots { Self.write(lot, to: &writer) } }
                writer.key("holds")
                writer.array { writer in
                    for hold in statement.holds {
                        fields.write(hold, places[hold.draft.place], to: &writer)
                    }
                }
                writer.key("thresholds")
                writer.array { writer in
                    for threshold in statement.thresholds { writer.integer(threshold.amount.minor) }
                }
                writer.key("caps")
                writer.array { writer in for cap in statement.caps { Self.write(cap, to: &writer) } }
            }
        }
    }

    private static func write(_ lot: Lot, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("kind")
            writer.string(lot.kind.rawValue)
            writer.key("amount")
            writer.integer(lot.amount.minor)
            writer.key("remaining")
            writer.integer(lot.remaining.minor)
            writer.key("priority")
            writer.integer(lot.priority)
            writer.key("expires")
            writer.optional(lot.expires)
        }
    }

    private static func write(_ cap: SpendingCap, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("of")
            switch cap.subject {
            case .brand(let brand): writer.string("brand:\(brand)")
            case .user(let user): writer.string("user:\(user)")
            case .eachUser: writer.string("each_user")
            }
            writer.key("period")
            writer.string(cap.period.rawValue)
            writer.key("amount")
            writer.integer(cap.amount.minor)
        }
    }

    private static func write(_ event: WalletEvent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(event.id)
            writer.key("wallet")
            writer.integer(event.wallet.rawValue)
            writer.key("threshold")
            writer.integer(event.threshold.minor)
            writer.key("balance")
            writer.integer(event.balance.minor)
            writer.key("created")
            writer.time(event.created)
        }
    }
}
