public import Core

/// Which variables of a stateful session a run is given; what it is not given, it cannot change for the next either.
public enum CarriedVariables: Sendable, Equatable {
    /// Every exported one.
    case all
    /// All but ``KnownVariables/steering``, which have the values of a fresh shell.
    case ordinary
    /// Only ``KnownVariables/harmless``; all others are those of a fresh shell.
    case harmless
}

/// Everything a runner needs to know about one run; complete, so that it never asks the server again.
public struct RunRequest: Sendable {
    /// The ticket.
    public var ticket: TicketID
    /// The ticket's; see ``Ticket/nonce``.
    public var nonce: Int64?
    /// The folder in the sessions directory.
    public var folder: SessionName
    /// For `bash -c`.
    public var command: String
    /// Where it starts: an absolute path, or nil for the user's home.
    public var workingDirectory: String?
    /// Variables that the session and the ticket add to the runner's own allow-list.
    public var environment: [String: String]
    /// What it reads.
    public var input: StandardInput
    /// A pseudo-terminal instead of pipes.
    public var terminal: TerminalSize?
    /// Its limits.
    public var limits: RunLimits
    /// Directory and environment carry over within the session.
    public var isStateful: Bool
    /// Which variables carry over to it, and from it.
    public var carrying = CarriedVariables.all
    /// It may not write any file, where the machine can see to that.
    public var isReadOnly = false
    /// Values of secrets for the command's environment; they reach no file.
    public var secrets: [SecretName: Secret<[UInt8]>] = [:]
    /// What is replaced in the output before it is written; nil for nothing.
    public var mask: MaskList?
    /// The system user that it runs as; nil for the configured one.
    ///
    /// One that is gone makes the start fail.
    public var runAs: String?

    /// Makes a request.
    public init(
        ticket: TicketID,
        nonce: Int64? = nil,
        folder: SessionName,
        command: String,
        workingDirectory: String? = nil,
        environment: [String: String] = [:],
        input: StandardInput = .none,
        terminal: TerminalSize? = nil,
        limits: RunLimits = RunLimits(),
        isStateful: Bool = false
    ) {
        self.ticket = ticket
        self.nonce = nonce
        self.folder = folder
        self.command = command
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.input = input
        self.terminal = terminal
        self.limits = limits
        self.isStateful = isStateful
    }
}

/// How a run ended.
public struct RunOutcome: Sendable, Equatable {
    /// A terminal state.
    public var state: TicketState
    /// What is known of the run.
    public var facts: RunFacts
    /// The whole output when it is small (at most 4 KiB).
    public var inlineOutput: InlineOutput?
    /// Makes an outcome.
    public init(state: TicketState, facts: RunFacts, inlineOutput: InlineOutput?) {
        self.state = state
        self.facts = facts
        self.inlineOutput = inlineOutput
    }
}

/// What the files of a ticket say about its run.
public enum RecoveredRun: Sendable, Equatable {
    /// No runner ever claimed it: it can be started without running it twice.
    case unclaimed
    /// A runner is at it; from now on its end arrives as an event.
    case running(started: Timestamp?)
    /// It is over.
    case finished(RunOutcome)
}

/// What happens to runs, as it happens.
public enum RunEvent: Sendable {
    /// The command was started.
    case started(TicketID, at: Timestamp)
    /// The run is over, and its journal has the end.
    case finished(TicketID, RunOutcome)
}

/// Starts and watches runners.
///
/// A run outlives the server: nothing here ends it except ``end(_:)``.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal. All verbs may be called concurrently.
public protocol CommandRunner: Sendable {
    /// Hands a run to a runner; returns when a runner process exists for it.
    ///
    /// Files of another ticket that had this number before, which another nonce tells, are moved aside.
    /// A run that was claimed before is not run again: its state arrives as events then. What goes wrong while
    /// starting the command arrives as a `finished` event with the state `failed`; an error means that no runner could
    /// be started at all.
    func start(_ request: RunRequest) async throws
    /// Looks at the files of a ticket and watches it if it still runs.
    ///
    /// `startedUnder` is the boot id under which it was started: after another boot it cannot run any more. Files with
    /// another nonce are not its own.
    func recover(_ ticket: TicketID, nonce: Int64?, folder: SessionName, startedUnder: String?) async throws
        -> RecoveredRun
    /// Ends the whole tree gracefully, then by force: nothing of it is left after 3 s, however long the run's grace is, and
    /// also while it is being ended for another reason. Returns at once; the end arrives as an event.
    func end(_ ticket: TicketID) async throws
    /// Says that the end of a run, as an event told it, is stored: until then the runner keeps it safe itself.
    func settled(_ ticket: TicketID)
    /// Writes to the input of an interactive ticket; `input_closed` (conflict), `input_full` (rateLimited).
    func write(_ bytes: [UInt8], to ticket: TicketID) async throws
    /// Closes the input of an interactive ticket; closing twice is no error.
    func closeInput(of ticket: TicketID) async throws
    /// Changes the size of a running ticket's terminal, and thereby sends SIGWINCH to what runs on it;
    /// `ticket_not_running` (conflict), `input_full` (rateLimited).
    func resizeTerminal(of ticket: TicketID, to size: TerminalSize) async throws
    /// The machine's boot id.
    var bootID: String { get }
    /// Events of all runs, for one consumer; bounded by the number of runs.
    var events: AsyncStream<RunEvent> { get }
}

extension CommandRunner {
    /// Nothing, for those who keep no end of their own.
    public func settled(_ ticket: TicketID) {}
}
