import Core

/// The text of a `.env` file: `NAME=value` lines, `export ` before them, quotes and comments.
///
/// Values in single quotes are taken as they are; in double quotes `\n`, `\t`, `\"`, `\\` and `\$` are replaced, and
/// such a value may span lines; a value without quotes ends at ` #` and loses spaces at both sides. Nothing is expanded.
struct EnvironmentFile: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let name: String
        let value: String
        let line: Int
    }

    /// A line that is not understood; its text is not repeated, since it may hold a secret.
    struct BadLine: Error, Equatable {
        let line: Int
        let reason: String
    }

    private(set) var entries: [Entry] = []
    private(set) var badLines: [BadLine] = []

    init(parsing text: String) {
        var rest = Array(text.unicodeScalars)[...]
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        var line = 1
        while !rest.isEmpty {
            let start = line
            let end = rest.firstIndex(of: "\n") ?? rest.endIndex
            let head = String(String.UnicodeScalarView(rest[..<end])).trimmed
            if head.isEmpty || head.hasPrefix("#") {
                rest = rest[end...].dropFirst()
                line += 1
                continue
            }
            do throws(BadLine) {
                entries.append(try Self.entry(&rest, &line, start))
            } catch {
                badLines.append(error)
                let end = rest.firstIndex(of: "\n") ?? rest.endIndex
                rest = rest[end...].dropFirst()
                line += 1
            }
        }
    }

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private static func entry(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        _ line: inout Int,
        _ start: Int
    ) throws(BadLine) -> Entry {
        let end = rest.firstIndex(of: "\n") ?? rest.endIndex
        guard let equals = rest[..<end].firstIndex(of: "=") else {
            throw BadLine(line: start, reason: "there is no “=”")
        }
        var name = String(String.UnicodeScalarView(rest[..<equals])).trimmed
        if name.hasPrefix("export ") || name.hasPrefix("export\t") {
            name = String(name.dropFirst(7)).trimmed
        }
        guard isName(name) else { throw BadLine(line: start, reason: "what stands before “=” is not a name") }
        rest = rest[equals...].dropFirst()
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        let value: String
        if let quote = rest.first, quote == "\"" || quote == "'" {
            rest.removeFirst()
            value = try quoted(&rest, &line, start, quote)
        } else {
            let end = rest.firstIndex(of: "\n") ?? rest.endIndex
            value = unquoted(rest[..<end])
            rest = rest[end...].dropFirst()
            line += 1
        }
        return Entry(name: name, value: value, line: start)
    }

    private static func unquoted(_ text: ArraySlice<Unicode.Scalar>) -> String {
        var value = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        for scalar in text {
            if scalar == "#", previous == " " || previous == "\t" { break }
            value.append(scalar)
            previous = scalar
        }
        return String(value).trimmed
    }

    private static func quoted(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        _ line: inout Int,
        _ start: Int,
        _ quote: Unicode.Scalar
    ) throws(BadLine) -> String {
        var value = String.UnicodeScalarView()
        var lines = 0
        var position = rest.startIndex
        while position < rest.endIndex, rest[position] != quote {
            var scalar = rest[position]
            if scalar == "\n" { lines += 1 }
            if quote == "\"", scalar == "\\", position + 1 < rest.endIndex {
                let escaped: [Unicode.Scalar: Unicode.Scalar] = [
                    "n": "\n", "t": "\t", "\"": "\"", "\\": "\\", "$": "$",
                ]
                if let replacement = escaped[rest[position + 1]] {
                    scalar = replacement
                    position += 1
                }
            }
            value.append(scalar)
            position += 1
        }
        guard position < rest.endIndex else { throw BadLine(line: start, reason: "a quote is not closed") }
        rest = rest[(position + 1)...]
        let end = rest.firstIndex(of: "\n") ?? rest.endIndex
        let tail = String(String.UnicodeScalarView(rest[..<end])).trimmed
        guard tail.isEmpty || tail.hasPrefix("#") else {
            throw BadLine(line: start, reason: "something follows the closing quote")
        }
        rest = rest[end...].dropFirst()
        line += lines + 1
        return String(value)
    }
}
