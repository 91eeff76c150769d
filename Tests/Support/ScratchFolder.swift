internal import CLinux
internal import FoundationEssentials

/// An empty directory (mode 0700), removed with all that is in it when the last reference goes.
public final class ScratchFolder: Sendable {
    /// Its absolute path.
    public let path: String

    /// Makes a directory under the system's directory for temporary files.
    public init() throws {
        var template = Array("/tmp/deckhand-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw ScratchError() }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the directory.
    public func file(_ name: String) -> String { path + "/" + name }
}

/// The directory cannot be made.
public struct ScratchError: Error {}
