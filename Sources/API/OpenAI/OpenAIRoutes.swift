internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The OpenAI-compatible routes: any client of that interface talks to the configured providers through us.
///
/// Calls belong to no chat: the caller brings the conversation and carries out its own tools. Only a credential with
/// `chat.tools`, in a request without tools of its own, has the model use the tools of this server.
struct OpenAIRoutes: Sendable {
    private let services: EdgeServices
    private let assistant: AssistantServices

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        self.services = services
        self.assistant = assistant
    }

    /// Users of host applications come in where their role has the permission.
    private static let access = RouteAccess.credential(.chat, on: nil).andUsers(.aiOpenAI)

    var routes: [Route] {
        [
            Route(.get, "/v1/models", access: Self.access, models),
            Route(
                .get,
                "/v1/models/{model}",
                access: Self.access,
                takesRest: true,
                model
            ),
            Route(.post, "/v1/chat/completions", access: Self.access, chatCompletion),
            Route(.post, "/v1/responses", access: Self.access, response),
            Route(.get, "/v1/responses/{id}", access: Self.access, storedResponse),
            Route(.delete, "/v1/responses/{id}", access: Self.access, storedResponse),
            Route(
                .get,
                "/v1/responses/{id}/input_items",
                access: Self.access,
                storedResponse
            ),
            Route(.post, "/v1/responses/{id}/cancel", access: Self.access, storedResponse),
        ]
    }

    // MARK: Models

    private func models(_ context: RequestContext) async throws -> HTTPResponse {
        // Without a provider there are none, which is no error for who only looks.
        let list =
            assistant.models.providers.isEmpty
            ? [] : try await shown { try await assistant.completions.list(as: try context.caller()) }
        return NativeAnswers.json { json in
            json.object { json in
                json.member("object", "list")
                json.key("data")
                json.array { json in for (model, facts) in list { Self.write(model, facts, to: &json) } }
            }
        }
    }

    private func model(_ context: RequestContext) async throws -> HTTPResponse {
        let name = context.parameter("model")
        let list = try await shown { try await assistant.completions.list(as: try context.caller()) }
        let reference = try? assistant.models.reference(name)
        guard
            let (model, facts) = list.first(where: { $0.model.description == name })
                ?? list.first(where: { $0.model == reference })
        else {
            throw FieldFailure(
                failure: Failure(
                    .notFound,
                    code: "model_not_found",
                    message: "The model '\(name.prefix(200))' does not exist.",
                    hint: "List those that do with GET /v1/models."
                ),
                param: "model"
            )
        }
        return NativeAnswers.json { Self.write(model, facts, to: &$0) }
    }

    private static func write(_ model: ModelReference, _ facts: ModelDescription, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", model.description)
            json.member("object", "model")
            json.key("created")
            json.integer(facts.created ?? 0)
            json.member("owned_by", model.provider.rawValue)
        }
    }

    // MARK: Answers

    private func chatCompletion(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let asked = try ChatCompletionRequest(try OpenAIFields(context.request), for: caller.id)
        let model = try await assistant.completions.model(named: asked.model, for: caller)
        let writer = ChatCompletionWriter(
            id: "chatcmpl-" + context.request.id,
            created: services.clock.now().seconds,
            model: model.description,
            includesUsage: asked.includesUsage
        )
        return try await answer(
            context,
            writer,
            try await source(of: asked.request, model, caller, context),
            streams: asked.streams,
            offersShell: false
        )
    }

    private func response(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let seal = ThoughtSeal(assistant.sealer, for: caller.id)
        let asked = try ResponsesRequest(try OpenAIFields(context.request), for: caller.id, seal)
        let model = try await assistant.completions.model(named: asked.model, for: caller)
        let writer = ResponsesWriter(
            id: "resp_" + context.request.id,
            created: services.clock.now().seconds,
            model: model.description,
            echo: asked.echo,
            seal: asked.includesReasoning ? seal : nil,
            clock: services.clock
        )
        let offersShell = asked.request.tools.contains(.shell)
        let hasShell =
            assistant.models.provider(model.provider)?.capabilities(of: model.model).shellTool ?? false
        let request = offersShell && !hasShell ? ShellFunction.replacing(in: asked.request) : asked.request
        return try await answer(
            context,
            writer,
            try await source(of: request, model, caller, context),
            streams: asked.streams,
            offersShell: offersShell
        )
    }

    /// Responses are handed over and forgotten: whatever id is asked for, there is none.
    private func storedResponse(_ context: RequestContext) async throws -> HTTPResponse {
        throw FieldFailure(
            failure: Failure(
                .notFound,
                code: "response_not_found",
                message: "Response with id '\(context.parameter("id").prefix(100))' not found: "
                    + "this server stores none, and says so with \"store\": false.",
                hint: "Keep the output items, and send them as 'input'. A response ends when its client "
                    + "closes the connection."
            ),
            param: "id"
        )
    }

    private func source(
        of request: ModelRequest,
        _ model: ModelReference,
        _ caller: Principal,
        _ context: RequestContext
    ) async throws -> AnswerSource {
        if services.settings.shellIsOn, ServerTools.serve(request, for: caller) {
            let tools = try ServerTools(
                chats: assistant.chats,
                caller: caller,
                key: context.request.headers["Idempotency-Key"],
                request: context.request.id
            )
            return try tools.source(of: request, model)
        }
        let place = try await place(of: caller, context)
        // Before a stream is begun, so that its status can say it.
        try await assistant.completions.admit(model, at: place, as: caller)
        return { [completions = assistant.completions, sessions = services.hosts?.sessions] receive in
            let call = { @Sendable in
                try await completions.respond(to: request, of: model, at: place, as: caller, receive)
            }
            guard let sessions, let place else { return try await call() }
            try await sessions.whileOpen(place, for: caller, call)
        }
    }

    /// The place that pays for a user: the one that two fields of the header name, else what the scope says.
    ///
    /// Counts the call for the limits of all who bear it.
    private func place(of caller: Principal, _ context: RequestContext) async throws -> Place? {
        guard caller.user != nil, let hosts = services.hosts else { return nil }
        let headers = context.request.headers
        let (brand, location) = (headers["Deckhand-Brand"], headers["Deckhand-Location"])
        let place =
            brand == nil && location == nil
            ? caller.ownPlace
            : try await hosts.tenants.place(brand: brand, location: location, for: caller)
        try hosts.limits.admitTurn(of: caller, at: place, from: context.request.clientAddress)
        return place
    }

    private func answer(
        _ context: RequestContext,
        _ writer: some AnswerWriter,
        _ source: @escaping AnswerSource,
        streams: Bool,
        offersShell: Bool
    ) async throws -> HTTPResponse {
        let relay = AnswerRelay(writer, offersShell: offersShell)
        guard streams else {
            let body = try await shown {
                try await context.untilSignInEnds {
                    try await context.whileClientStays { try await relay.gather(source) }
                }
            }
            let spent = ContinuousClock.now - context.request.receivedAt
            return HTTPResponse(
                status: 200,
                headers: [
                    "Content-Type": "application/json", "Cache-Control": "no-store",
                    "openai-processing-ms": String(Int(spent.inSeconds * 1_000)),
                ],
                body: .bytes(body)
            )
        }
        let logger = services.logger
        var response = SSE.response(routeTemplate: context.template) { sse in
            try await context.untilSignInEnds {
                // The next write would find out as well, but a model may think for long before there is one.
                try await context.whileClientStays {
                    try await relay.stream(source, to: sse) { error in
                        guard !(error is Failure), !(error is FieldFailure) else { return }
                        logger.error("answer failed", .init("error", LogValue.error(error)))
                    }
                }
            }
        }
        response.headers["Content-Type"] = SSE.contentType + "; charset=utf-8"
        return response
    }

    /// Errors of our own dealings with a provider are not the caller's.
    private func shown<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw OpenAIErrors.shown(error) }
    }
}
