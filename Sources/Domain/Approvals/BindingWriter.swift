/// Writes values one after the other so that different sequences never give the same bytes: each is tagged, and
/// has its length before it.
struct BindingWriter {
    private(set) var result = Array("deckhand approval v1".utf8)

    mutating func bytes(_ bytes: some Collection<UInt8>) {
        append(tag: 1, UInt64(bytes.count))
        result += bytes
    }

    mutating func text(_ text: String?) {
        guard let text else { return append(tag: 2, 0) }
        bytes(text.utf8)
    }

    mutating func number(_ number: Int64) { append(tag: 3, UInt64(bitPattern: number)) }

    mutating func flag(_ flag: Bool) { append(tag: 4, flag ? 1 : 0) }

    private mutating func append(tag: UInt8, _ value: UInt64) {
        result.append(tag)
        for shift in (0..<8).reversed() {
            result.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8)))
        }
    }
}
