public import Core

/// What is told outside about an approval: a pointer, and no secret.
public struct ApprovalNotice: Sendable, Equatable {
    /// What happened: `approval.created` or `approval.settled`.
    public let event: String
    /// The approval.
    public let id: ApprovalID
    /// What it is about: `run` or `input`, as ``ApprovalSubject/word`` has it.
    public let kind: String
    /// Where it stands.
    public let state: String
    /// Why it is asked.
    public let reason: String
    /// Where a person decides, after signing in.
    public let link: String
    /// When it was asked.
    public let created: Timestamp
    /// When nobody can say yes any more.
    public let expires: Timestamp
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
        kind: String,
        state: String,
        reason: String,
        link: String,
        created: Timestamp,
        expires: Timestamp,
        change: Int64,
        detail: Detail?
    ) {
        self.event = event
        self.id = id
        self.kind = kind
        self.state = state
        self.reason = reason
        self.link = link
        self.created = created
        self.expires = expires
        self.change = change
        self.detail = detail
    }

    /// One sentence for a person, without anything of the command.
    public var summary: String {
        let subject = kind == ApprovalSubject.inputWord ? "Input for a running command" : "A command"
        return state == ApprovalState.awaiting.word
            ? "\(subject) waits for approval \(id): \(reason)" : "\(subject) (approval \(id)): \(state)."
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
