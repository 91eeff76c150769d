public import Core

/// The identity of a ticket: its session and its number there.
public struct TicketID: Hashable, Sendable {
    /// The session.
    public let session: SessionID
    /// The number in the session, from 1.
    public let number: Int

    /// Makes an identity.
    public init(session: SessionID, number: Int) {
        self.session = session
        self.number = number
    }
}

/// Through which door a ticket came; the command policy judges by it.
public enum TicketOrigin: String, Sendable, CaseIterable {
    /// The GET face.
    case get
    /// The JSON face with a token or the hash.
    case api
    /// The local socket: a person at the command line.
    case cli
    /// A tool call of the assistant's model.
    case assistant
    /// The command bridge of the first seed, which carries a model's commands.
    case bridge
    /// A server-side tool behind the OpenAI-compatible door.
    case tool
    /// A person who is signed in.
    case console
}

/// What a command reads.
public enum StandardInput: Sendable, Equatable {
    /// `/dev/null`.
    case none
    /// These bytes, then the end of file.
    case bytes([UInt8])
    /// What is written while it runs, until it is closed on purpose.
    case open
}

/// The size of a pseudo-terminal.
public struct TerminalSize: Sendable, Equatable {
    /// Characters per line.
    public var columns: Int
    /// Lines.
    public var rows: Int
    /// What either may be.
    public static let range = 1...1_000

    /// Makes a size.
    public init(columns: Int = 120, rows: Int = 40) {
        self.columns = columns
        self.rows = rows
    }
}

/// A short text chosen by the caller that makes a repeated submission the same ticket: 1 to 128 visible ASCII characters.
public struct IdempotencyKey: Hashable, Sendable {
    /// The text.
    public let rawValue: String

    /// Checks a key; throws `Failure` with code `invalid_key`.
    public init(_ text: String) throws(Failure) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(
                .unprocessable,
                code: "invalid_key",
                message: "This key is not allowed.",
                hint: "Use 1 to 128 visible ASCII characters without spaces."
            )
        }
        rawValue = text
    }
}

/// One command of a session, as it was asked for, with what is known of its run.
public struct Ticket: Sendable, Equatable {
    /// The identity.
    public let id: TicketID
    /// The session's name.
    public let sessionName: SessionName
    /// The command for `bash -c`.
    public let command: String
    /// The door.
    public let origin: TicketOrigin
    /// Who asked.
    public let submittedBy: PrincipalID
    /// The caller's key.
    public let key: IdempotencyKey?
    /// How it is to be run; the terminal has the size that it was given last.
    public var options: TicketOptions
    /// When it was stored.
    public let created: Timestamp
    /// Where it stands.
    public var state: TicketState
    /// What the run left; nil until the state is terminal, and for tickets that never started.
    public var run: RunFacts?
    /// The whole output when it is small enough to be kept with the row.
    public var inlineOutput: InlineOutput?
    /// What tells its files from those of another ticket that had the same session and number.
    ///
    /// A restored database counts again. Nil for tickets of versions that had none.
    public var nonce: Int64?
    /// When the command of a running ticket started, as far as this server saw it; not stored.
    public var runningSince: Timestamp?

    /// When the command started.
    public var started: Timestamp? { run?.started ?? runningSince }

    /// Makes a ticket value.
    public init(
        id: TicketID,
        sessionName: SessionName,
        command: String,
        origin: TicketOrigin,
        submittedBy: PrincipalID,
        key: IdempotencyKey?,
        options: TicketOptions,
        created: Timestamp,
        state: TicketState,
        run: RunFacts?,
        inlineOutput: InlineOutput?
    ) {
        self.id = id
        self.sessionName = sessionName
        self.command = command
        self.origin = origin
        self.submittedBy = submittedBy
        self.key = key
        self.options = options
        self.created = created
        self.state = state
        self.run = run
        self.inlineOutput = inlineOutput
    }
}

/// How a ticket is to be run, as the caller asked.
public struct TicketOptions: Sendable, Equatable {
    /// Where the command starts; nil for the session's directory.
    public var workingDirectory: String?
    /// Variables added to the environment.
    public var environment: [String: String] = [:]
    /// What it reads.
    public var input: StandardInput = .none
    /// A pseudo-terminal of this size instead of pipes.
    public var terminal: TerminalSize?
    /// Limits that differ from the session's.
    public var limits = LimitOverrides()
    /// Secrets that it finds in its environment; names only.
    public var secrets: [SecretName] = []
    /// The system user of whoever submitted it; nil for the configured one.
    ///
    /// Set by the use case, never by a caller.
    public var runAs: String?

    /// The defaults.
    public init() {}

    /// The variables that are added, with a remark in place of the value of each secret.
    public var shownEnvironment: [String: String] {
        var shown = environment
        for name in secrets { shown[name.rawValue] = "(the registered secret \(name))" }
        return shown
    }
}

/// What is asked for when a ticket is submitted.
public struct TicketDraft: Sendable {
    /// The command.
    public var command: String
    /// The door.
    public var origin: TicketOrigin
    /// Who asks.
    public var submittedBy: PrincipalID
    /// The caller's key.
    public var key: IdempotencyKey?
    /// Repeating the session's latest command within this window returns that ticket (the GET face).
    public var repeatWindow: Duration?
    /// How it is to be run.
    public var options: TicketOptions
    /// The state to store: `queued`, `denied` or `awaitingApproval`.
    public var state: TicketState
    /// A place held for it: if its session has room too, a queued ticket is stored as `starting` at once.
    public var place: OfferedPlace?
    /// The question to a person, stored together with a ticket that awaits approval.
    public var approval: ApprovalDraft?
    /// Its verdict holds for a session without mode, directory or variables of its own; see ``TicketStore/append(_:to:maximumQueued:at:)``.
    public var needsPlainSession = false

    /// Makes a draft that is queued.
    public init(
        command: String,
        origin: TicketOrigin,
        submittedBy: PrincipalID,
        key: IdempotencyKey? = nil,
        repeatWindow: Duration? = nil,
        options: TicketOptions = TicketOptions(),
        state: TicketState = .queued
    ) {
        self.command = command
        self.origin = origin
        self.submittedBy = submittedBy
        self.key = key
        self.repeatWindow = repeatWindow
        self.options = options
        self.state = state
    }
}

/// A free place that is held for a ticket while it is being stored.
public struct OfferedPlace: Sendable, Equatable {
    /// The machine's boot id.
    public let bootID: String
    /// How many tickets of a parallel session may be unfinished for one more to start.
    public let perSession: Int
    /// Makes a value.
    public init(bootID: String, perSession: Int) {
        self.bootID = bootID
        self.perSession = perSession
    }
}
