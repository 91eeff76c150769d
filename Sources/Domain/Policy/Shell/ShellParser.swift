/// What became of a command's text.
public enum ShellParse: Sendable, Equatable {
    /// It was understood.
    case tree(ShellTree)
    /// It is no command that bash and the parser understand alike; with the reason.
    case unparsable(String)
    /// It could not be tried, and may be tried again; with the reason.
    case unavailable(String)
}

/// Reads shell commands in the dialect of bash.
public protocol ShellParser: Sendable {
    /// Names the parser and its version; stored trees of another one are not used.
    var version: String { get }
    /// Reads a command's text, which passed ``ShellText/objection(to:)``.
    ///
    /// Bounded in time and output. Throws nothing: see ``ShellParse``. When the caller is cancelled, the parse may
    /// still end on its own.
    func parse(_ command: String) async -> ShellParse
}
