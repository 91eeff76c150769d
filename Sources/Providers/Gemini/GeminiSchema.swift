internal import Core

/// Takes out of JSON Schemas what Gemini refuses; a schema is a hint here, and arguments are checked when they come.
enum GeminiSchema {
    private static let kept: Set<String> = [
        "$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items",
        "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties",
        "additionalProperties", "required", "propertyOrdering",
    ]

    static func cleaned(_ schema: JSONValue, depth: Int = 0) -> JSONValue {
        guard depth < 64, case .object(var members) = schema else { return schema }
        if let constant = members["const"], members["enum"] == nil { members["enum"] = .array([constant]) }
        // All parts of an `allOf` hold, so that their members can stand side by side.
        for part in members["allOf"]?.array ?? [] {
            guard case .object(let inner) = part else { continue }
            members.merge(inner) { Self.joined($0, $1) }
        }
        var result: [String: JSONValue] = [:]
        for (name, value) in members where kept.contains(name) {
            switch name {
            case "properties", "$defs":
                guard let inner = value.object else { continue }
                result[name] = .object(inner.mapValues { cleaned($0, depth: depth + 1) })
            case "items", "additionalProperties":
                result[name] = cleaned(value, depth: depth + 1)
            case "anyOf", "oneOf", "prefixItems":
                result[name] = .array((value.array ?? []).map { cleaned($0, depth: depth + 1) })
            default:
                result[name] = value
            }
        }
        return .object(result)
    }

    private static func joined(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        switch (left, right) {
        case (.object(let left), .object(let right)): .object(left.merging(right) { first, _ in first })
        case (.array(let left), .array(let right)): .array(left + right.filter { !left.contains($0) })
        default: left
        }
    }
}
