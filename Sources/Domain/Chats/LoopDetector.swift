/// Finds a model that goes round in circles: the same call with the same result three times in a row, or two calls in
/// turn three times.
struct LoopDetector: Sendable {
    private static let rounds = 3
    private var recent: [Round] = []

    private struct Round: Sendable, Equatable {
        let request: ToolCall.Request
        let results: [ToolStepResult]
    }

    /// Takes in a call with the result of each step and the name of the ticket that carried it out, where there is one.
    mutating func add(call: ToolCall, results: [(result: ToolStepResult, ticket: String?)]) {
        let comparable = results.map { Self.comparable($0.result, without: $0.ticket) }
        recent.append(Round(request: call.request, results: comparable))
        if recent.count > 2 * Self.rounds { recent.removeFirst() }
    }

    /// A result without what differs each time: the ticket's name wherever it stands, and what stands in parentheses on
    /// the first line, where our own function tells the time that it took.
    private static func comparable(_ result: ToolStepResult, without ticket: String?) -> ToolStepResult {
        func unnamed(_ text: String) -> String { ticket.map { text.replacing($0, with: "") } ?? text }
        switch result {
        case .text(let text, let isError):
            guard let end = text.firstIndex(where: \.isNewline), let start = text[..<end].firstIndex(of: "(")
            else { return .text(unnamed(text), isError: isError) }
            return .text(String(text[..<start]) + unnamed(String(text[end...])), isError: isError)
        case .command(var result):
            result.stdout = unnamed(result.stdout)
            result.stderr = unnamed(result.stderr)
            return .command(result)
        }
    }

    /// Why the turn is to be stopped; nil while all is well.
    var failure: Failure? {
        let last = recent.suffix(Self.rounds)
        if last.count == Self.rounds, last.allSatisfy({ $0 == last.last }) {
            return Self.failure("the same call with the same result three times")
        }
        guard recent.count == 2 * Self.rounds else { return nil }
        let even = stride(from: 0, to: recent.count, by: 2).map { recent[$0] }
        let odd = stride(from: 1, to: recent.count, by: 2).map { recent[$0] }
        guard even.allSatisfy({ $0 == even[0] }), odd.allSatisfy({ $0 == odd[0] }) else { return nil }
        return Self.failure("the same two calls with the same results three times")
    }

    private static func failure(_ what: String) -> Failure {
        Failure(
            .conflict,
            code: "stuck_in_a_loop",
            message: "The assistant stopped because it made \(what).",
            hint: "Tell it what to do differently, or choose another model."
        )
    }
}
