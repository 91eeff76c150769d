/// What is told outside about an approval: a pointer, and no secret.
public struct ApprovalNotice: Sendable, Equatable {
    /// What happened: `approval.created` or `approval.settled`.
    public let event: String
    /// The approval.
    public let id: ApprovalID
    /// Where it stands.
    public let state: String
    /// Why it is asked.
    public let reason: String
    /// Where a person decides, after signing in.
    public let link: String
    /// The number of the change; a receiver drops what it has seen.
    public let change: Int64
    /// Command, directory and user; only where the operator of the server wants that.
    public let detail: Detail?

    /// What may say more than the world should know.
    public struct Detail: Sendable, Equatable {
        /// The command.
        public let command: String
        /// Where it starts.
        public let workingDirectory: String?
        /// The user it runs as.
        public let user: String
        /// Makes a value.
        public init(command: String, workingDirectory: String?, user: String) {
            self.command = command
            self.workingDirectory = workingDirectory
            self.user = user
        }
    }

    /// Makes a notice.
    public init(
        event: String,
        id: ApprovalID,
        state: String,
        reason: String,
        link: String,
        change: Int64,
        detail: Detail?
    ) {
        self.event = event
        self.id = id
        self.state = state
        self.reason = reason
        self.link = link
        self.change = change
        self.detail = detail
    }
}

/// What became of an attempt to tell somebody.
public enum NoticeOutcome: Sendable, Equatable {
    /// The receiver has it.
    case delivered
    /// It may work later.
    case failed(String)
    /// It will not work, however often it is tried.
    case refused(String)
}

/// Tells somebody outside, once; whoever calls it decides about further attempts.
public protocol Notifier: Sendable {
    /// Sends a notice.
    func send(_ notice: ApprovalNotice) async -> NoticeOutcome
}
