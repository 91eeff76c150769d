public import Core

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    /// Makes text of a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number of a literal.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes true or false of a literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes a number of a literal.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Makes an object of a literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
    /// Makes an array of a literal.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
