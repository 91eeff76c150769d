/// What a program's name stands for on this machine.
public enum ProgramResolution: Sendable, Equatable {
    /// A file that only root can change, along the whole way to it, with the name of the file itself.
    case trusted(name: String)
    /// None on the search path.
    case missing
    /// One that somebody else can change; with the reason.
    case untrusted(String)
}

/// The machine, as far as a judgement depends on it.
///
/// All verbs block for as long as the file system takes; they are called on a thread that may block.
public protocol PolicyWorld: Sendable {
    /// What a name, or an absolute path, would start with the fixed search path of commands.
    func program(_ name: String) -> ProgramResolution
    /// An absolute path with every link resolved, as far as it exists; nil when that cannot be told.
    func realPath(_ path: String) -> String?
    /// The names that a pattern with an absolute path stands for now; nil when they are too many to be looked at.
    func matches(_ pattern: String) -> [String]?
}
