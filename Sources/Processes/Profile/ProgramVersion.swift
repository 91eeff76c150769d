/// Finds versions in what programs say about themselves; pure.
enum ProgramVersion {
    /// The first version after a mark, such as `1.22.1` in `nginx version: nginx/1.22.1`; nil when there is none.
    ///
    /// A version begins with a digit, and goes on with digits, letters, dots, and `-`, `+`, `~`, `_` between them.
    static func after(_ mark: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        let mark = Array(mark.utf8)
        guard let start = place(of: mark, in: bytes) else { return nil }
        // The digits are near their mark, as in “Version: DirectAdmin v.1.62”.
        var index = start
        while index < bytes.count, index < start + 16, !isDigit(bytes[index]), bytes[index] != 10 {
            index += 1
        }
        guard index < bytes.count, isDigit(bytes[index]) else { return nil }
        var end = index
        while end < bytes.count, end < index + 40, belongs(bytes[end]) { end += 1 }
        while end > index, !isDigit(bytes[end - 1]), !isLetter(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[index..<end], as: UTF8.self)
    }

    private static func place(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard !mark.isEmpty else { return 0 }
        guard bytes.count >= mark.count else { return nil }
        for start in 0...(bytes.count - mark.count)
        where bytes[start..<(start + mark.count)].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "~") || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
