import Core
import Domain

/// Reads the section `prices` of `deckhand.json5`.
struct PriceSectionReader {
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(file: String) { source = .file(path: file) }

    /// The price list; nil without the section.
    mutating func read(_ value: JSONValue?) -> PriceList? {
        guard let value else { return nil }
        var reader = MemberReader(value, path: ConfigurationSection.prices.rawValue, source: source)
        var list = PriceList()
        let name = reader.text("unit") { text throws(UnacceptableValue) in
            guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw UnacceptableValue("it is no name", hint: "Give a short word such as \"EUR\".") }
            return text
        }
        let decimals = reader.count("decimals", 0...CreditUnit.maximumDecimals)
        list.unit = CreditUnit(
            name: name ?? list.unit.name,
            decimals: decimals ?? list.unit.decimals
        )
        list.holdFor = reader.duration("holdFor", .seconds(60)...(.seconds(86_400))) ?? list.holdFor
        list.assumedOutputTokens =
            reader.count("assumedOutputTokens", 1...10_000_000) ?? list.assumedOutputTokens
        if var models = reader.member("models") {
            for name in models.names { list.models[name] = Self.price(name, &models) }
            reader.take(models)
        }
        if var items = reader.member("items") {
            for name in items.names {
                list.items[name] = items.count(name, 0...Int(CallPrice.highest)).map {
                    Credits(minor: Int64($0))
                }
            }
            reader.take(items)
        }
        mistakes += reader.finish()
        return list
    }

    private static func price(_ name: String, _ models: inout MemberReader) -> CallPrice? {
        guard var price = models.member(name) else { return nil }
        defer { models.take(price) }
        guard price.isObject else {
            price.note(nil, "it does not hold an object", "Write { input: 12500, output: 100000 }.")
            return nil
        }
        if !name.utf8.contains(0x2F), name != "*" {
            price.note(nil, "it names no model", "Write provider/model, provider/* or *.")
        }
        let range = 0...Int(CallPrice.highest)
        let (input, output) = (price.count("input", range), price.count("output", range))
        let cached = price.count("cachedInput", range)
        let reasoning = price.count("reasoning", range)
        let call = price.count("call", range)
        guard let input, let output else {
            price.note("input", "input and output are both needed", "Give minor units for a million tokens.")
            return nil
        }
        return CallPrice(
            input: Int64(input),
            cachedInput: cached.map(Int64.init),
            output: Int64(output),
            reasoning: reasoning.map(Int64.init),
            call: Int64(call ?? 0)
        )
    }
}
