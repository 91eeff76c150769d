/// What calls of a model cost, in minor units per million tokens.
public struct CallPrice: Sendable, Equatable {
    /// Input that came from no cache.
    public var input: Int64
    /// Input that came from a cache.
    public var cachedInput: Int64
    /// Output that was no thinking.
    public var output: Int64
    /// Output that was thinking.
    public var reasoning: Int64
    /// Minor units for each call that is billed at all, such as for a picture.
    public var call: Int64

    /// The highest that any of them may be.
    public static let highest: Int64 = 1_000_000_000

    /// Makes a price; thinking costs what output costs, and cached input what input costs, unless told otherwise.
    public init(
        input: Int64,
        cachedInput: Int64? = nil,
        output: Int64,
        reasoning: Int64? = nil,
        call: Int64 = 0
    ) {
        self.input = input
        self.cachedInput = cachedInput ?? input
        self.output = output
        self.reasoning = reasoning ?? output
        self.call = call
    }

    /// What a call costs, rounded up to a whole minor unit.
    public func cost(of usage: TokenUsage) -> Credits {
        let cached = min(usage.cachedInput, usage.input)
        let thought = min(usage.reasoning, usage.output)
        let sum =
            Self.product(usage.input - cached, input) + Self.product(cached, cachedInput)
            + Self.product(usage.output - thought, output) + Self.product(thought, reasoning)
        return Credits(minor: (sum + 999_999) / 1_000_000 + call)
    }

    /// The most that a call can cost with so many tokens.
    public func mostFor(input tokens: Int, output most: Int) -> Credits {
        var worst = self
        worst.input = max(input, cachedInput)
        worst.output = max(output, reasoning)
        return worst.cost(of: TokenUsage(input: tokens, output: most))
    }

    /// Bounded, so that no sum of four can overflow.
    private static func product(_ tokens: Int, _ price: Int64) -> Int64 {
        Int64(min(max(tokens, 0), 1_000_000_000)) * min(max(price, 0), highest)
    }
}

/// What everything costs.
public struct PriceList: Sendable, Equatable {
    /// What the amounts are in.
    public var unit: CreditUnit
    /// Prices by `provider/model`; a name may end in `*`.
    public var models: [String: CallPrice]
    /// Prices of one of what host applications report, such as `document`, in minor units.
    public var items: [String: Credits]
    /// Output tokens that are reserved for where a call has no limit of its own.
    public var assumedOutputTokens: Int
    /// How long a hold lasts when nobody ends it.
    public var holdFor: Duration

    /// Makes a list.
    public init(
        unit: CreditUnit = CreditUnit(),
        models: [String: CallPrice] = [:],
        items: [String: Credits] = [:],
        assumedOutputTokens: Int = 8_192,
        holdFor: Duration = .seconds(3_600)
    ) {
        self.unit = unit
        self.models = models
        self.items = items
        self.assumedOutputTokens = assumedOutputTokens
        self.holdFor = holdFor
    }

    /// The price of a model: of its own name, else of the longest name with `*` that it begins with; nil for none.
    public func price(of model: ModelReference) -> CallPrice? {
        let name = model.description
        if let price = models[name] { return price }
        let pattern = models.keys.filter { $0.hasSuffix("*") && name.hasPrefix($0.dropLast()) }
            .max { $0.utf8.count < $1.utf8.count }
        return pattern.flatMap { models[$0] }
    }
}
