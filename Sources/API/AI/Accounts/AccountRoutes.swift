internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/ai/account and /v1/ai/models: the caller's own accounts at providers.
struct AccountRoutes: Sendable {
    private let accounts: AccountService
    private let clock: any WallClock

    init(_ accounts: AccountService, clock: any WallClock) {
        self.accounts = accounts
        self.clock = clock
    }

    var routes: [Route] {
        let own = { (kind: ObjectKind?) in
            RouteAccess.credential(.aiAccount, on: kind).andUsers(.aiAccount)
        }
        return [
            Route(.get, "/v1/ai/account", access: own(nil), overview),
            Route(.post, "/v1/ai/account/login", access: own(nil), startLogin),
            Route(.get, "/v1/ai/account/login/{id}", access: own(.login), login),
            Route(.delete, "/v1/ai/account/login/{id}", access: own(.login), cancel),
            Route(.post, "/v1/ai/account/logout", access: own(nil), logout),
            Route(.post, "/v1/ai/account/switch", access: own(nil), change),
            Route(.put, "/v1/ai/account/model", access: own(nil), choose),
            Route(.get, "/v1/ai/account/limits", access: own(nil), limits),
            Route(.get, "/v1/ai/models", access: own(nil), models),
        ]
    }

    // MARK: Looking

    private func overview(_ context: RequestContext) async throws -> HTTPResponse {
        let overview = try await accounts.overview(as: try context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("accounts")
                writer.array { writer in
                    for account in overview.accounts {
                        AccountFields.write(account, overview.ways[account.provider] ?? [], to: &writer)
                    }
                }
                writer.key("default_provider")
                AccountFields.write(overview.standard?.rawValue, to: &writer)
                writer.key("login")
                if let login = overview.login {
                    AccountFields.write(login, at: clock.now(), to: &writer)
                } else {
                    writer.null()
                }
            }
        }
    }

    private func limits(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let provider = try query.text("provider").map { text throws(Failure) in try ProviderID(text) }
        let limits = try await accounts.limits(provider, as: try context.caller())
        return NativeAnswers.json { AccountFields.write(limits, to: &$0) }
    }

    private func models(_ context: RequestContext) async throws -> HTTPResponse {
        let all = try await accounts.models(as: try context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("models")
                writer.array { writer in
                    for (provider, models) in all {
                        for model in models {
                            writer.object { writer in
                                writer.key("id")
                                writer.string("\(provider)/\(model.name)")
                                writer.key("provider")
                                writer.string(provider.rawValue)
                                writer.key("name")
                                writer.string(model.name)
                                writer.key("title")
                                AccountFields.write(model.title, to: &writer)
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: Connecting

    private func startLogin(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["provider", "key"])
        let provider = try provider(body)
        let caller = try context.caller()
        if let key = try body.string("key") {
            guard let provider else {
                throw Failure(
                    .unprocessable,
                    code: "invalid_field",
                    message: "The field 'provider' is needed with a key.",
                    hint: "Send {\"provider\": \"openai\", \"key\": \"…\"}."
                )
            }
            try await accounts.setKey(Secret(key), for: provider, as: caller)
            return NativeAnswers.json { writer in
                writer.object { writer in
                    writer.key("provider")
                    writer.string(provider.rawValue)
                    writer.key("state")
                    writer.string(LoginState.connected.rawValue)
                }
            }
        }
        return begun(try await accounts.startLogin(provider, as: caller))
    }

    private func change(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["provider"])
        return begun(try await accounts.switchAccount(try provider(body), as: try context.caller()))
    }

    /// The one answer that holds address and code.
    private func begun(_ begun: BegunLogin) -> HTTPResponse {
        var response = NativeAnswers.json(201) { writer in
            writer.object { writer in
                writer.key("login")
                AccountFields.write(begun.login, at: clock.now(), to: &writer)
                writer.key("url")
                AccountFields.write(begun.invitation?.address, to: &writer)
                writer.key("code")
                AccountFields.write(begun.invitation?.code.reveal(), to: &writer)
            }
        }
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    private func login(_ context: RequestContext) async throws -> HTTPResponse {
        let login = try await accounts.login(id(context), as: try context.caller())
        return NativeAnswers.json { AccountFields.write(login, at: clock.now(), to: &$0) }
    }

    private func cancel(_ context: RequestContext) async throws -> HTTPResponse {
        let login = try await accounts.cancelLogin(id(context), as: try context.caller())
        return NativeAnswers.json { AccountFields.write(login, at: clock.now(), to: &$0) }
    }

    private func logout(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["provider"])
        try await accounts.logout(try provider(body), as: try context.caller())
        return HTTPResponse(status: 204)
    }

    private func choose(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["provider", "model"])
        guard let model = try body.string("model"), (1...200).contains(model.utf8.count) else {
            throw body.wrong("model", "the name of a model")
        }
        let caller = try context.caller()
        // Both forms of a name are taken: with the provider before it, as the list shows it, and without.
        let reference = ModelReference(text: model)
        let named = try provider(body) ?? reference?.provider
        let settings = try await accounts.choose(reference?.model ?? model, of: named, as: caller)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("provider")
                writer.string(settings.provider.rawValue)
                writer.key("model")
                AccountFields.write(settings.model, to: &writer)
            }
        }
    }

    // MARK: Parts

    private func provider(_ body: BodyReader) throws -> ProviderID? {
        try body.string("provider").map { text throws(Failure) in try ProviderID(text) }
    }

    /// What is no number names no login either.
    private func id(_ context: RequestContext) -> LoginID {
        LoginID(Int64(context.parameter("id")) ?? 0)
    }
}
