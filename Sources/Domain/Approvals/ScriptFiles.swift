/// A file that a command names, as far as it matters to an approval.
public struct ScriptFile: Sendable, Equatable {
    /// The contents; nil when the file is larger than was asked for.
    public let contents: [UInt8]?
    /// Says whether anybody may execute it.
    public let isExecutable: Bool

    /// Makes a value.
    public init(contents: [UInt8]?, isExecutable: Bool) {
        self.contents = contents
        self.isExecutable = isExecutable
    }
}

/// Looks at the script files of commands.
///
/// Its blocking calls happen on threads of its own.
public protocol ScriptFiles: Sendable {
    /// The regular file at an absolute path, symbolic links followed; nil when there is none, or it cannot be read.
    func file(at path: String, upTo maximumBytes: Int) async -> ScriptFile?
}

/// Knows no files, so that no approval covers any.
public struct NoScriptFiles: ScriptFiles {
    /// Makes it.
    public init() {}
    /// Always nil.
    public func file(at path: String, upTo maximumBytes: Int) async -> ScriptFile? { nil }
}
