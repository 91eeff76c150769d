/// What one call of a model costs.
public struct CallBill: Sendable, Equatable {
    /// What it consumed; nil when nobody knows and nothing was delivered.
    public let usage: TokenUsage?
    /// What it costs.
    public let cost: Credits
    /// The usage is ours to estimate, because the provider did not say or did not say all.
    public let isEstimated: Bool

    /// Makes a bill by a report.
    ///
    /// What was delivered is paid for, however the call ended. A call that failed before anything was delivered is free,
    /// and so is one that was ended by us before the provider said what it consumed. Without a price all is free.
    public init(_ report: CallReport, inputEstimate: Int, price: CallPrice?) {
        let delivered = CallSize.tokens(bytes: report.deliveredBytes)
        var usage = report.usage
        var isEstimated = false
        if report.deliveredBytes > 0 || report.outcome == .succeeded {
            if usage == nil {
                usage = TokenUsage(input: inputEstimate, output: delivered)
                isEstimated = true
            } else if report.outcome != .succeeded, let reported = usage?.output, reported < delivered {
                // Vendors report the output at the end, which did not come.
                usage?.output = delivered
                isEstimated = true
            }
        }
        let isFree = report.outcome == .failed && report.deliveredBytes == 0
        self.usage = usage
        self.isEstimated = isEstimated
        cost = isFree ? .zero : usage.flatMap { price?.cost(of: $0) } ?? .zero
    }
}
