/// What a turn may use; reaching one stops it with an explanation.
public struct TurnLimits: Sendable, Equatable {
    /// Calls of models, interrupted ones included.
    public var modelCalls: Int
    /// Steps carried out.
    public var toolSteps: Int
    /// Time at work; waiting for a person's decision does not count, nor does time without a server.
    public var time: Duration
    /// Tokens in all, input and output.
    public var tokens: Int
    /// Cost in millionths of the currency that the prices are in; nil for no cap.
    public var cost: Int64?

    /// The defaults.
    public init(
        modelCalls: Int = 60,
        toolSteps: Int = 120,
        time: Duration = .seconds(3_600),
        tokens: Int = 4_000_000,
        cost: Int64? = nil
    ) {
        self.modelCalls = modelCalls
        self.toolSteps = toolSteps
        self.time = time
        self.tokens = tokens
        self.cost = cost
    }
}

/// What a model's tokens cost, in millionths of a currency per million tokens.
public struct ModelPrice: Sendable, Equatable {
    /// Input tokens.
    public var input: Int64
    /// Input tokens from a cache.
    public var cachedInput: Int64
    /// Output tokens.
    public var output: Int64

    /// Makes a price.
    public init(input: Int64, cachedInput: Int64, output: Int64) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    /// What a usage costs, in millionths, rounded up.
    public func cost(of usage: TokenUsage) -> Int64 {
        let cached = min(usage.cachedInput, usage.input)
        let millionths =
            Int64(usage.input - cached) * input + Int64(cached) * cachedInput + Int64(usage.output) * output
        return (millionths + 999_999) / 1_000_000
    }
}
