import Core
import FoundationEssentials
import Testing

/// Texts that must not change by accident, in Tests/Fixtures/golden.
enum Golden {
    /// The root of the package.
    static let root = #filePath.split(separator: "/").dropLast(3).map(String.init).joined(separator: "/")

    /// Reads a file of the package.
    static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "/\(root)/\(path)")), as: UTF8.self)
    }

    /// Compares a text with its file, or rewrites the file when `DECKHAND_UPDATE_GOLDEN` is 1.
    static func check(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let path = "Tests/Fixtures/golden/\(name)"
        if ProcessInfo.processInfo.environment["DECKHAND_UPDATE_GOLDEN"] == "1" {
            let folder = URL(filePath: "/\(root)/Tests/Fixtures/golden")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: "/\(root)/\(path)"))
            return
        }
        let expected = try read(path)
        #expect(
            text == expected,
            "\(path) differs; DECKHAND_UPDATE_GOLDEN=1 rewrites it",
            sourceLocation: sourceLocation
        )
    }
}
