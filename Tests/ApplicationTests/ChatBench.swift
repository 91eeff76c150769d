import Core
import Domain
import Synchronization
import TestSupport

@testable import Application

/// The assistant over stores in memory: a server that can be killed and started again on the same stores.
final class ChatBench: Sendable {
    static let owner = Principal(
        id: PrincipalID("operator:1"),
        permissions: [.chat, .shellRead, .shellRun, .shellInput]
    )

    let chats = FakeChatStore()
    let deltas = FakeDeltaStore()
    let model: FakeModelProvider
    let harness: Harness
    let settings: AssistantSettings
    let typing = ScriptedTyping()
    private let principal: Principal
    private let tools: Mutex<[any TurnTools]>
    private let secrets: [SecretName]
    private let artifacts: ArtifactService?

    init(
        _ script: [ScriptedAnswer],
        native: Bool = false,
        settings: AssistantSettings = AssistantSettings(),
        policy: any CommandPolicy = AllowEverything(),
        principal: Principal = ChatBench.owner,
        tools: [any TurnTools] = [],
        secrets: [SecretName] = [],
        artifacts: ArtifactService? = nil,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in ChatBench.exited("ok\n") }
    ) throws {
        model = try FakeModelProvider(script: script, capabilities: ModelCapabilities(shellTool: native))
        harness = Harness(policy: policy, answer: answer)
        self.settings = settings
        self.principal = principal
        self.tools = Mutex(tools)
        self.secrets = secrets
        self.artifacts = artifacts
    }

    /// The next life of the server has these tools beside the shell's.
    func use(_ sets: [any TurnTools]) { tools.withLock { $0 = sets } }

    /// The end of a command that printed a text.
    static func exited(_ text: String, code: Int = 0) -> RunOutcome {
        let bytes = Array(text.utf8)
        let facts = RunFacts(
            started: Timestamp(seconds: 0),
            finished: Timestamp(seconds: 1),
            outputBytes: Int64(bytes.count),
            stdoutBytes: Int64(bytes.count)
        )
        return RunOutcome(
            state: .exited(code: code),
            facts: facts,
            inlineOutput: InlineOutput(combined: bytes, stretches: [bytes.count])
        )
    }

    /// One life of the server: an engine and its service, until the body ends.
    ///
    /// The scheduler runs for as long, unless the test runs it over several lives.
    func serving<Value: Sendable>(
        withScheduler: Bool = true,
        _ body: @Sendable (ChatService, TurnEngine) async throws -> Value
    ) async throws -> Value {
        let hub = ChatHub()
        let catalog = ModelCatalog(FakeProviderDirectory(model), configured: nil)
        let services = TurnServices(
            chats: chats,
            deltas: deltas,
            hub: hub,
            providers: FakeProviderDirectory(model),
            principals: OnePrincipal(one: principal),
            tickets: harness.tickets,
            outputs: OutputService(outputs: harness.outputs),
            settings: settings,
            cryptography: FakeCryptography(),
            clock: harness.clock,
            logger: Logger(level: .trace, sink: harness.log, clock: harness.clock),
            approval: { _ in 7 },
            typing: typing,
            secrets: { [secrets] in secrets },
            tools: tools.withLock { $0 },
            artifacts: artifacts
        )
        let engine = TurnEngine(services: services, machineRestarted: false)
        let service = ChatService(
            store: chats,
            deltas: deltas,
            hub: hub,
            engine: engine,
            models: catalog,
            clock: harness.clock,
            secrets: harness.vault
        )
        let scheduler = harness.scheduler
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if withScheduler { group.addTask { try await scheduler.run() } }
            group.addTask { try await engine.run() }
            defer { group.cancelAll() }
            return try await body(service, engine)
        }
    }

    /// All events of a chat, once its turn is over.
    func events(of chat: Chat, _ service: ChatService) async throws -> [ChatEvent] {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = service.watch(chat.id, wake)
        defer { withExtendedLifetime(watch) {} }
        wake.yield()
        var all: [ChatEvent] = []
        for await _ in wakeups {
            while true {
                let more = try await service.events(of: chat, after: all.last?.number ?? 0)
                if more.isEmpty { break }
                all += more
            }
            if all.last?.kind == .turnFinished { return all }
        }
        throw CancellationError()
    }
}

/// Everybody is the same.
private struct OnePrincipal: PrincipalDirectory {
    let one: Principal
    func principal(_ id: PrincipalID) async throws -> Principal? { one }
}

/// Asks a person whom the test plays.
final class ScriptedTyping: ModelTyping {
    private struct State {
        var inputs: [TypedInput] = []
        var withdrawn: [String] = []
        var answer: AsyncStream<String>.Continuation?
    }
    private let state = Mutex(State())

    static let waiting = StepObject(kind: "approval", id: "9", state: "awaiting", isWaiting: true)

    /// What was to be typed so far.
    var inputs: [TypedInput] { state.withLock { $0.inputs } }
    /// The questions that were closed: numbers and references.
    var withdrawn: [String] { state.withLock { $0.withdrawn } }

    /// Settles the question that waits.
    func settle(_ text: String) { state.withLock { _ = $0.answer?.yield(text) } }

    func type(
        _ input: TypedInput,
        as principal: Principal,
        asked: @Sendable (StepObject) async throws -> Void
    ) async throws -> String {
        let (answers, answer) = AsyncStream.makeStream(of: String.self)
        state.withLock { state in
            state.inputs.append(input)
            state.answer = answer
        }
        try await asked(Self.waiting)
        // Ends without an element when it is cancelled.
        guard let text = await answers.first(where: { _ in true }) else { throw CancellationError() }
        var settled = Self.waiting
        (settled.state, settled.isWaiting) = ("approved", false)
        try await asked(settled)
        return text
    }

    func withdraw(_ question: ApprovalID) async throws {
        state.withLock { $0.withdrawn.append("\(question)") }
    }

    func withdraw(_ reference: String, about ticket: TicketID) async throws {
        state.withLock { $0.withdrawn.append(reference) }
    }
}
