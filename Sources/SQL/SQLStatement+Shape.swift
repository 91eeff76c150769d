extension SQLStatement {
    /// Identifies a statement's text without reading it, as a key for prepared statements.
    ///
    /// Equal shapes have equal texts. Equal texts from different places in the program may have different shapes.
    public struct Shape: Hashable, Sendable {
        let parts: [Part]

        /// Mixes all parts into one word first: the hasher costs more than the rest.
        public func hash(into hasher: inout Hasher) {
            var mixed: UInt = 0
            for part in parts { mixed = (mixed ^ part.word) &* 0x9E37_79B9_7F4A_7C15 }
            hasher.combine(mixed)
        }
    }

    /// A piece of a statement's text.
    enum Part: Hashable, Sendable {
        case literal(Literal)
        /// The place of a value.
        case bind
        case other(String)

        /// A literal of one character may be stored without an address.
        init(_ literal: StaticString) {
            self = literal.hasPointerRepresentation ? .literal(Literal(literal)) : .other(literal.description)
        }

        fileprivate var word: UInt {
            switch self {
            case .literal(let literal): literal.address
            case .bind: 1
            case .other(let text): UInt(bitPattern: text.hashValue)
            }
        }
    }

    /// A literal of the program, which never moves, so its place tells it from all others.
    struct Literal: Hashable, Sendable {
        let text: StaticString
        let address: UInt

        init(_ text: StaticString) {
            self.text = text
            address = UInt(bitPattern: unsafe text.utf8Start)
        }

        static func == (left: Literal, right: Literal) -> Bool {
            left.address == right.address && left.text.utf8CodeUnitCount == right.text.utf8CodeUnitCount
        }

        func hash(into hasher: inout Hasher) { hasher.combine(address) }
    }
}
