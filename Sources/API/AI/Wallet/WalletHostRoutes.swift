internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/wallet for the backends of host applications: they look after the wallets of their own clients, by their own ids.
struct WalletHostRoutes: Sendable {
    private let credits: CreditServices
    private let fields: WalletFields
    private let places: WalletPlaces
    private let bodies: WalletBodies

    init(_ credits: CreditServices) {
        self.credits = credits
        fields = WalletFields(credits)
        places = WalletPlaces(credits)
        bodies = WalletBodies(places)
    }

    var routes: [Route] {
        [
            Route(.post, "/v1/ai/wallet/topups", access: .host(on: .client)) {
                try await deposit(.topup, $0)
            },
            Route(.post, "/v1/ai/wallet/grants", access: .host(on: .client)) {
                try await deposit(.grant, $0)
            },
            Route(.put, "/v1/ai/wallet/caps", access: .host(on: .client), setCap),
            Route(.put, "/v1/ai/wallet/thresholds", access: .host(on: .client), setThresholds),
            Route(.get, "/v1/ai/wallet/events", access: .host(on: .wallet), events),
        ]
    }

    /// The wallet of the client or brand that is named is made by its first deposit.
    private func deposit(_ kind: DepositKind, _ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let by = try credits.service.caretaker(caller)
        let body = try BodyReader(
            context.request,
            known: WalletBodies.members(of: kind).union(["client", "brand", "issuer"])
        )
        let deposit = try WalletBodies.deposit(kind, body, at: credits.service.now, by: by)
        let wallet = try await credits.service.open(
            WalletOwner(try await places.place(body, for: caller)),
            by: by
        )
        let transfer = try await credits.service.deposit(deposit, to: wallet.id)
        return NativeAnswers.json { fields.write(transfer, to: &$0) }
    }

    private func setCap(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let by = try credits.service.caretaker(caller)
        let body = try BodyReader(context.request, known: WalletBodies.capMembers)
        let cap = try await bodies.cap(body, for: caller)
        try await credits.service.setCap(cap.amount, of: cap.client, cap.subject, per: cap.period, by: by)
        return HTTPResponse(status: 204)
    }

    private func setThresholds(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let by = try credits.service.caretaker(caller)
        let body = try BodyReader(context.request, known: ["client", "brand", "issuer", "thresholds"])
        guard let amounts = try body.integers("thresholds") else {
            throw body.wrong("thresholds", "a list of amounts")
        }
        let wallet = try await credits.service.open(
            WalletOwner(try await places.place(body, for: caller)),
            by: by
        )
        try await credits.service.setThresholds(Set(amounts.map(Credits.init(minor:))), of: wallet.id, by: by)
        return HTTPResponse(status: 204)
    }

    private func events(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let query = QueryReader(context.request.query)
        guard let place = try await places.place(query, for: caller) else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter 'client' is missing.",
                hint: "Send the client whose wallet is meant, and the brand of a brand's own."
            )
        }
        let page = try await credits.reader.events(
            of: place,
            after: try query.integer("after", 0...(.max)) ?? 0,
            limit: Int(try query.integer("limit", 1...1_000) ?? 100),
            as: caller
        )
        return WalletFields.answer(page)
    }
}

extension WalletOwner {
    /// The brand of a place, else its client.
    fileprivate init(_ place: Place) { self.init(client: place.client, brand: place.brand) }
}
