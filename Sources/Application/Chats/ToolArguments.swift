internal import Core
internal import Domain

/// The arguments of a tool, read with errors that tell the model what to do.
struct ToolArguments {
    private let members: [String: JSONValue]

    init(_ text: String) throws(Failure) {
        let json = text.trimmed.isEmpty ? "{}" : text
        guard case .object(let members) = try? JSONValue(parsing: Array(json.utf8)) else {
            throw Failure(
                .invalid,
                code: "invalid_arguments",
                message: "The arguments are not a JSON object.",
                hint: "Call the tool again with an object that matches its schema."
            )
        }
        self.members = members
    }

    func text(_ name: String) throws(Failure) -> String {
        guard let value = members[name]?.string else {
            throw Failure(
                .invalid,
                code: "invalid_arguments",
                message: "The argument \(name) must be a string."
            )
        }
        return value
    }

    /// A list of strings; one string counts as a list.
    func texts(_ name: String) throws(Failure) -> [String] {
        switch members[name] {
        case nil, .null: return []
        case .string(let text): return [text]
        case .array(let items) where items.allSatisfy({ $0.string != nil }): return items.compactMap(\.string)
        default:
            throw Failure(
                .invalid,
                code: "invalid_arguments",
                message: "The argument \(name) must be a list of strings."
            )
        }
    }

    func flag(_ name: String) -> Bool {
        switch members[name] {
        case .bool(let value): value
        case .string(let text): text.lowercased() == "true"
        default: false
        }
    }

    func number(_ name: String) -> Double? {
        guard let value = members[name]?.number ?? members[name]?.string.flatMap(Double.init), value.isFinite
        else {
            return nil
        }
        return value
    }
}
