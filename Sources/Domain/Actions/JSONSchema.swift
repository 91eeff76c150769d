public import Core

/// A small part of JSON Schema (draft 2020-12): what describes the arguments of an action.
///
/// Keywords that are not understood are refused when it is read, so that no rule is believed to hold that does not.
public struct JSONSchema: Sendable, Equatable {
    /// Types of values.
    private enum Kind: String, Sendable {
        case object, array, string, integer, number, boolean, null
    }

    private static let deepest = 8
    private static let keywords: Set<String> = [
        "type", "title", "description", "properties", "required", "additionalProperties", "enum", "minimum",
        "maximum", "minLength", "maxLength", "pattern", "items", "minItems", "maxItems",
    ]

    /// The schema as it was given.
    public let json: JSONValue
    private var kind: Kind?
    private var properties: [String: JSONSchema] = [:]
    private var required: [String] = []
    private var choices: [JSONValue]?
    private var range: (low: Double?, high: Double?) = (nil, nil)
    private var length: (low: Int?, high: Int?) = (nil, nil)
    private var count: (low: Int?, high: Int?) = (nil, nil)
    private var pattern: TextPattern?
    /// One at most; a list so that the type can hold itself.
    private var items: [JSONSchema] = []

    /// Reads a schema; throws `invalid_schema` (unprocessable) with the place of what is wrong.
    public init(_ json: JSONValue) throws(Failure) { try self.init(json, at: "parameters", depth: 0) }

    private init(_ json: JSONValue, at place: String, depth: Int) throws(Failure) {
        self.json = json
        guard depth < Self.deepest else { throw Self.wrong(place, "is nested too deeply") }
        guard let members = json.object else { throw Self.wrong(place, "is no object") }
        if let other = members.keys.sorted().first(where: { !Self.keywords.contains($0) }) {
            throw Self.wrong(place, "has the keyword '\(other)', which is not understood here")
        }
        guard let kind = members["type"]?.string.flatMap(Kind.init(rawValue:)) else {
            throw Self.wrong(place, "has no 'type' that is one word")
        }
        self.kind = kind
        if depth == 0, kind != .object { throw Self.wrong(place, "must be of the type object") }
        if let extra = members["additionalProperties"], extra != .bool(false) {
            throw Self.wrong(place, "has 'additionalProperties' that is not false")
        }
        for (name, value) in (members["properties"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            properties[name] = try JSONSchema(value, at: "\(place).\(name)", depth: depth + 1)
        }
        required = (members["required"]?.array ?? []).compactMap(\.string)
        if let name = required.first(where: { properties[$0] == nil }) {
            throw Self.wrong(place, "requires '\(name)', which is not among its properties")
        }
        if let list = members["enum"] {
            guard let list = list.array, !list.isEmpty else { throw Self.wrong(place, "has an empty 'enum'") }
            choices = list
        }
        for name in ["minimum", "maximum"] where members[name] != nil && members[name]?.number == nil {
            throw Self.wrong(place, "has '\(name)' that is no number")
        }
        for name in ["minLength", "maxLength", "minItems", "maxItems"]
        where members[name] != nil && Self.whole(members[name]) == nil {
            throw Self.wrong(place, "has '\(name)' that is no whole number")
        }
        range = (members["minimum"]?.number, members["maximum"]?.number)
        length = (Self.whole(members["minLength"]), Self.whole(members["maxLength"]))
        count = (Self.whole(members["minItems"]), Self.whole(members["maxItems"]))
        if let text = members["pattern"] {
            guard let read = text.string.flatMap(TextPattern.init) else {
                throw Self.wrong(place, "has a 'pattern' that is not understood here")
            }
            pattern = read
        }
        if let value = members["items"] {
            items = [try JSONSchema(value, at: "\(place)[]", depth: depth + 1)]
        }
        if kind == .array, items.isEmpty { throw Self.wrong(place, "is a list without 'items'") }
    }

    /// What is wrong with a value, a sentence for the first few mistakes; empty when it fits.
    public func mistakes(in value: JSONValue) -> [String] {
        var mistakes: [String] = []
        check(value, "", &mistakes)
        return Array(mistakes.prefix(5))
    }

    private func check(_ value: JSONValue, _ place: String, _ mistakes: inout [String]) {
        let name = place.isEmpty ? "The object" : "'\(place)'"
        if let choices, !choices.contains(value) {
            let list = choices.prefix(20).map { String(decoding: $0.bytes, as: UTF8.self) }
            mistakes.append("\(name) must be one of \(list.joined(separator: ", ")).")
        }
        switch (kind, value) {
        case (.object, .object(let members)): checkMembers(members, place, &mistakes)
        case (.array, .array(let elements)):
            if !Self.fits(elements.count, count) {
                mistakes.append("\(name) has too few or too many elements.")
            }
            for (index, element) in elements.prefix(1_000).enumerated() {
                items.first?.check(element, "\(place)[\(index)]", &mistakes)
            }
            if elements.count > 1_000 { mistakes.append("\(name) has more than 1000 elements.") }
        case (.string, .string(let text)):
            if !Self.fits(text.unicodeScalars.count, length) {
                mistakes.append("\(name) is too short or too long.")
            } else if let pattern, !pattern.matches(text) {
                mistakes.append("\(name) does not have the form that the schema asks for.")
            }
        case (.integer, .integer), (.number, .integer), (.number, .number):
            let number = value.number ?? 0
            if number < range.low ?? number || number > range.high ?? number {
                mistakes.append("\(name) is out of range.")
            }
        case (.boolean, .bool), (.null, .null): break
        default: mistakes.append("\(name) must be of the type \(kind?.rawValue ?? "object").")
        }
    }

    private func checkMembers(_ members: [String: JSONValue], _ place: String, _ mistakes: inout [String]) {
        func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
        for name in required where members[name] == nil { mistakes.append("'\(path(name))' is missing.") }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let schema = properties[name] else {
                mistakes.append("'\(path(String(name.prefix(64))))' is not known.")
                continue
            }
            schema.check(value, path(name), &mistakes)
        }
    }

    private static func whole(_ value: JSONValue?) -> Int? {
        value?.integer.flatMap { Int(exactly: $0) }
    }

    private static func fits(_ count: Int, _ range: (low: Int?, high: Int?)) -> Bool {
        count >= range.low ?? 0 && count <= range.high ?? count
    }

    private static func wrong(_ place: String, _ what: String) -> Failure {
        Failure(
            .unprocessable,
            code: "invalid_schema",
            message: "\(place) \(what).",
            hint: "See the list of keywords in docs/ai-layer.md."
        )
    }

    /// Compares what was given.
    public static func == (left: JSONSchema, right: JSONSchema) -> Bool { left.json == right.json }
}
