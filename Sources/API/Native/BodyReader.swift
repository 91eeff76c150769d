internal import Core
internal import Domain
internal import HTTPServer

/// Reads a JSON object from a request, with errors that name the field; unknown fields are errors, because a typo
/// must not silently become a default.
struct BodyReader {
    private let members: [String: JSONValue]
    private let path: String

    /// Reads the body of a request; an empty body is an empty object.
    ///
    /// The declared media type does not matter: no change is authorised by a cookie alone, so that a form of a foreign
    /// page can do nothing here, and `curl -d` declares forms.
    init(_ request: HTTPRequest, known: Set<String>) throws(Failure) {
        guard !request.body.isEmpty else {
            self.init(members: [:], path: "")
            return
        }
        guard String(strictUTF8: request.body) != nil, let value = try? JSONValue(parsing: request.body)
        else {
            throw Failure(
                .invalid,
                code: "invalid_json",
                message: "The body is not valid JSON in UTF-8.",
                hint: "Check quotes, commas and escapes; a command's newlines are written as \\n."
            )
        }
        guard let object = value.object else {
            throw Failure(
                .invalid,
                code: "invalid_json",
                message: "The body is not a JSON object.",
                hint: "Send an object such as {\"command\": \"uptime\"}."
            )
        }
        self.init(members: object, path: "")
        try require(known: known)
    }

    private init(members: [String: JSONValue], path: String) {
        self.members = members
        self.path = path
    }

    private func require(known: Set<String>) throws(Failure) {
        for name in members.keys.sorted() where !known.contains(name) {
            throw Failure(
                .unprocessable,
                code: "unknown_field",
                message: "The field '\(path)\(name)' is not known here.",
                hint: "Known are: " + known.sorted().joined(separator: ", ") + "."
            )
        }
    }

    /// The refusal of a field's value.
    func wrong(_ name: String, _ expected: String) -> Failure {
        Failure(
            .unprocessable,
            code: "invalid_field",
            message: "The field '\(path)\(name)' is not \(expected).",
            hint: "Send \(expected), or leave the field out."
        )
    }

    private func present(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { present(name) != nil }

    func string(_ name: String) throws(Failure) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw wrong(name, "a string") }
        return text
    }

    func integer(_ name: String) throws(Failure) -> Int64? {
        guard let value = present(name) else { return nil }
        guard let number = value.integer else { throw wrong(name, "a whole number") }
        return number
    }

    func bool(_ name: String) throws(Failure) -> Bool? {
        guard let value = present(name) else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    func seconds(_ name: String) throws(Failure) -> Duration? {
        guard let value = present(name) else { return nil }
        guard let number = value.number, number >= 0, number < 1e9 else {
            throw wrong(name, "a number of seconds")
        }
        return .microseconds(Int64(number * 1_000_000))
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Word.Type
    ) throws(Failure) -> Word? where Word.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw wrong(name, "one of " + Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        return word
    }

    func strings(_ name: String) throws(Failure) -> [String: String]? {
        guard let value = present(name) else { return nil }
        guard let object = value.object else { throw wrong(name, "an object of strings") }
        var result: [String: String] = [:]
        for (key, value) in object {
            guard let text = value.string else { throw wrong(name, "an object of strings") }
            result[key] = text
        }
        return result
    }

    /// A field that is an array of strings.
    func list(_ name: String) throws(Failure) -> [String]? {
        guard let value = present(name) else { return nil }
        guard let items = value.array else { throw wrong(name, "an array of strings") }
        var result: [String] = []
        for item in items {
            guard let text = item.string else { throw wrong(name, "an array of strings") }
            result.append(text)
        }
        return result
    }

    /// A field that is an array of whole numbers.
    func integers(_ name: String) throws(Failure) -> [Int64]? {
        guard let value = present(name) else { return nil }
        guard let items = value.array else { throw wrong(name, "an array of whole numbers") }
        var result: [Int64] = []
        for item in items {
            guard let number = item.integer else { throw wrong(name, "an array of whole numbers") }
            result.append(number)
        }
        return result
    }

    /// The members of an object field.
    func object(_ name: String, known: Set<String>) throws(Failure) -> BodyReader? {
        guard let value = present(name) else { return nil }
        guard let object = value.object else { throw wrong(name, "an object") }
        let reader = BodyReader(members: object, path: "\(path)\(name).")
        try reader.require(known: known)
        return reader
    }

    /// The members of each object of an array field.
    func objects(_ name: String, known: Set<String>) throws(Failure) -> [BodyReader]? {
        guard let value = present(name) else { return nil }
        guard let array = value.array else { throw wrong(name, "a list of objects") }
        var readers: [BodyReader] = []
        for (index, value) in array.enumerated() {
            guard let object = value.object else { throw wrong("\(name)[\(index)]", "an object") }
            let reader = BodyReader(members: object, path: "\(path)\(name)[\(index)].")
            try reader.require(known: known)
            readers.append(reader)
        }
        return readers
    }
}
