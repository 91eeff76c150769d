internal import Core
internal import Domain
internal import HTTPClient
internal import Synchronization

/// Models behind the Codex CLI, each principal with an account of their own.
///
/// The program runs its own loop over tools. An answer of ours ends when it asks for one; the program waits meanwhile, and goes on
/// when the conversation comes back with the result. Where it waits no more, after a restart or when the tools have changed, a
/// fresh thread is filled with what is recorded, and nothing is asked for twice.
final class CodexProvider: ModelProvider {
    let id: ProviderID
    let settings: CodexSettings
    let failures: CodexFailures
    let pool: CodexPool
    let services: ProviderServices
    let logger: Logger
    private let configured: ProviderSettings
    private let profileName: @Sendable (PrincipalID) -> String
    private let parked = Mutex<[TurnID: CodexTurn]>([:])
    /// Connections that logins hold.
    let logins = Mutex<[PrincipalID: (key: String, connection: CodexConnection)]>([:])

    static let callPatience = Duration.seconds(15)

    init(
        _ configured: ProviderSettings,
        _ settings: CodexSettings,
        _ services: ProviderServices,
        profileName: @escaping @Sendable (PrincipalID) -> String,
        logger: Logger
    ) {
        id = configured.id
        self.configured = configured
        self.settings = settings
        self.services = services
        self.profileName = profileName
        self.logger = logger
        failures = CodexFailures(id: configured.id)
        pool = CodexPool(settings, failures, logger)
    }

    var defaultModel: String? { configured.defaultModel }

    func capabilities(of model: String) -> ModelCapabilities {
        configured.capabilities(of: model, implied: ModelCapabilities(contextWindow: 256_000))
    }

    func models() async throws -> [ModelDescription] {
        let names = settings.models.isEmpty ? [configured.defaultModel].compactMap(\.self) : settings.models
        return names.map { ModelDescription(name: $0) }
    }

    /// Every principal connects an account of their own.
    func usesOwnAccount(of principal: PrincipalID) async throws -> Bool { true }

    func profile(of owner: PrincipalID) -> String { profileName(owner) }

