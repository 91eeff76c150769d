import Core
import Domain
import Synchronization
import TestSupport
import Testing

@testable import Application

/// An action of an application, confirmed by a person before it is done.
private final class ConfirmedAction: TurnTools {
    struct Seen: Sendable {
        var steps: [ToolStep] = []
        var ended: [ToolReport] = []
    }
    let seen = Mutex(Seen())
    private let (yes, confirmation) = AsyncStream.makeStream(of: Void.self)

    static let waiting = StepObject(kind: "action", id: "7", state: "awaiting_confirmation", isWaiting: true)

    func confirm() { confirmation.yield() }

    func offered(in context: ToolContext) async throws -> [OfferedTool] {
        guard context.principal.permissions.contains(.aiAction) else { return [] }
        let tool = FunctionTool(
            name: "create_job",
            description: "Makes a job.",
            parameters: .object(["type": .string("object"), "properties": .object([:])])
        )
        return [.function(tool)]
    }

    func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome {
        seen.withLock { $0.steps.append(step) }
        try await report(.object(Self.waiting))
        // Ends without an element when it is cancelled.
        guard await yes.first(where: { true }) != nil else { throw CancellationError() }
        var done = Self.waiting
        done.state = "done"
        done.isWaiting = false
        try await report(.object(done))
        return ToolOutcome(.text("Job 12 was made.", isError: false))
    }

    func end(_ started: [ToolReport], in context: ToolContext) async throws {
        seen.withLock { $0.ended += started }
    }
}

@Suite("Tools of a turn")
struct TurnToolsTests {
    private static let user = Principal(
        user: UserID(3),
        permissions: [.chat, .aiAction],
        scope: Scope(client: ClientID(1), brands: [])
    )

