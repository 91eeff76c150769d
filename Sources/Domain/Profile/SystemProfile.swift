public import Core

/// What kind of machine this is, for the model: facts in a few lines.
///
/// Only what changes seldom belongs here: a text that differs from call to call cannot be cached by providers.
public struct SystemProfile: Sendable, Equatable {
    /// The most bytes of a profile's text.
    public static let maximumBytes = 8_192
    private static let maximumFactBytes = 600

    /// One fact.
    public struct Fact: Sendable, Equatable {
        /// One or a few words, such as `web`.
        public let name: String
        /// What is to be known, on one line.
        public let text: String

        /// Makes a fact; control characters become spaces, and long texts are cut.
        public init(_ name: String, _ text: String) {
            self.name = SystemProfile.line(name)
            self.text = SystemProfile.line(text)
        }
    }

    /// The facts in their order.
    public let facts: [Fact]

    /// Makes a profile; facts without a text are left out.
    public init(_ facts: [Fact]) { self.facts = facts.filter { !$0.text.isEmpty && !$0.name.isEmpty } }

    /// Takes a profile as people write it in JSON: an object whose members are texts, or anything else as it stands.
    ///
    /// Nil when it is no object. Members are taken in the order of their names, since objects have none of their own.
    public init?(json: JSONValue) {
        guard let members = json.object else { return nil }
        self.init(
            members.sorted { $0.key < $1.key }.map { name, value in
                Fact(name, value.string ?? String(decoding: value.bytes, as: UTF8.self))
            }
        )
    }

    /// A line for each fact, within ``maximumBytes``.
    public var text: String {
        var result = ""
        for fact in facts {
            let line = "\(fact.name): \(fact.text)"
            guard result.utf8.count + line.utf8.count < Self.maximumBytes else { break }
            result += result.isEmpty ? line : "\n" + line
        }
        return result
    }

    private static func line(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += scalar.utf8.count
            if count > maximumFactBytes { break }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            result.append(isControl ? " " : scalar)
        }
        return String(result).trimmed
    }
}
