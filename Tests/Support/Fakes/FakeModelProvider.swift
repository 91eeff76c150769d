public import Domain
internal import Synchronization

/// What a fake model answers to one call: pieces, one after the other.
public struct ScriptedAnswer: Sendable {
    /// A piece of an answer.
    public enum Piece: Sendable {
        /// Handed over together.
        case events([ModelEvent])
        /// Goes on when the test sets the signal.
        case wait(Signal)
        /// Until the call is cancelled.
        case hang
        /// The end of the call, with this error.
        case fail(any Error)
        /// Something that the test does or checks meanwhile.
        case perform(@Sendable () async throws -> Void)
    }

    /// The pieces in order.
    public var pieces: [Piece]

    /// Makes an answer of pieces.
    public init(_ pieces: [Piece]) { self.pieces = pieces }

    /// Makes an answer of events, each handed over alone.
    public init(_ events: [ModelEvent]) { pieces = events.map { .events([$0]) } }

    /// A text in some deltas, and the end.
    public static func text(_ deltas: String..., usage: TokenUsage = TokenUsage(input: 10, output: 5)) -> Self
    {
        let item = ModelEvent.item(ModelItem(.assistant(deltas.joined())))
        return Self(
            [.started(responseID: nil)] + deltas.map { .textDelta($0) } + [
                item, .usage(usage), .finished(.stop),
            ]
        )
    }

    /// Tool calls, and the end.
    public static func calls(
        _ calls: [ToolCall],
        saying text: String = "",
        usage: TokenUsage = TokenUsage(input: 10, output: 5)
    ) -> Self {
        var events: [ModelEvent] = [.started(responseID: nil)]
        if !text.isEmpty { events += [.textDelta(text), .item(ModelItem(.assistant(text)))] }
        for (index, call) in calls.enumerated() {
            events.append(.toolCallBegan(index: index, name: call.name))
            switch call.request {
            case .function(_, let arguments):
                events.append(.toolCallDelta(index: index, command: nil, text: arguments))
            case .shell(let commands, _, _):
                for (number, command) in commands.enumerated() {
                    events.append(.toolCallDelta(index: index, command: number, text: command))
                }
            }
            events.append(.item(ModelItem(.toolCall(call))))
        }
        return Self(events + [.usage(usage), .finished(.toolCalls)])
    }

    /// The end with an error at once.
    public static func failure(_ error: any Error) -> Self { Self([.fail(error)]) }
}

/// A model that answers what the test wrote, call by call, and remembers what it was asked.
public final class FakeModelProvider: ModelProvider {
    private struct State {
        var requests: [ModelRequest] = []
        var script: [ScriptedAnswer]
        var cancelled = 0
        var pictures: [ImageContent] = []
        var imageRequests: [ImageRequest] = []
    }

    /// As the port says.
    public let id: ProviderID
    /// As the port says.
    public let defaultModel: String?
    private let known: ModelCapabilities
    private let meter: (any CallMeter)?
    private let state: Mutex<State>

    /// Makes a provider with a model `model`.
    public init(
        _ id: String = "fake",
        script: [ScriptedAnswer] = [],
        capabilities: ModelCapabilities = ModelCapabilities(),
        meter: (any CallMeter)? = nil
    ) throws {
        self.id = try ProviderID(id)
        defaultModel = "model"
        known = capabilities
        self.meter = meter
        state = Mutex(State(script: script))
    }

    /// Makes a provider of lists of events, one for each call.
    public convenience init(_ id: String = "fake", events: [[ModelEvent]]) throws {
        try self.init(id, script: events.map { ScriptedAnswer($0) })
    }

    /// Adds answers to the end of the script.
    public func add(_ answers: ScriptedAnswer...) { state.withLock { $0.script += answers } }

    /// Has it make these pictures from now on; without any it makes none.
    public func draw(_ pictures: [ImageContent]) { state.withLock { $0.pictures = pictures } }

    /// What pictures were asked for so far.
    public var imageRequests: [ImageRequest] { state.withLock { $0.imageRequests } }

    /// What was asked so far.
    public var requests: [ModelRequest] { state.withLock { $0.requests } }

    /// Calls that ended because they were cancelled.
    public var cancelledCalls: Int { state.withLock { $0.cancelled } }

    /// The name by which requests mean this provider's model.
    public var reference: ModelReference { ModelReference(provider: id, model: "model") }

    /// As the port says.
    public func capabilities(of model: String) -> ModelCapabilities { known }

    /// As the port says.
    public func models() async throws -> [ModelDescription] { [ModelDescription(name: "model")] }

    /// As the port says.
    public func images(for request: ImageRequest) async throws -> [ImageContent] {
        let pictures = state.withLock { state in
            state.imageRequests.append(request)
            return state.pictures
        }
        guard pictures.isEmpty else { return pictures }
        throw Failure(
            .unprocessable,
            code: "images_unsupported",
            message: "The provider \(id) makes no pictures.",
            hint: "Choose another provider."
        )
    }

    /// As the port says; `script_over` (unavailable) when the test wrote no answer for the call.
    public func respond(to request: ModelRequest, _ receive: @Sendable ([ModelEvent]) async throws -> Void)
        async throws
    {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.script.isEmpty ? nil : state.script.removeFirst()
        }
        let model = ModelReference(provider: id, model: request.model)
        let call = try await meter?.begin(model, for: request.context)
        do {
            let usage = try await play(answer, receive)
            if let call { await meter?.end(call, usage: usage, outcome: .succeeded) }
        } catch {
            let isCancelled = error is CancellationError
            if isCancelled { state.withLock { $0.cancelled += 1 } }
            if let call { await meter?.end(call, usage: nil, outcome: isCancelled ? .cancelled : .failed) }
            throw error
        }
    }

    private func play(_ answer: ScriptedAnswer?, _ receive: @Sendable ([ModelEvent]) async throws -> Void)
        async throws -> TokenUsage?
    {
        guard let answer else {
            throw Failure(.unavailable, code: "script_over", message: "The script has no further answer.")
        }
        var usage: TokenUsage?
        for piece in answer.pieces {
            try Task.checkCancellation()
            switch piece {
            case .events(let events):
                for case .usage(let used) in events { usage = used }
                try await receive(events)
                if events.contains(where: { if case .finished = $0 { true } else { false } }) { return usage }
            case .wait(let signal): await signal.wait()
            case .hang: while true { try await Task.sleep(for: .seconds(3_600)) }
            case .fail(let error): throw error
            case .perform(let body): try await body()
            }
        }
        throw Failure(
            .unavailable,
            code: "provider_interrupted",
            message: "The provider's answer broke off.",
            hint: "Try again."
        )
    }
}

/// Providers that the test names.
public struct FakeProviderDirectory: ProviderDirectory {
    /// As the port says.
    public let providers: [any ModelProvider]

    /// Makes a directory.
    public init(_ providers: any ModelProvider...) { self.providers = providers }
}
