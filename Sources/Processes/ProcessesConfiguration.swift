/// How tickets are run on this machine.
public struct ProcessesConfiguration: Sendable {
    /// Whether control groups are made for tickets with memory or process limits.
    public enum ControlGroups: String, Sendable, CaseIterable {
        /// Where the machine allows it.
        case auto
        /// Never; limits are set per process.
        case off
    }

    /// The `PATH` of commands, unless something else is said.
    public static let usualSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The path of `deckhand-runner`.
    public var runnerPath: String
    /// The directory of the sessions' folders; made if missing.
    public var sessionsPath: String
    /// A short text that tells this installation's processes from another one's.
    public var installation: String
    /// The system user that commands run as; nil for the server's own.
    public var runAs: RunAs?
    /// Directories and sockets that commands of the server's own user do not see, if the machine allows it.
    public var hiddenPaths: [String] = []
    /// A directory that no command needs, which is private and in memory for runs that may not write; nil when such
    /// runs are not wanted, and then they run like others.
    public var readOnlyScratch: String?
    /// Where runners send their datagrams: a path, or an abstract name after `@`; nil for a name of its own.
    public var notifySocket: String?
    /// Names that commands get from the server's environment.
    public var environmentNames: [String] = ["TZ"]
    /// The `PATH` of commands.
    public var searchPath = usualSearchPath
    /// Control groups.
    public var controlGroups = ControlGroups.auto
    /// For tests: the named instant at which runners kill themselves.
    public var killPoint: String?

    /// Makes a configuration with the defaults.
    public init(runnerPath: String, sessionsPath: String, installation: String, runAs: RunAs? = nil) {
        self.runnerPath = runnerPath
        self.sessionsPath = sessionsPath
        self.installation = installation
        self.runAs = runAs
    }
}
