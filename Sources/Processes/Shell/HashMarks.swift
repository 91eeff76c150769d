/// Keeps `#` from being read as the beginning of a comment where bash reads it as a letter.
///
/// To bash it begins a comment only at the beginning of a word (bash(1), Comments). shfmt 3.6 takes one for it right
/// behind a quoted part, a parameter or a substitution as well: of `ls 'a'# ; rm b` it sees nothing but `ls 'a'`. A
/// backslash before it means the same to bash and is read rightly.
enum HashMarks {
    private static let hash = UInt8(ascii: "#")
    private static let backslash = UInt8(ascii: "\\")
    private static let newline = UInt8(ascii: "\n")
    /// With one of these in the text, where quotes begin and end is not told by looking at its letters in order.
    private static let openers = ["`", "$(", "${", "$'", "$\"", "$[", "<(", ">(", "<<"].map { Array($0.utf8) }

    /// The text with such marks escaped; nil when it cannot be told whether they begin a comment.
    static func settled(_ source: [UInt8]) -> [UInt8]? {
        guard source.contains(hash) else { return source }
        for opener in openers where contains(source, opener) {
            return source.indices.contains { isDoubtful(source, $0) } ? nil : source
        }
        return escaped(source)
    }

    private static func escaped(_ source: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(source.count + 8)
        var quote: UInt8?
        var place = 0
        while place < source.count {
            let byte = source[place]
            if byte == backslash, quote != UInt8(ascii: "'") {
                result += source[place..<min(place + 2, source.count)]
                place += 2
                // What joins two lines hides whether a word begins.
                if place < source.count, source[place] == hash, source[place - 1] == newline { return nil }
                continue
            }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == hash {
                if beginsWord(source, place) {
                    let end = source[place...].firstIndex(of: newline) ?? source.count
                    result += source[place..<end]
                    place = end
                    continue
                }
                // A comment behind `)` of a group, and a letter behind that of a pattern.
                if source[place - 1] == UInt8(ascii: ")") { return nil }
                if isDoubtful(source, place) { result.append(backslash) }
            }
            result.append(byte)
            place += 1
        }
        return result
    }

    private static func beginsWord(_ source: [UInt8], _ place: Int) -> Bool {
        place == 0 || " \t\n;&|(<>".utf8.contains(source[place - 1])
    }

    /// A mark behind what shfmt takes for the end of a word.
    private static func isDoubtful(_ source: [UInt8], _ place: Int) -> Bool {
        guard source[place] == hash, place > 0 else { return false }
        if "'\"`)}]".utf8.contains(source[place - 1]) { return true }
        var start = place
        while start > 0, isName(source[start - 1]) { start -= 1 }
        if start > 0, start < place, source[start - 1] == UInt8(ascii: "$") { return true }
        // `$?`, `$#` and the like.
        return place > 1 && source[place - 2] == UInt8(ascii: "$")
            && "?!*@$#-".utf8.contains(source[place - 1])
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func contains(_ source: [UInt8], _ part: [UInt8]) -> Bool {
        guard source.count >= part.count else { return false }
        return (0...(source.count - part.count)).contains { source[$0...].starts(with: part) }
    }
}
