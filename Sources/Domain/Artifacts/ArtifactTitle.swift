internal import Core

/// What people call an artifact: one line.
public struct ArtifactTitle: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes.
    public static let maximumBytes = 200

    /// The text.
    public let rawValue: String

    /// Takes a text of 1 to 200 bytes on one line; `invalid_title` (unprocessable).
    public init(_ text: String) throws(Failure) {
        let text = text.trimmed
        guard (1...Self.maximumBytes).contains(text.utf8.count),
            !text.unicodeScalars.contains(where: Self.isInvisible)
        else {
            throw Failure(
                .unprocessable,
                code: "invalid_title",
                message: "The title is empty, longer than \(Self.maximumBytes) bytes, or more than one line.",
                hint: "Give a few words on one line."
            )
        }
        rawValue = text
    }

    /// Takes a text as it was stored.
    public init(stored text: String) { rawValue = text }

    /// The text.
    public var description: String { rawValue }

    /// A name for the file: what file systems or headers could misunderstand is a dash, and the ending is the format's.
    public func fileName(_ format: ArtifactFormat) -> String {
        let ending = "." + format.fileEnding
        var name = ""
        for character in rawValue {
            let isSafe = character.unicodeScalars.allSatisfy { !"/\\:*?\"<>|%".unicodeScalars.contains($0) }
            name.append(isSafe ? character : "-")
        }
        if name.lowercased().hasSuffix(ending) { name = String(name.dropLast(ending.count)) }
        while name.utf8.count > 120 { name.removeLast() }
        let isBlank: (Character) -> Bool = { $0 == "." || $0 == " " }
        name = String(name.drop(while: isBlank))
        while let last = name.last, isBlank(last) { name.removeLast() }
        return (name.isEmpty ? "file" : name) + ending
    }

    /// Control characters and what turns the order of others around (Unicode categories Cc, Cf, Zl, Zp).
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
