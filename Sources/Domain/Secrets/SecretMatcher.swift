/// Finds values within text: one pass, whatever their number, and nothing at all to do without values.
public struct SecretMatcher: Sendable {
    /// Bytes by which a value is recognised before it is compared.
    private static let window = NamedSecret.shortest

    private let all: [[UInt8]]
    /// Which values begin with these bytes.
    private let values: [UInt64: [Int]]
    /// One bit for each first pair of bytes that occurs.
    private let pairs: [UInt64]

    /// Makes a matcher; values shorter than ``NamedSecret/shortest`` are left out.
    public init(_ values: [[UInt8]]) {
        var table: [UInt64: [Int]] = [:]
        var pairs = [UInt64](repeating: 0, count: 1_024)
        for (index, value) in values.enumerated() where value.count >= Self.window {
            table[value.prefix(Self.window).reduce(0) { $0 << 8 | UInt64($1) }, default: []].append(index)
            let pair = Int(value[0]) << 8 | Int(value[1])
            pairs[pair >> 6] |= 1 << UInt64(pair & 63)
        }
        all = values
        self.values = table
        self.pairs = pairs
    }

    /// Which of the values occurs first in a text; nil when none does.
    public func firstMatch(in text: some Sequence<UInt8>) -> Int? {
        if values.isEmpty { return nil }
        return text.withContiguousStorageIfAvailable { bytes in unsafe search(bytes) }
            ?? firstMatch(in: Array(text))
    }

    private func search(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard bytes.count >= Self.window else { return nil }
        for start in 0...(bytes.count - Self.window) {
            let pair = unsafe Int(bytes[start]) << 8 | Int(bytes[start + 1])
            guard pairs[pair >> 6] & (1 << UInt64(pair & 63)) != 0 else { continue }
            var key: UInt64 = 0
            for offset in 0..<Self.window { key = unsafe key << 8 | UInt64(bytes[start + offset]) }
            for index in values[key] ?? [] where all[index].count <= bytes.count - start {
                let value = all[index]
                if unsafe value.elementsEqual(bytes[start..<(start + value.count)]) { return index }
            }
        }
        return nil
    }
}
