import Core
import Synchronization
import TestSupport
@testable import Domain
@testable import Providers

/// Notes what was metered.
final class RecordingMeter: CallMeter {
    struct End: Sendable, Equatable {
        var call: MeteredCallID
        var usage: TokenUsage?
        var outcome: CallOutcome
    }

    private let count = Atomic<Int64>(0)
    private let ended = Recorder<End>()
    private let limit: Int?
    /// How large calls could become, in their order.
    let sizes = Recorder<CallSize>()
    /// How much was handed over, in the order of the ends.
    let delivered = Recorder<Int>()

    /// `limit` is what answers are bounded by where nobody else says.
    init(limit: Int? = nil) { self.limit = limit }

    func outputLimit(of model: ModelReference, for context: CallContext) -> Int? { limit }

    var beginnings: Int64 { count.load(ordering: .relaxed) }
    var ends: [End] { ended.all }

    func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        sizes.record(size)
        return MeteredCallID(count.add(1, ordering: .relaxed).newValue)
    }

    func end(_ call: MeteredCallID, _ report: CallReport) async {
        delivered.record(report.deliveredBytes)
        ended.record(End(call: call, usage: report.usage, outcome: report.outcome))
    }
}

/// One side of a conversation with a model: asks, and does what it wants done.
enum Conversing {
    static let context = CallContext(principal: PrincipalID("hash"), door: .chat)

    static func request(_ items: [ModelItem], tools: [OfferedTool] = []) -> ModelRequest {
        var request = ModelRequest(model: "m", instructions: "Be brief.", items: items, context: context)
        request.tools = tools
        return request
    }

    static func ask(_ provider: any ModelProvider, _ items: [ModelItem], tools: [OfferedTool] = [])
        async throws -> [ModelEvent]
    {
        let seen = Recorder<ModelEvent>()
        try await provider.respond(to: request(items, tools: tools)) { $0.forEach(seen.record) }
        return seen.all
    }

    static func items(_ events: [ModelEvent]) -> [ModelItem] {
        events.compactMap { if case .item(let item) = $0 { item } else { nil } }
    }

    static func calls(_ events: [ModelEvent]) -> [ToolCall] {
        items(events).compactMap { if case .toolCall(let call) = $0.content { call } else { nil } }
    }

    /// The items of an answer with results of its calls behind them.
    static func continued(_ events: [ModelEvent]) -> [ModelItem] {
        items(events)
            + calls(events).map { call in
                let content: ToolResult.Content =
                    if case .shell(let commands, _, let bound) = call.request {
                        .shell(
                            commands.map {
                                ShellCommandResult(stdout: "ran \($0)", stderr: "", outcome: .exit(code: 0))
                            },
                            maximumOutput: bound
                        )
                    } else {
                        .parts([.text("result of \(call.id)")], isError: false)
                    }
                return ModelItem(
                    .toolResult(ToolResult(callID: call.id, name: call.name, content: content))
                )
            }
    }

    static let runTool = OfferedTool.function(
        FunctionTool(
            name: "run",
            description: "Runs a command.",
            parameters: .object([
                "type": .string("object"),
                "properties": .object(["cmd": .object(["type": .string("string")])]),
                "required": .array([.string("cmd")]),
            ])
        )
    )
}
