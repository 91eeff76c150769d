internal import Core
internal import Domain

/// A turn of the program that is under way.
struct CodexTurn: Sendable {
    let connection: CodexConnection
    let thread: String
    let id: String
    let channel: BoundedChannel<CodexConnection.Heard>
    /// What was offered when it began.
    let tools: [FunctionTool]
    let model: String
    var reader = CodexTurnReader()
    /// Since when it waits for results.
    var parked = ContinuousClock.now

    /// The results that it waits for, if the conversation ends with just these and nothing else has changed.
    func results(in request: ModelRequest, _ functions: [FunctionTool]) -> [ToolResult]? {
        guard functions == tools, request.model == model else { return nil }
        let results = request.items.reversed().prefix { item in
            if case .toolResult = item.content { true } else { false }
        }.compactMap { item in if case .toolResult(let result) = item.content { result } else { nil } }
        guard results.count == reader.openCalls.count,
            Set(results.map(\.callID)) == Set(reader.openCalls.map(\.id))
        else { return nil }
        return results
    }

    /// Hands the results over, and goes on.
    mutating func resume(_ results: [ToolResult]) {
        for call in reader.openCalls {
            guard let result = results.first(where: { $0.callID == call.id }) else { continue }
            connection.reply(call.request, result.codexAnswer)
        }
        reader.resume()
    }
}
