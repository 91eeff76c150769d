/// A program that is talked with in lines: what is started, and how much it may use.
public struct PipedProgram: Sendable {
    /// The program's file, absolute.
    public var path: String
    /// What it is given, its own name left out.
    public var arguments: [String]
    /// Its whole environment, as `NAME=value`.
    public var environment: [String]
    /// Its working directory, absolute.
    public var directory: String
    /// Files that it may have open at a time.
    public var openFiles: UInt64 = 1_024
    /// Bytes of the largest file it may write.
    public var largestFile: UInt64 = 1 << 30
    /// Bytes of the longest line it may print; a longer one ends it.
    public var longestLine = 32 << 20
    /// Bytes that may wait to be taken in by it.
    public var waitingInput = 64 << 20
    /// Bytes of its errors that are kept, the last ones.
    public var keptErrors = 8 << 10
    /// How long it is waited for at each step of ending it: input closed, TERM, KILL.
    public var patience = Duration.seconds(2)

    /// Makes a program with the default limits.
    public init(path: String, arguments: [String], environment: [String], directory: String) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}
