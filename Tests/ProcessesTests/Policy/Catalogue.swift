import FoundationEssentials

/// A list of commands in `Tests/Fixtures/policy`; the format is told at the top of each file.
struct Catalogue {
    /// A command with the line it stands in.
    struct Entry {
        let line: Int
        let command: String
    }

    let name: String
    let entries: [Entry]

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/policy")
        let text = String(
            decoding: try Data(contentsOf: folder.appending(path: name)),
            as: UTF8.self
        )
        self.name = name
        var entries: [Entry] = []
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty && !line.hasPrefix("#") {
            entries.append(Entry(line: place + 1, command: try Self.unescaped(line)))
        }
        self.entries = entries
    }

    private struct Malformed: Error {
        let line: String
    }

    /// `\n`, `\r`, `\t`, `\\`, `\xHH` for a byte, `\u{H…}` for a character; a space at an end is written `\x20`.
    private static func unescaped(_ line: Substring) throws -> String {
        var bytes: [UInt8] = []
        var rest = line[...]
        while let character = rest.popFirst() {
            guard character == "\\" else {
                bytes.append(contentsOf: String(character).utf8)
                continue
            }
            switch rest.popFirst() {
            case "n": bytes.append(0x0A)
            case "r": bytes.append(0x0D)
            case "t": bytes.append(0x09)
            case "\\": bytes.append(0x5C)
            case "x":
                guard let byte = UInt8(rest.prefix(2), radix: 16) else { throw Malformed(line: String(line)) }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            case "u":
                guard rest.hasPrefix("{"), let end = rest.firstIndex(of: "}"),
                    let scalar = UInt32(rest[..<end].dropFirst(), radix: 16).flatMap(Unicode.Scalar.init)
                else { throw Malformed(line: String(line)) }
                bytes.append(contentsOf: String(Character(scalar)).utf8)
                rest = rest[rest.index(after: end)...]
            default: throw Malformed(line: String(line))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
