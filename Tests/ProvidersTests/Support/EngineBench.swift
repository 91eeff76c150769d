import Application
import Core
import Domain
import Synchronization
import TestSupport

/// Turns through the engine over a real provider, on stores in memory that outlive a server.
struct EngineBench: Sendable {
    static let owner = Principal(id: PrincipalID("operator:1"), permissions: [.chat])

    let chats = FakeChatStore()
    let deltas = FakeDeltaStore()
    let clock = ManualClock()
    let runs = RunTool()
    let provider: any ModelProvider
    let model: String

    /// One life of the server: says something in a chat of its own and waits for the end; the chat's events.
    func turn(_ text: String, in known: ChatID?) async throws -> (chat: ChatID, events: [ChatEvent]) {
        let hub = ChatHub()
        let directory = FakeProviderDirectory(provider)
        let log = Logger(level: .error, sink: NullLogSink())
        let (tickets, outputs) = Self.tickets(clock, log)
        let engine = TurnEngine(
            services: TurnServices(
                chats: chats,
                deltas: deltas,
                hub: hub,
                providers: directory,
                principals: OneOwner(),
                tickets: tickets,
                outputs: OutputService(outputs: outputs),
                settings: AssistantSettings(),
                cryptography: FakeCryptography(),
                clock: clock,
                logger: log,
                approval: { _ in nil },
                typing: NoTyping(),
                tools: [runs]
            ),
            machineRestarted: false
        )
        let service = ChatService(
            store: chats,
            deltas: deltas,
            hub: hub,
            engine: engine,
            models: ModelCatalog(directory, configured: nil),
            clock: clock
        )
        let reference = ModelReference(provider: provider.id, model: model)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            defer { group.cancelAll() }
            var request = TurnRequest(message: [.text(text)])
            request.model = reference
            request.instructions = "Be brief."
            var chat = known
            if chat == nil { chat = try await service.create(ChatDraft(), as: Self.owner).id }
            guard let chat else { throw CancellationError() }
            let begun = try await service.begin(request, in: chat, as: Self.owner)
            try await eventually("the turn is over") {
                try await service.turn(begun.turn.id, as: Self.owner).state.isOver
            }
            return (chat, try await chats.events(of: chat, owner: Self.owner.id, after: 0, limit: 9_999))
        }
    }

    private static func tickets(_ clock: ManualClock, _ log: Logger) -> (TicketService, MemoryOutputStore) {
        let store = MemoryTicketStore()
        let runner = FakeCommandRunner()
        let (hub, outputs) = (TicketHub(), MemoryOutputStore())
        let scheduler = TicketScheduler(
            store: store,
            runner: runner,
            hub: hub,
            limits: RunningLimits(),
            defaults: RunLimits(),
            clock: clock,
            logger: log,
            metrics: MetricsRegistry()
        )
        let service = TicketService(
            store: store,
            runner: runner,
            scheduler: scheduler,
            outputs: outputs,
            audit: MemoryAuditStore(),
            policy: AllowEverything(),
            hub: hub,
            cryptography: FakeCryptography(),
            clock: clock,
            maximumQueued: 1
        )
        return (service, outputs)
    }
}

/// The function `run`, which notes what it is asked to run.
final class RunTool: TurnTools {
    private let calls = Mutex<[String]>([])

    /// The commands, in the order in which they were carried out.
    var commands: [String] { calls.withLock { $0 } }

    func offered(in context: ToolContext) async throws -> [OfferedTool] { [Conversing.runTool] }

    func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome {
        guard case .function(_, let text) = step.call.request,
            let command = try JSONValue(parsing: Array(text.utf8))["cmd"]?.string
        else { return ToolOutcome(.text("no command", isError: true)) }
        calls.withLock { $0.append(command) }
        return ToolOutcome(.text("result of \(command)", isError: false))
    }
}

private struct OneOwner: PrincipalDirectory {
    func principal(_ id: PrincipalID) async throws -> Principal? { EngineBench.owner }
}

private struct NoTyping: ModelTyping {
    func type(
        _ input: TypedInput,
        as principal: Principal,
        asked: @Sendable (StepObject) async throws -> Void
    ) async throws -> String { "" }
    func withdraw(_ question: ApprovalID) async throws {}
    func withdraw(_ reference: String, about ticket: TicketID) async throws {}
}