    private static func call(_ name: String) -> ToolCall {
        ToolCall(id: "c", request: .function(name: name, arguments: #"{"command":"id"}"#))
    }

    private func run(
        _ bench: ChatBench,
        as principal: Principal,
        _ meanwhile: @Sendable (ChatService, Chat) async throws -> Void = { _, _ in }
    ) async throws -> [ChatEvent] {
        try await bench.serving { service, _ in
            let place = principal.scope.map { Place(client: $0.client) }
            let chat = try await service.create(ChatDraft(place: place), as: principal)
            _ = try await service.begin(TurnRequest(message: [.text("Do it")]), in: chat.id, as: principal)
            try await meanwhile(service, chat)
            return try await bench.events(of: chat, service)
        }
    }

    @Test("who may use nothing of the shell is offered nothing of it, and a call of it runs nothing")
    func noShellForUsers() async throws {
        for name in ["shell", "ticket_output", "ticket_input", "ticket_cancel"] {
            let bench = try ChatBench([.calls([Self.call(name)]), .text("No.")], principal: Self.user)
            let events = try await run(bench, as: Self.user)
            #expect(bench.model.requests.allSatisfy { $0.tools.isEmpty })
            #expect(!events.contains { $0.kind == .toolTicket })
            let end = try #require(events.first { $0.kind == .toolFinished })
            guard case .toolFinished(_, .text(_, isError: true), ticket: nil) = try end.body() else {
                Issue.record("\(name) was no error: \(end)")
                continue
            }
            #expect(bench.harness.runner.started.isEmpty)
        }
    }

    @Test("a native call of the shell by who may not use it runs nothing either")
    func noNativeShellForUsers() async throws {
        let request = ToolCall.Request.shell(commands: ["id"], timeout: nil, maximumOutput: nil)
        let bench = try ChatBench(
            [.calls([ToolCall(id: "s", request: request)]), .text("No.")],
            native: true,
            principal: Self.user
        )
        _ = try await run(bench, as: Self.user)
        #expect(bench.model.requests.allSatisfy { $0.tools.isEmpty })
        #expect(bench.harness.runner.started.isEmpty)
    }

    // MARK: Secrets

    private static func parameters(_ request: ModelRequest?) -> JSONValue? {
        for case .function(let tool) in request?.tools ?? [] where tool.name == "shell" {
            return tool.parameters
        }
        return nil
    }

    @Test("a model that may run commands is told the names of secrets; without any there is no such argument")
    func secretNames() async throws {
        let names = try ["API_KEY", "DB_PASSWORD"].map { text throws(Failure) in try SecretName(text) }
        for known in [[], names] {
            let bench = try ChatBench([.text("Hi.")], secrets: known)
            _ = try await run(bench, as: ChatBench.owner)
            let parameters = try #require(Self.parameters(bench.model.requests.first))
            let secrets = parameters["properties"]?["secrets"]
            let listed = secrets?["items"]?["enum"]?.array?.compactMap(\.string)
            #expect(listed == (known.isEmpty ? nil : ["API_KEY", "DB_PASSWORD"]))
        }
        let bench = try ChatBench([.text("Hi.")], principal: Self.user, secrets: names)
        _ = try await run(bench, as: Self.user)
        let request = try #require(bench.model.requests.first)
        #expect(request.tools.isEmpty && request.instructions?.contains("DB_PASSWORD") == false)
    }

    @Test(
        "where secrets exist a provider's own shell tool gives way to the function, also in what was said before"
    )
    func nativeShellAndSecrets() async throws {
        let native = ToolCall.Request.shell(commands: ["pwd", "ls"], timeout: nil, maximumOutput: nil)
        let script = [
            ScriptedAnswer.calls([ToolCall(id: "s", request: native)]), .text("Done."), .text("Yes."),
        ]
        let plain = try ChatBench(script, native: true)
        _ = try await run(plain, as: ChatBench.owner)
        #expect(plain.model.requests.first?.tools.contains(.shell) == true)

        // The secret was registered after the model used its own tool.
        let bench = try ChatBench(script, native: true, secrets: [try SecretName("DB_PASSWORD")])
        _ = try await run(bench, as: ChatBench.owner)
        let last = try #require(bench.model.requests.last)
        #expect(!last.tools.contains(.shell) && Self.parameters(last) != nil)
        let calls = last.items.compactMap { item in
            if case .toolCall(let call) = item.content { call.request } else { nil }
        }
        #expect(calls == [.function(name: "shell", arguments: #"{"command":"pwd\nls"}"#)])
        guard case .toolResult(let result) = last.items.last?.content,
            case .parts(let parts, false) = result.content, case .text(let text) = parts.first
        else {
            Issue.record("no plain result: \(last.items)")
            return
        }
        #expect(result.callID == "s" && text.contains("exit code 0"))
    }

    @Test("who may not use the shell is told nothing of the machine")
    func noProfile() async throws {
        var settings = AssistantSettings()
        settings.profile = { "web1 runs nginx" }
        for (principal, isTold) in [(ChatBench.owner, true), (Self.user, false)] {
            let tools: [any TurnTools] = [ConfirmedAction()]
            let bench = try ChatBench([.text("Hi.")], settings: settings, principal: principal, tools: tools)
            _ = try await run(bench, as: principal)
            let told = try #require(bench.model.requests.first?.instructions)
            #expect(told.contains("nginx") == isTold && told.contains("shell") == isTold)
        }
    }

    // MARK: Cards

    @Test("a command's end carries state, exit code and duration as fields")
    func exitCode() async throws {
        let bench = try ChatBench(
            [.calls([Self.call("shell")]), .text("It failed.")],
            answer: { _ in ChatBench.exited("no\n", code: 3) }
        )
        let events = try await run(bench, as: ChatBench.owner)
        let end = try #require(events.first { $0.kind == .toolFinished })
        guard case .toolFinished(_, .text, let ticket?) = try end.body() else {
            Issue.record("no ticket in \(end)")
            return
        }
        #expect(ticket.state == "exited" && ticket.exitCode == 3 && ticket.signal == nil)
        #expect(ticket.duration != nil && ticket.session.rawValue == "chat-1")
    }

    // MARK: Other sets

    @Test("another set's tool waits for a person, says so, and its result goes back to the model")
    func otherSet() async throws {
        let action = ConfirmedAction()
        let bench = try ChatBench(
            [.calls([Self.call("create_job")]), .text("Made.")],
            principal: Self.user,
            tools: [action]
        )
        let events = try await run(bench, as: Self.user) { service, chat in
            try await Self.waits(service, chat)
            action.confirm()
        }
        #expect(bench.model.requests.first?.tools.map(\.name) == ["create_job"])
        let states = try events.filter { $0.kind == .toolProgress }.compactMap { event -> String? in
            if case .toolProgress(_, let object) = try event.body() { object.state } else { nil }
        }
        #expect(states == ["awaiting_confirmation", "done"])
        let kinds = events.map(\.kind)
        #expect(kinds.firstIndex(of: .toolStarted) ?? .max < kinds.firstIndex(of: .toolProgress) ?? 0)
        guard case .toolResult(let result)? = bench.model.requests.last?.items.last?.content else {
            Issue.record("no result")
            return
        }
        #expect(result.content == .parts([.text("Job 12 was made.")], isError: false))
    }

    @Test("a server that goes away while a person is asked carries out the step again, marked as repeated")
    func repeated() async throws {
        let first = ConfirmedAction()
        let bench = try ChatBench(
            [.calls([Self.call("create_job")]), .text("Made.")],
            principal: Self.user,
            tools: [first]
        )
        let chat = try await bench.serving { service, _ in
            let chat = try await service.create(
                ChatDraft(place: Place(client: ClientID(1))),
                as: Self.user
            )
            _ = try await service.begin(TurnRequest(message: [.text("Do it")]), in: chat.id, as: Self.user)
            try await Self.waits(service, chat)
            return chat
        }
        let second = ConfirmedAction()
        second.confirm()
        bench.use([second])
        let events = try await bench.serving { service, _ in try await bench.events(of: chat, service) }
        #expect(first.seen.withLock { $0.steps.map(\.isRepeated) } == [false])
        #expect(second.seen.withLock { $0.steps.map(\.isRepeated) } == [true])
        #expect(events.filter { $0.kind == .toolStarted }.count == 1)
        #expect(events.filter { $0.kind == .toolProgress }.count == 2, "what was said is not said again")
        #expect(events.last?.kind == .turnFinished)
    }

    @Test("a turn that is cancelled tells its tools what they started")
    func cancelled() async throws {
        let action = ConfirmedAction()
        let bench = try ChatBench(
            [.calls([Self.call("create_job")])],
            principal: Self.user,
            tools: [action]
        )
        let events = try await run(bench, as: Self.user) { service, chat in
            try await Self.waits(service, chat)
            let turn = try #require(try await service.chat(chat.id, as: Self.user).workingTurn)
            #expect(try await service.cancel(turn, as: Self.user).state == .cancelled)
        }
        #expect(events.last?.kind == .turnFinished)
        #expect(action.seen.withLock { $0.ended } == [.object(ConfirmedAction.waiting)])
    }

    private static func waits(_ service: ChatService, _ chat: Chat) async throws {
        try await eventually("it waits") {
            try await service.events(of: chat, after: 0).contains { $0.kind == .toolProgress }
        }
    }
}
