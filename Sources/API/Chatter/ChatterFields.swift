internal import Core
internal import Domain
internal import HTTPServer

/// Reads the body of a request of the panel assistant: what it does not know it leaves alone, as that contract does.
///
/// `null` is as good as absent; a member of another type is `Bad Request`.
struct ChatterFields {
    private let members: [String: JSONValue]

    /// Throws `bad_request` unless the body is a JSON object.
    init(_ request: HTTPRequest) throws(Failure) {
        guard String(strictUTF8: request.body) != nil,
            let members = (try? JSONValue(parsing: request.body))?.object
        else { throw ChatterFailures.badRequest("Send a JSON object in UTF-8.") }
        self.members = members
    }

    func value(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func text(_ name: String) throws(Failure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw Self.wrong(name, "a string") }
        return text
    }

    func flag(_ name: String) throws(Failure) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw Self.wrong(name, "true or false") }
        return flag
    }

    func list(_ name: String) throws(Failure) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let list = value.array else { throw Self.wrong(name, "an array") }
        return list
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(Failure) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.number, range.contains(number) else {
            throw Self.wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A word of a list, whatever its case.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws(Failure)
        -> Word? where Word.RawValue == String
    {
        guard let text = try text(name), !text.isEmpty else { return nil }
        guard let word = Word(rawValue: text.lowercased()) else {
            throw Self.wrong(name, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    static func wrong(_ name: String, _ expected: String) -> Failure {
        ChatterFailures.badRequest("The field '\(name)' must be \(expected).")
    }
}
