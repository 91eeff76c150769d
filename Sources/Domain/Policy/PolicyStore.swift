/// A command that was submitted once or more, as the rules see it.
public struct RecordedCommand: Sendable, Hashable {
    /// The command, byte for byte.
    public let command: String
    /// The door.
    public let origin: TicketOrigin
    /// Where it was to start, if the ticket says so.
    public let workingDirectory: String?
    /// The variables that the ticket added.
    public let environmentNames: [String]
    /// Makes a value.
    public init(
        command: String,
        origin: TicketOrigin,
        workingDirectory: String? = nil,
        environmentNames: [String] = []
    ) {
        self.command = command
        self.origin = origin
        self.workingDirectory = workingDirectory
        self.environmentNames = environmentNames
    }
}

/// The rules of the database, and what they are tried on.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal. All verbs may be called concurrently.
public protocol PolicyStore: Sendable {
    /// All rules, oldest first.
    func policyRules() async throws -> [StoredPolicyRule]
    /// Stores a rule; `rule_exists` (conflict) when its id is taken.
    func addPolicyRule(_ rule: StoredPolicyRule) async throws
    /// Puts a rule in the place of the one with its id, in one step; false when there is none.
    func replacePolicyRule(_ rule: StoredPolicyRule) async throws -> Bool
    /// Removes a rule; false when there is none.
    func removePolicyRule(_ id: String) async throws -> Bool
    /// A number that grows with every change of the rules.
    func policyChange() async throws -> Int64
    /// Asks the running server to read the rules of its configuration file again.
    func requestPolicyReload(_ id: String) async throws
    /// The latest such request; nil when there was none.
    func policyReloadRequest() async throws -> String?
    /// Stores what became of a request.
    func answerPolicyReload(_ answer: PolicyReloadAnswer) async throws
    /// What became of the latest request that was answered.
    func policyReloadAnswer() async throws -> PolicyReloadAnswer?
    /// Hands every distinct command that was submitted to a closure, some at a time.
    func forEachRecordedCommand(_ body: @Sendable ([RecordedCommand]) async throws -> Void) async throws
}

/// Parsed commands, kept from one start of the server to the next.
///
/// A store that fails costs time and nothing else, so callers go on without it.
public protocol ShellTreeStore: Sendable {
    /// What is stored under these digests of parser and command; never `.unavailable`.
    func parses(_ digests: [[UInt8]]) async throws -> [[UInt8]: ShellParse]
    /// Stores parses; old ones are forgotten where there are too many.
    func store(_ parses: [(digest: [UInt8], parse: ShellParse)]) async throws
}
