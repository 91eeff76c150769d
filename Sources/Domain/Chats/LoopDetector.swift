/// Finds a model that goes round in circles: the same call with the same result three times in a row, or two calls in
/// turn three times.
struct LoopDetector: Sendable {
    private static let rounds = 3
    private var recent: [Round] = []

    private struct Round: Sendable, Equatable {
        let request: ToolCall.Request
        let results: [ToolStepResult]
    }

    mutating func add(call: ToolCall, results: [ToolStepResult]) {
        recent.append(Round(request: call.request, results: results))
        if recent.count > 2 * Self.rounds { recent.removeFirst() }
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
