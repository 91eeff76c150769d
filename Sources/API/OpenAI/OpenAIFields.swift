internal import Core
internal import Domain
internal import HTTPServer

/// Reads the members of a JSON object of a standard client: unknown ones are ignored, since clients send what their newest
/// version knows; null stands for absent.
struct OpenAIFields: Sendable {
    private let members: [String: JSONValue]
    /// What stands before a member's name in errors, such as `messages[0].`.
    private let path: String

    /// The whole object, as it came.
    var value: JSONValue { .object(members) }

    /// Reads the body of a request.
    init(_ request: HTTPRequest) throws(FieldFailure) {
        guard String(strictUTF8: request.body) != nil, let value = try? JSONValue(parsing: request.body),
            let members = value.object
        else {
            let failure = Failure(
                .invalid,
                code: "invalid_json",
                message: "The body is not a JSON object in UTF-8.",
                hint: "Send an object such as {\"model\": \"…\", …}."
            )
            throw FieldFailure(failure: failure, param: "body")
        }
        self.init(members, path: "")
    }

    /// An object at a place of the body.
    init(_ members: [String: JSONValue], path: String) {
        self.members = members
        self.path = path
    }

    /// The value of a member; nil when absent or null.
    subscript(name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { self[name] != nil }

    func text(_ name: String) throws(FieldFailure) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw wrong(name, "a string") }
        return text
    }

    func requiredText(_ name: String) throws(FieldFailure) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    func flag(_ name: String) throws(FieldFailure) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    func whole(_ name: String, _ range: ClosedRange<Int64>) throws(FieldFailure) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(number)
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(FieldFailure) -> Double? {
        guard let value = self[name] else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func object(_ name: String) throws(FieldFailure) -> OpenAIFields? {
        guard let value = self[name] else { return nil }
        guard let object = value.object else { throw wrong(name, "an object") }
        return OpenAIFields(object, path: "\(path)\(name).")
    }

    /// The objects of a list.
    func objects(_ name: String, atMost limit: Int) throws(FieldFailure) -> [OpenAIFields]? {
        guard let value = self[name] else { return nil }
        guard let array = value.array, array.count <= limit else {
            throw wrong(name, "a list of at most \(limit) objects")
        }
        var result: [OpenAIFields] = []
        for (index, element) in array.enumerated() {
            guard let object = element.object else { throw wrong("\(name)[\(index)]", "an object") }
            result.append(OpenAIFields(object, path: "\(path)\(name)[\(index)]."))
        }
        return result
    }

    // MARK: Refusals

    func wrong(_ name: String, _ expected: String) -> FieldFailure {
        refusal(
            name,
            code: "invalid_value",
            "The field '\(path)\(name)' is not \(expected).",
            "Send \(expected), or leave the field out."
        )
    }

    func missing(_ name: String) -> FieldFailure {
        refusal(
            name,
            code: "missing_required_parameter",
            "The field '\(path)\(name)' is missing.",
            "Send it; see docs/openai.md."
        )
    }

    /// For what other servers of this interface can do and this one cannot.
    func unsupported(_ name: String, _ message: String, _ hint: String) -> FieldFailure {
        refusal(name, code: "unsupported_parameter", message, hint)
    }

    func refusal(_ name: String, code: String, _ message: String, _ hint: String) -> FieldFailure {
        FieldFailure(
            failure: Failure(.invalid, code: code, message: message, hint: hint),
            param: path + name
        )
    }
}
