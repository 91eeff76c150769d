public import Core
public import Domain
internal import Synchronization

/// A runner that starts nothing: the test says what happens to each run.
public final class FakeCommandRunner: CommandRunner {
    private struct State {
        var started: [RunRequest] = []
        var ended: [TicketID] = []
        var written: [TicketID: [UInt8]] = [:]
        var closed: Set<TicketID> = []
        var sizes: [TicketID: TerminalSize] = [:]
        var recoverable: [TicketID: RecoveredRun] = [:]
        var recoveries: [(ticket: TicketID, bootID: String?)] = []
        var startFailures: [Failure] = []
        var holdsStarts = false
        var heldStarts: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let continuation: AsyncStream<RunEvent>.Continuation
    private let answer: @Sendable (RunRequest) -> RunOutcome?

    /// The machine's boot id.
    public let bootID: String
    /// Events of all runs.
    public let events: AsyncStream<RunEvent>

    /// Makes a runner.
    ///
    /// `answer` says how a run ends as soon as it is started; nil when the test ends it.
    public init(
        bootID: String = "boot-1",
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in nil }
    ) {
        self.bootID = bootID
        self.answer = answer
        (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
    }

    // MARK: The port

    /// As the port says.
    public func start(_ request: RunRequest) async throws {
        await withCheckedContinuation { waiter in
            let isHeld = state.withLock { state in
                if state.holdsStarts { state.heldStarts.append(waiter) }
                return state.holdsStarts
            }
            if !isHeld { waiter.resume() }
        }
        let failure = state.withLock { state -> Failure? in
            if !state.startFailures.isEmpty { return state.startFailures.removeFirst() }
            state.started.append(request)
            return nil
        }
        if let failure { throw failure }
        if let outcome = answer(request) { finish(request.ticket, outcome) }
    }

    /// As the port says.
    public func recover(_ ticket: TicketID, nonce: Int64?, folder: SessionName, startedUnder: String?)
        async throws -> RecoveredRun
    {
        state.withLock { state in
            state.recoveries.append((ticket, startedUnder))
            return state.recoverable[ticket] ?? .unclaimed
        }
    }

    /// As the port says.
    public func end(_ ticket: TicketID) async throws { state.withLock { $0.ended.append(ticket) } }

    /// As the port says.
    public func write(_ bytes: [UInt8], to ticket: TicketID) async throws {
        try state.withLock { state in
            guard !state.closed.contains(ticket) else {
                throw Failure(.conflict, code: "input_closed", message: "The input of this ticket is closed.")
            }
            state.written[ticket, default: []] += bytes
        }
    }

    /// As the port says.
    public func closeInput(of ticket: TicketID) async throws {
        state.withLock { _ = $0.closed.insert(ticket) }
    }

    /// As the port says.
    public func resizeTerminal(of ticket: TicketID, to size: TerminalSize) async throws {
        state.withLock { $0.sizes[ticket] = size }
    }

    // MARK: For the test

    /// Makes the next starts fail with these failures, in order.
    public func failStarts(with failures: [Failure]) { state.withLock { $0.startFailures = failures } }

    /// Keeps starts from returning until ``releaseStarts()``.
    public func holdStarts() { state.withLock { $0.holdsStarts = true } }

    /// Lets held starts return.
    public func releaseStarts() {
        let held = state.withLock { state in
            defer { state.heldStarts = [] }
            state.holdsStarts = false
            return state.heldStarts
        }
        for waiter in held { waiter.resume() }
    }

    /// How many starts are held.
    public var heldCount: Int { state.withLock { $0.heldStarts.count } }

    /// Says what the files of a ticket say.
    public func setRecovery(_ run: RecoveredRun, of ticket: TicketID) {
        state.withLock { $0.recoverable[ticket] = run }
    }

    /// Reports that a command started.
    public func report(started ticket: TicketID, at time: Timestamp) {
        continuation.yield(.started(ticket, at: time))
    }

    /// Reports the end of a run.
    public func finish(_ ticket: TicketID, _ outcome: RunOutcome) {
        continuation.yield(.finished(ticket, outcome))
    }

    /// All runs that were started, in order.
    public var started: [RunRequest] { state.withLock { $0.started } }
    /// All runs that were to be ended.
    public var ended: [TicketID] { state.withLock { $0.ended } }
    /// The tickets that were looked at, with the boot they were started under.
    public var recoveries: [(ticket: TicketID, bootID: String?)] { state.withLock { $0.recoveries } }
    /// What was written to a ticket.
    public func written(to ticket: TicketID) -> [UInt8] { state.withLock { $0.written[ticket] ?? [] } }
    /// The latest size of a ticket's terminal.
    public func size(of ticket: TicketID) -> TerminalSize? { state.withLock { $0.sizes[ticket] } }
    /// Whether the input of a ticket was closed.
    public func isClosed(_ ticket: TicketID) -> Bool { state.withLock { $0.closed.contains(ticket) } }
}

extension RunOutcome {
    /// The outcome of a command that ran for a quarter of a second, its output stored with the row.
    public static func exited(_ code: Int = 0, stdout: String = "", stderr: String = "", at time: Timestamp)
        -> RunOutcome
    {
        let out = Array(stdout.utf8)
        let err = Array(stderr.utf8)
        return RunOutcome(
            state: .exited(code: code),
            facts: RunFacts(
                started: time,
                finished: time + .milliseconds(250),
                wallTime: .milliseconds(250),
                outputBytes: Int64(out.count + err.count),
                stdoutBytes: Int64(out.count),
                stderrBytes: Int64(err.count)
            ),
            inlineOutput: InlineOutput(
                combined: out + err,
                stretches: err.isEmpty ? [out.count] : [out.count, err.count]
            )
        )
    }
}