    // MARK: Answers

    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let functions = try request.tools.functions(of: id)
        let reference = ModelReference(provider: id, model: request.model)
        var context = request.context
        context.isOwnAccount = true
        let call = try await services.meter.begin(reference, for: context)
        var usage: TokenUsage?
        do {
            var turn = try await turn(for: request, functions)
            do {
                try await answer(&turn, usage: &usage, receive)
            } catch {
                await abandon(turn)
                throw error
            }
            await settle(turn, Self.key(request.context))
            await services.meter.end(call, usage: usage, outcome: .succeeded)
        } catch {
            let isCancelled = error is CancellationError || Task.isCancelled
            await services.meter.end(call, usage: usage, outcome: isCancelled ? .cancelled : .failed)
            throw translated(error)
        }
    }

    func turnEnded(_ turn: TurnID) async {
        guard let parked = parked.withLock({ $0.removeValue(forKey: turn) }) else { return }
        await abandon(parked)
    }

    private func answer(
        _ turn: inout CodexTurn,
        usage: inout TokenUsage?,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let limit = CodexAlarm(.deadline, to: turn.channel)
        pool.deadlines.add(limit, at: .now + settings.timeout)
        defer { limit.settle() }
        try await receive([.started(responseID: turn.id)])
        while true {
            let batch = await turn.channel.receive()
            try Task.checkCancellation()
            guard !batch.isEmpty else { throw failures.interrupted }
            var events: [ModelEvent] = []
            for heard in batch {
                switch heard {
                case .call(let id, let parameters): events += turn.reader.take(call: id, parameters)
                case .notice(let method, let parameters): events += turn.reader.take(method, parameters)
                case .deadline: throw failures.timedOut
                }
            }
            usage = turn.reader.usage
            if !events.isEmpty { try await receive(events) }
            if let end = turn.reader.end { return try await finish(end, turn, receive) }
            if !turn.reader.openCalls.isEmpty {
                // The program tells the numbers once it has the result: they are those of the next answer.
                usage = turn.reader.usage ?? TokenUsage()
                return try await receive([.finished(.toolCalls)])
            }
        }
    }

    private func finish(
        _ end: CodexTurnReader.End,
        _ turn: CodexTurn,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        switch end {
        case .completed where turn.reader.hasContent: try await receive([.finished(.stop)])
        case .completed:
            // The program keeps the words of a refusal for itself.
            let text = "The model declined to answer this."
            try await receive([.refusalDelta(text), .item(ModelItem(.refusal(text))), .finished(.refusal)])
        case .interrupted: throw failures.interrupted
        case .failed(let trouble):
            let resets = turn.connection.account.limits?.resets
            logger.notice("codex turn failed", .init("reason", LogValue.untrusted(trouble.word)))
            throw trouble.failure(id, resets: resets, now: services.retries.clock.now())
        }
    }

    // MARK: Turns of the program

    /// The turn that may wait for results; titles and summaries are asked for beside it.
    private static func key(_ context: CallContext) -> TurnID? {
        [.title, .summary].contains(context.door) ? nil : context.turn
    }

    private func turn(for request: ModelRequest, _ functions: [FunctionTool]) async throws -> CodexTurn {
        if let id = Self.key(request.context), var turn = parked.withLock({ $0.removeValue(forKey: id) }) {
            if let results = turn.results(in: request, functions), !turn.connection.hasEnded {
                turn.resume(results)
                return turn
            }
            await abandon(turn)
        }
        let connection = try await connected(request.context.principal)
        do { return try await begin(request, functions, on: connection) } catch {
            await pool.giveBack(connection, ending: error is CodexWait.Silence)
            throw error
        }
    }

    /// The running program of an owner whose account is connected; to be given back.
    private func connected(_ owner: PrincipalID) async throws -> CodexConnection {
        let profile = profile(of: owner)
        guard try await pool.hasCredentials(profile) else { throw failures.notConnected }
        let connection = try await pool.take(profile)
        do {
            if !connection.account.isConnected { try await readAccount(connection) }
            guard connection.account.isConnected else { throw failures.loginExpired }
            return connection
        } catch {
            await pool.giveBack(connection)
            // The service that says whose account it is cannot be reached.
            throw error is CodexRefusal ? failures.unreachable : error
        }
    }

    /// Asks the program about its account.
    func readAccount(_ connection: CodexConnection) async throws {
        let answer = try await connection.ask(
            "account/read",
            .object(["refreshToken": .bool(false)]),
            within: Self.callPatience
        )
        let account = answer["account"]
        connection.note { known in
            known.isConnected = account?["type"]?.string == "chatgpt"
            known.plan = account?["planType"]?.string
        }
    }

    private func begin(
        _ request: ModelRequest,
        _ functions: [FunctionTool],
        on connection: CodexConnection
    ) async throws -> CodexTurn {
        let history = CodexHistory(request.items)
        var start: [String: JSONValue] = [
            "model": .string(request.model), "sandbox": .string("read-only"),
            "approvalPolicy": .string("never"), "ephemeral": .bool(true), "environments": .array([]),
            "cwd": .string("\(settings.workspaces)/codex/\(connection.profile)"),
            "baseInstructions": .string(request.instructions ?? "You are a helpful assistant."),
        ]
        if !functions.isEmpty, request.toolChoice != .none {
            start["dynamicTools"] = .array(functions.map(Self.tool))
        }
        let answer = try await connection.ask("thread/start", .object(start), within: Self.callPatience)
        guard let thread = answer["thread"]?["id"]?.string else { throw failures.incompatible }
        let channel = connection.listen(to: thread)
        do {
            if !history.items.isEmpty {
                let items: [String: JSONValue] = [
                    "threadId": .string(thread), "items": .array(history.items),
                ]
                _ = try await connection.ask("thread/inject_items", .object(items), within: Self.callPatience)
            }
            var parameters: [String: JSONValue] = [
                "threadId": .string(thread), "environments": .array([]), "input": .array(history.input),
            ]
            if let effort = configured.effort(request.reasoning, of: request.model) {
                parameters["effort"] = .string(effort.rawValue)
            }
            if case .jsonSchema(_, let schema, _) = request.format { parameters["outputSchema"] = schema }
            let begun = try await connection.ask("turn/start", .object(parameters), within: Self.callPatience)
            return CodexTurn(
                connection: connection,
                thread: thread,
                id: begun["turn"]?["id"]?.string ?? "",
                channel: channel,
                tools: functions,
                model: request.model
            )
        } catch {
            connection.forget(thread)
            throw error
        }
    }

    private static func tool(_ function: FunctionTool) -> JSONValue {
        .object([
            "type": .string("function"), "name": .string(function.name),
            "description": .string(function.description), "inputSchema": function.parameters,
        ])
    }

    /// What becomes of a turn after an answer: it waits for results, or is over.
    private func settle(_ turn: CodexTurn, _ key: TurnID?) async {
        guard turn.reader.end == nil else {
            turn.connection.forget(turn.thread)
            return await pool.giveBack(turn.connection)
        }
        // Callers that bring results themselves send the whole conversation, which may be another one by then.
        guard let key else { return await abandon(turn) }
        var turn = turn
        turn.parked = .now
        let earlier = parked.withLock { $0.updateValue(turn, forKey: key) }
        if let earlier { await abandon(earlier) }
    }

    /// Ends a turn of the program that nobody waits for any more, and its process if it has no other.
    private func abandon(_ turn: CodexTurn) async {
        turn.connection.forget(turn.thread)
        if await pool.isShared(turn.connection), turn.reader.end == nil {
            let parameters: [String: JSONValue] = [
                "threadId": .string(turn.thread), "turnId": .string(turn.id),
            ]
            do {
                _ = try await turn.connection.ask("turn/interrupt", .object(parameters), within: .seconds(5))
            } catch {
                // It ended by itself, or its process goes with its last user.
                logger.debug("codex turn not interrupted")
            }
        }
        await pool.giveBack(turn.connection, ending: turn.reader.end == nil)
    }

    /// Ends turns that wait for results too long; what comes of their tools begins a thread of its own.
    func endForgotten() async {
        let now = ContinuousClock.now
        let old = parked.withLock { parked in
            let old = parked.filter { now - $0.value.parked >= settings.parking }
            for key in old.keys { parked[key] = nil }
            return old.values
        }
        for turn in old { await abandon(turn) }
    }

    func translated(_ error: any Error) -> any Error {
        switch error {
        case is CodexGone: failures.interrupted
        case is CodexWait.Silence: failures.silent
        case let refusal as CodexRefusal:
            refusal.code == -32_001 ? failures.full : failures.refused(refusal)
        default: error
        }
    }
}
