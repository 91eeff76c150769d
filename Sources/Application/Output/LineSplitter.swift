/// Cuts a stream of bytes into numbered lines, whatever the chunks; lines beyond 64 KiB come in pieces.
struct LineSplitter {
    private static let longest = 64 << 10
    private var rest: [UInt8] = []
    private var number = 1

    /// The lines that are complete now; with `isLast` also what is left.
    mutating func split(_ bytes: [UInt8], isLast: Bool) -> [(number: Int, line: [UInt8])] {
        var lines: [(Int, [UInt8])] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 10) {
            rest += bytes[start..<end]
            takePieces(into: &lines)
            lines.append((number, rest))
            rest = []
            number += 1
            start = end + 1
        }
        rest += bytes[start...]
        takePieces(into: &lines)
        if isLast, !rest.isEmpty {
            lines.append((number, rest))
            rest = []
            number += 1
        }
        return lines
    }

    /// Takes whole pieces off the front of a line that is too long, in the same places whatever the chunks.
    private mutating func takePieces(into lines: inout [(Int, [UInt8])]) {
        while rest.count > Self.longest {
            lines.append((number, Array(rest.prefix(Self.longest))))
            rest.removeFirst(Self.longest)
        }
    }
}

extension [UInt8] {
    /// Says whether the bytes contain these bytes; an empty needle is in everything.
    func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        guard count >= needle.count else { return false }
        var start = startIndex
        while start <= count - needle.count {
            guard let index = self[start...(count - needle.count)].firstIndex(of: first) else { return false }
            if self[index..<index + needle.count].elementsEqual(needle) { return true }
            start = index + 1
        }
        return false
    }
}
