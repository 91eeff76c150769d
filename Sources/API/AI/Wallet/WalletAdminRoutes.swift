internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/wallets: looking after wallets.
struct WalletAdminRoutes: Sendable {
    private let credits: CreditServices
    private let fields: WalletFields
    private let places: WalletPlaces

    init(_ credits: CreditServices) {
        self.credits = credits
        fields = WalletFields(credits)
        places = WalletPlaces(credits)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/wallets", access: .signIn(.admin, on: nil), list),
            Route(.post, "/v1/admin/wallets", access: .signIn(.admin, on: .client), open),
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
            Route(.put, "/v1/admin/caps", access: .signIn(.admin, on: .client), setCap),
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
        let body = try BodyReader(context.request, known: ["client", "brand", "issuer"])
        let place = try await places.place(body, for: try context.caller())
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
        let body = try BodyReader(context.request, known: WalletBodies.members(of: kind))
        let transfer = try await credits.service.deposit(
            try WalletBodies.deposit(kind, body, at: credits.service.now, by: by),
            to: try Self.wallet(context)
        )
        return NativeAnswers.json { fields.write(transfer, to: &$0) }
    }

    private func setCap(_ context: RequestContext) async throws -> HTTPResponse {
        let by = try credits.service.caretaker(try context.caller())
        let body = try BodyReader(context.request, known: WalletBodies.capMembers)
        let cap = try await WalletBodies(places).cap(body, for: try context.caller())
        try await credits.service.setCap(cap.amount, of: cap.client, cap.subject, per: cap.period, by: by)
        return HTTPResponse(status: 204)
    }

    private func events(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try credits.service.caretaker(try context.caller())
        let reader = QueryReader(context.request.query)
        let page = try await credits.service.events(
            after: try reader.integer("after", 0...(.max)) ?? 0,
            limit: Int(try reader.integer("limit", 1...1_000) ?? 100)
        )
        return WalletFields.answer(page)
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
        let names = try await fields.names(of: statement.holds.map(\.draft.place))
        var subjects: [SpendingCap.Subject: String] = [:]
        for cap in statement.caps { subjects[cap.subject] = try await fields.name(of: cap) }
        return NativeAnswers.json { writer in
            writer.object { writer in
                fields.writeMembers(of: wallet, owner, to: &writer)
                writer.key("lots")
                writer.array { writer in for lot in statement.lots { Self.write(lot, to: &writer) } }
                writer.key("holds")
                writer.array { writer in
                    for hold in statement.holds {
                        fields.write(hold, names[hold.draft.place], to: &writer)
                    }
                }
                writer.key("thresholds")
                writer.array { writer in
                    for threshold in statement.thresholds { writer.integer(threshold.amount.minor) }
                }
                writer.key("caps")
                writer.array { writer in
                    for cap in statement.caps { Self.write(cap, subjects[cap.subject], to: &writer) }
                }
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

    private static func write(_ cap: SpendingCap, _ name: String?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("of")
            switch cap.subject {
            case .brand(let brand): writer.string("brand:\(brand)")
            case .user(let user): writer.string("user:\(user)")
            case .eachUser: writer.string("each_user")
            }
            writer.key("name")
            writer.optional(name)
            writer.key("period")
            writer.string(cap.period.rawValue)
            writer.key("amount")
            writer.integer(cap.amount.minor)
        }
    }
}
