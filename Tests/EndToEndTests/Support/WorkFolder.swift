import CLinux
import FoundationEssentials

/// A private directory of one test, removed with it.
final class WorkFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/deckhand-e2e-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw TestTrouble("no temporary directory can be made")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Lets other users reach what they may see in it.
    func allowPassage() throws {
        guard unsafe chmod(path, 0o755) == 0 else { throw TestTrouble("chmod: \(dh_errno())") }
    }

    func file(_ name: String) -> String { path + "/" + name }

    func makeDirectory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
    }
}

/// Small looks at the file system.
enum Files {
    /// The bytes of a file; nil when there is none.
    static func bytes(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }

    /// The text of a file; empty when there is none.
    static func text(_ path: String) -> String { String(decoding: bytes(path) ?? [], as: UTF8.self) }

    static func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    /// Puts a file in the place of another one.
    static func rename(_ path: String, to other: String) throws {
        guard unsafe CLinux.rename(path, other) == 0 else { throw TestTrouble("rename: \(dh_errno())") }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// Files like those of /proc, whose size is not known before.
    static func special(_ path: String) -> [UInt8] {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return [] }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count > 0 else { return bytes }
            bytes += piece.prefix(count)
        }
    }

    /// Lines of a witness file.
    static func lines(_ path: String) -> [String] {
        text(path).split(separator: "\n").map(String.init)
    }
}
