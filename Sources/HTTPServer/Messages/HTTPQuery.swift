/// The pairs of a query string in their order, decoded exactly once.
///
/// `+` is a space and `%XX` a byte, as HTML forms write them
/// (WHATWG URL, "application/x-www-form-urlencoded parsing"). A name without `=` has an empty value.
public struct HTTPQuery: Sendable, Equatable, Sequence {
    /// One pair.
    public struct Item: Sendable, Equatable {
        /// The decoded name.
        public let name: String
        /// The decoded value.
        public let value: String

        /// Makes a pair.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    private let items: [Item]

    /// Makes a query of decoded pairs.
    public init(_ items: [Item] = []) { self.items = items }

    /// Reads a query, or the body of a form; nil for a broken escape, NUL, control characters or bytes that are not
    /// UTF-8.
    public init?(encoded raw: ArraySlice<UInt8>) {
        var items: [Item] = []
        for pair in raw.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            guard let name = PercentDecoding.decode(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true),
                let value = PercentDecoding.decode(
                    pair[(equals.map { $0 + 1 } ?? pair.endIndex)...],
                    plusIsSpace: true
                )
            else { return nil }
            items.append(Item(name: name, value: value))
        }
        self.init(items)
    }

    /// The first value of a name; names are case-sensitive.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of a name, in their order.
    public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Says whether a name is given more than once.
    public func isRepeated(_ name: String) -> Bool { items.count { $0.name == name } > 1 }

    /// The first name that is given more than once, if any.
    public var firstRepeatedName: String? {
        var seen: Set<String> = []
        return items.first { !seen.insert($0.name).inserted }?.name
    }

    /// Says whether there is no pair.
    public var isEmpty: Bool { items.isEmpty }

    /// Walks the pairs in order.
    public func makeIterator() -> IndexingIterator<[Item]> { items.makeIterator() }
}
