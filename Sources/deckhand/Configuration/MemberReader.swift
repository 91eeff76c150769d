import Core
import Domain

/// Reads the members of an object of a section, notes what is wrong with them, and which of them nobody asked for.
struct MemberReader {
    private let value: JSONValue
    private let path: String
    private let source: ConfigurationSource
    private var asked: Set<String> = []
    private var mistakes: [ConfigurationMistake] = []

    init(_ value: JSONValue, path: String, source: ConfigurationSource) {
        self.value = value
        self.path = path
        self.source = source
        if value.object == nil { note(nil, "it does not hold an object", "Write { … } around the members.") }
    }

    var isObject: Bool { value.object != nil }

    /// The names of all members, for objects whose members have names of the user's own.
    var names: [String] { (value.object ?? [:]).keys.sorted() }

    /// A member as it stands, for those of several types; nil when it is absent.
    mutating func value(of name: String) -> JSONValue? { ask(name) }

    /// A member about which enough was said.
    mutating func pass(_ name: String) { _ = ask(name) }

    mutating func note(_ name: String?, _ reason: String, _ hint: String) {
        let key = name.map { "\(path).\($0)" } ?? path
        mistakes.append(ConfigurationMistake(key: key, source: source, reason: reason, hint: hint))
    }

    /// A text that `read` takes; nil when it is absent, which is a mistake when `missing` says so.
    mutating func text<Value>(
        _ name: String,
        orElse missing: String? = nil,
        _ read: (String) throws(UnacceptableValue) -> Value
    ) -> Value? {
        guard let value = ask(name) else {
            if let missing, isObject { note(name, missing, "Add it.") }
            return nil
        }
        guard let text = value.string else {
            note(name, "it is no text", "Put it into quotes.")
            return nil
        }
        do throws(UnacceptableValue) { return try read(text) } catch {
            note(name, error.reason, error.hint)
            return nil
        }
    }

    mutating func bool(_ name: String) -> Bool? {
        guard let value = ask(name) else { return nil }
        if value.bool == nil { note(name, "it is neither true nor false", "Give true or false.") }
        return value.bool
    }

    mutating func count(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = ask(name) else { return nil }
        guard let number = value.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            note(
                name,
                "it is not acceptable",
                "Give a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
            return nil
        }
        return number
    }

    /// A member that somebody else reads.
    mutating func value<Value>(_ name: String, _ read: (JSONValue) throws(Failure) -> Value) -> Value? {
        guard let value = ask(name) else { return nil }
        do throws(Failure) { return try read(value) } catch {
            note(name, error.message, error.hint ?? "See docs/configuration.md.")
            return nil
        }
    }

    /// An amount of at most a million, in millionths.
    mutating func millionths(
        _ name: String,
        hint: String = "Give what a million tokens cost, such as 1.25."
    ) -> Int64? {
        guard let value = ask(name) else { return nil }
        guard let number = value.number, (0...1_000_000).contains(number) else {
            note(name, "it is no amount", hint)
            return nil
        }
        return Int64((number * 1_000_000).rounded())
    }

    mutating func words<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) -> [Word]
    where Word.RawValue == String {
        guard let value = ask(name) else { return [] }
        let words = value.array?.compactMap(\.string).compactMap(Word.init(rawValue:)) ?? []
        if words.isEmpty || words.count != value.array?.count {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            note(name, "it is no list of known words", "Give a list of: \(known).")
        }
        return words
    }

    /// A reader of a member that is an object itself; give it back with ``take(_:)``.
    mutating func member(_ name: String) -> MemberReader? {
        guard let value = ask(name) else { return nil }
        var reader = MemberReader(value, path: "\(path).\(name)", source: source)
        if !reader.isObject { reader.mistakes = [] }
        return reader
    }

    /// What is made of each element of a list of objects.
    mutating func map<Value>(_ name: String, _ make: (inout MemberReader) -> Value?) -> [Value] {
        guard let value = ask(name) else { return [] }
        guard let elements = value.array else {
            note(name, "it is no list", "Write [ … ] around the elements.")
            return []
        }
        var result: [Value] = []
        for (index, element) in elements.enumerated() {
            var reader = MemberReader(element, path: "\(path).\(name)[\(index)]", source: source)
            if let made = make(&reader) { result.append(made) }
            take(reader)
        }
        return result
    }

    /// Takes over what was found wrong in a part.
    mutating func take(_ part: MemberReader) { mistakes += part.finish() }

    /// All mistakes, those of members that nobody asked for included.
    func finish() -> [ConfigurationMistake] {
        let unknown = (value.object ?? [:]).keys.filter { !asked.contains($0) }.sorted()
        return mistakes
            + unknown.map { name in
                let near = Spelling.nearest(to: name, among: asked.sorted()).map { "; did you mean \($0)?" }
                return ConfigurationMistake(
                    key: "\(path).\(name)",
                    source: source,
                    reason: "there is no such member\(near ?? "")",
                    hint: "The members are: \(asked.sorted().joined(separator: ", "))."
                )
            }
    }

    private mutating func ask(_ name: String) -> JSONValue? {
        asked.insert(name)
        guard let value = value[name], value != .null else { return nil }
        return value
    }
}
