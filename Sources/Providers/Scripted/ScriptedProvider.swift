internal import Core
public import Domain
internal import HTTPClient

/// A provider that plays a script, for trying and testing a server without any vendor.
///
/// It keeps nothing: which answer is played follows from the request alone, so that a conversation goes on where it was
/// when the server was started again.
struct ScriptedProvider: ModelProvider {
    let id: ProviderID
    private let script: ProviderScript
    private let services: ProviderServices
    private let failures: ProviderFailures
    private let silence: Duration

    init(id: ProviderID, script: ProviderScript, services: ProviderServices) {
        self.id = id
        self.script = script
        self.services = services
        let settings = ProviderSettings(
            id: id,
            kind: .openAIChat,
            baseURL: "script://\(id)",
            key: nil,
            keySource: "its script"
        )
        failures = ProviderFailures(settings)
        silence = settings.limits.silence
    }

    var defaultModel: String? { script.model }

    func capabilities(of model: String) -> ModelCapabilities {
        ModelCapabilities(shellTool: script.hasShellTool)
    }

    func models() async throws -> [ModelDescription] { [ModelDescription(name: script.model)] }

    func respond(
        to request: ModelRequest,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let model = ModelReference(provider: id, model: request.model)
        let attempts = CallAttempts(
            services,
            model: model,
            context: request.context,
            size: CallSize(request)
        )
        try await attempts.willSend(attempt: 0)
        var usage: TokenUsage?
        do {
            try await play(request, usage: &usage) { events in
                attempts.delivered(events)
                try await receive(events)
            }
            await attempts.end(usage, .succeeded)
        } catch {
            let isCancelled = error is CancellationError || Task.isCancelled
            await attempts.end(usage, isCancelled ? .cancelled : .failed)
            throw failures.translated(error, model: request.model)
        }
    }

    private func play(
        _ request: ModelRequest,
        usage: inout TokenUsage?,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let number = Self.answersSinceLastUser(request.items)
        guard let answer = answer(number, to: request.context.door) else {
            throw VendorError(status: 500, message: "the script has no answer \(number)")
        }
        let calls = Self.calls(of: answer, number: number, offersShell: request.tools.contains(.shell))
        let pieces =
            answer.reasoning.map(ModelEvent.reasoningDelta) + answer.text.map(ModelEvent.textDelta)
            + calls.enumerated().flatMap { Self.deltas(of: $1, index: $0) }
        try Task.checkCancellation()
        // A vendor that refuses at once starts nothing.
        if case .fail(let error) = answer.end, pieces.isEmpty { throw error }
        try await receive([.started(responseID: "script_\(number)")])
        for piece in pieces {
            if answer.pace > .zero { try await services.retries.pause(answer.pace) }
            try Task.checkCancellation()
            try await receive([piece])
        }
        if let counted = answer.usage {
            usage = counted
            try await receive([.usage(counted)])
        }
        switch answer.end {
        case .complete: break
        case .fail(let error): throw error
        case .cut: throw failures.interrupted
        case .hang:
            try await services.retries.pause(silence)
            throw HTTPClientError(.silent, "it sent nothing for \(silence)")
        }
        try await receive(Self.items(of: answer, calls: calls))
    }

    private func answer(_ number: Int, to door: CallDoor) -> ProviderScript.Answer? {
        switch door {
        case .title: script.title
        case .summary: script.summary
        default: script.answers.indices.contains(number) ? script.answers[number] : nil
        }
    }

    /// Answers that the model gave since a person spoke last: the number of the one that is due.
    static func answersSinceLastUser(_ items: [ModelItem]) -> Int {
        let steps = Transcript(items).steps
        let last = steps.lastIndex { if case .user = $0 { true } else { false } }
        return steps[(last.map { $0 + 1 } ?? 0)...].count { if case .answer = $0 { true } else { false } }
    }

    /// The calls of an answer, named after its number; commands become functions where no shell tool is offered.
    private static func calls(of answer: ProviderScript.Answer, number: Int, offersShell: Bool) -> [ToolCall]
    {
        let requests = answer.calls.flatMap { call -> [ToolCall.Request] in
            switch call {
            case .function(let name, let arguments): [.function(name: name, arguments: arguments)]
            case .commands(let commands) where offersShell:
                [.shell(commands: commands, timeout: nil, maximumOutput: nil)]
            case .commands(let commands):
                commands.map { command in
                    let arguments = JSONValue.object(["command": .string(command)]).bytes
                    return .function(name: "shell", arguments: String(decoding: arguments, as: UTF8.self))
                }
            }
        }
        return requests.enumerated().map { ToolCall(id: "call_\(number)_\($0)", request: $1) }
    }

    private static func deltas(of call: ToolCall, index: Int) -> [ModelEvent] {
        let began = ModelEvent.toolCallBegan(index: index, name: call.name)
        switch call.request {
        case .function(_, let arguments):
            return [began, .toolCallDelta(index: index, command: nil, text: arguments)]
        case .shell(let commands, _, _):
            return [began]
                + commands.enumerated().map { .toolCallDelta(index: index, command: $0, text: $1) }
        }
    }

    private static func items(of answer: ProviderScript.Answer, calls: [ToolCall]) -> [ModelEvent] {
        var items: [ModelItem] = []
        if !answer.reasoning.isEmpty { items.append(ModelItem(.reasoning(answer.reasoning.joined()))) }
        if !answer.text.isEmpty { items.append(ModelItem(.assistant(answer.text.joined()))) }
        items += calls.map { ModelItem(.toolCall($0)) }
        return items.map(ModelEvent.item) + [.finished(calls.isEmpty ? .stop : .toolCalls)]
    }
}

/// Makes the provider of settings with a script.
///
/// The answer of each call is chosen by the number of answers in its conversation since the last thing that a person
/// said; calls are named after it. A call beyond the last answer fails.
public func makeScriptedProvider(_ settings: ProviderSettings, _ services: ProviderServices)
    -> any ModelProvider
{
    ScriptedProvider(id: settings.id, script: settings.script ?? ProviderScript(), services: services)
}
