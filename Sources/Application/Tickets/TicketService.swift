public import Core
public import Domain

/// The use cases of tickets and sessions, each with its permission.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal.
public struct TicketService: Sendable {
    /// How long input waits for its command to start.
    private static let inputPatience = Duration.seconds(10)

    private let store: any TicketStore
    private let runner: any CommandRunner
    private let scheduler: TicketScheduler
    private let outputs: any OutputStore
    private let audit: any AuditStore
    private let policy: any CommandPolicy
    private let hub: TicketHub
    private let names: SessionNames
    private let cryptography: any Cryptography
    private let approvals: ApprovalService?
    private let clock: any WallClock
    private let maximumQueued: Int
    private let secrets: SecretVault?

    /// Puts the service together.
    public init(
        store: any TicketStore,
        runner: any CommandRunner,
        scheduler: TicketScheduler,
        outputs: any OutputStore,
        audit: any AuditStore,
        policy: any CommandPolicy,
        hub: TicketHub,
        cryptography: any Cryptography,
        clock: any WallClock,
        maximumQueued: Int,
        approvals: ApprovalService? = nil,
        secrets: SecretVault? = nil
    ) {
        self.store = store
        self.runner = runner
        self.scheduler = scheduler
        self.outputs = outputs
        self.audit = audit
        self.policy = policy
        self.hub = hub
        self.clock = clock
        self.maximumQueued = maximumQueued
        self.cryptography = cryptography
        self.approvals = approvals
        self.secrets = secrets
        names = SessionNames(cryptography: cryptography)
    }

    // MARK: Submitting

    /// Stores a command as a ticket and lets it run in its turn; returns once it is stored durably.
    ///
    /// With `wait` it is returned once it is over, or as it stands when the time is up. Cancellation while waiting
    /// changes nothing about the ticket.
    public func submit(
        _ submission: Submission,
        as principal: Principal,
        waiting wait: Duration = .zero
    ) async throws -> AppendedTicket {
        try principal.require(.shellRun)
        if submission.options.input == .open { try principal.require(.shellInput) }
        try submission.validate()
        try await admit(submission)
        var submission = submission
        submission.options.runAs = principal.runAs
        var session = try reference(for: submission)
        // Deny rules alone look at the text only: such doors are spared the reading.
        let dependsOnSession = policy.needsAllowance(through: submission.origin)
        let known = dependsOnSession ? try await self.session(session) : nil
        if let known { session = .existing(known.id) }
        let question = PolicyQuestion(
            command: submission.command,
            origin: submission.origin,
            principal: principal.id,
            options: submission.options,
            in: known
        )
        let verdict = await policy.verdict(on: question)
        var draft = TicketDraft(
            command: submission.command,
            origin: submission.origin,
            submittedBy: principal.id,
            key: submission.key,
            repeatWindow: submission.repeatWindow,
            options: submission.options,
            state: Self.state(after: verdict)
        )
        draft.needsPlainSession = dependsOnSession && known == nil
        if case .ask(let reason, let rule) = verdict {
            draft.approval = try await approvals?.draft(
                for: submission,
                question,
                in: session,
                reason: reason,
                rule: rule
            )
        }
        let appended = try await appendWithPlace(&draft, to: session)
        FaultPoint.afterAppend.reach()
        let ticket = appended.ticket
        let watch = wait > .zero && !ticket.state.isTerminal ? hub.expectEnd(of: ticket.id) : nil
        let holdsPlace = draft.place != nil
        if !appended.wasCached, !ticket.state.isTerminal {
            await scheduler.enqueue(ticket, in: appended.session, holdingPlace: holdsPlace)
        } else if holdsPlace {
            await scheduler.giveBack(placeOf: principal.id)
        }
        if let approval = appended.approval { try await approvals?.created(approval) }
        guard let watch else {
            return AppendedTicket(
                ticket: hub.overlay(ticket),
                session: appended.session,
                wasCached: appended.wasCached,
                approval: appended.approval
            )
        }
        // A ticket that was cached may have ended between the read and the watch.
        let current = appended.wasCached ? try await self.stored(ticket.id) : ticket
        let ended = current.state.isTerminal ? current : await watch.ticket(within: wait)
        return AppendedTicket(
            ticket: try await ended.orElse { hub.overlay(try await self.stored(ticket.id)) },
            session: appended.session,
            wasCached: appended.wasCached,
            approval: appended.approval
        )
    }

    /// Refuses values of secrets, and names of secrets that are not there.
    private func admit(_ submission: Submission) async throws {
        guard let secrets else {
            if let name = submission.options.secrets.first { throw SecretVault.notFound(name) }
            return
        }
        try secrets.check(submission)
        try await secrets.require(submission.options.secrets)
    }

    private static func state(after verdict: PolicyVerdict) -> TicketState {
        switch verdict {
        case .allow: .queued
        case .ask: .awaitingApproval
        case .deny(let reason, let rule, let hint):
            .denied(reason: Refusal(reason: reason, rule: rule, hint: hint).text)
        }
    }

    /// Stores it as starting at once if a place is free: that spares a commit, and the caller the time of it.
    private func appendWithPlace(
        _ draft: inout TicketDraft,
        to session: SessionReference
    ) async throws -> AppendedTicket {
        if draft.state == .queued { draft.place = await scheduler.offerPlace(to: draft.submittedBy) }
        do {
            return try await store.append(draft, to: session, maximumQueued: maximumQueued, at: clock.now())
        } catch {
            if draft.place != nil { await scheduler.giveBack(placeOf: draft.submittedBy) }
            throw error
        }
    }

    private func session(_ reference: SessionReference) async throws -> Session? {
        switch reference {
        case .named(let name): try await store.session(named: name)
        case .existing(let id): try await store.session(id)
        }
    }

    private func reference(for submission: Submission) throws -> SessionReference {
        switch submission.target {
        case .named(let name): return .named(name)
        case .existing(let id): return .existing(id)
        case .random(let key?):
            let window = submission.repeatWindow ?? .seconds(60)
            return .named(try names.name(repeatedBy: key, window: window, now: clock.now()))
        case .random(nil): return .named(try names.random())
        }
    }

    // MARK: Reading

    /// The ticket as it stands.
    public func ticket(_ id: TicketID, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRead)
        return hub.overlay(try await stored(id))
    }

    /// The ticket of a session by name.
    public func ticket(number: Int, in name: SessionName, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRead)
        if let ticket = hub.finished.ticket(number: number, in: name) { return ticket }
        let epoch = hub.finished.epoch
        guard let ticket = try await store.ticket(number: number, inSessionNamed: name) else {
            throw Failure.ticketNotFound(number, session: name)
        }
        hub.finished.keep(ticket, readAt: epoch)
        return hub.overlay(ticket)
    }

    /// The ticket once it is over, or as it stands when the time is up.
    public func ticket(_ ticket: Ticket, waiting wait: Duration) async throws -> Ticket {
        guard wait > .zero, !ticket.state.isTerminal else { return ticket }
        let watch = hub.expectEnd(of: ticket.id)
        let current = try await stored(ticket.id)
        if current.state.isTerminal { return current }
        return try await watch.ticket(within: wait).orElse { hub.overlay(try await stored(ticket.id)) }
    }

    /// Yields into a stream at each change of a ticket, for as long as the subscription is held.
    public func watch(_ id: TicketID, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        hub.watch(id, wake)
    }

    /// Tickets of a session in numeric order, or newest first.
    public func tickets(
        in session: SessionID,
        after number: Int?,
        limit: Int,
        newestFirst: Bool = false,
        as principal: Principal
    ) async throws -> Page<Ticket> {
        try principal.require(.shellRead)
        let page = try await store.tickets(in: session, after: number, limit: limit, newestFirst: newestFirst)
        return Page(elements: page.elements.map(hub.overlay), hasMore: page.hasMore)
    }

    private func stored(_ id: TicketID) async throws -> Ticket {
        if let ticket = hub.finished.ticket(id) { return ticket }
        let epoch = hub.finished.epoch
        guard let ticket = try await store.ticket(id) else {
            throw Failure(
                .notFound,
                code: "ticket_not_found",
                message: "There is no ticket \(id.number) in this session.",
                hint: "List the session's tickets to see their numbers."
            )
        }
        hub.finished.keep(ticket, readAt: epoch)
        return ticket
    }

    // MARK: Acting

    /// Ends a ticket: takes it out of the queue, or ends its whole process tree.
    ///
    /// No error when it is over already.
    public func cancel(_ id: TicketID, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRun)
        let before = try await stored(id)
        guard !before.state.isTerminal else { return before }
        guard let ticket = try await store.cancel(id, at: clock.now()) else { return try await stored(id) }
        try await audit.record(
            AuditEntry(
                time: clock.now(),
                principal: principal.id,
                action: "ticket.cancel",
                subject: Self.subject(id)
            )
        )
        await scheduler.cancelled(ticket)
        if before.state == .awaitingApproval { try await approvals?.cancelled(id, by: principal.id) }
        return hub.overlay(ticket)
    }

    /// Writes to the input of an interactive ticket, and closes it if asked to.
    ///
    /// Input of a person's own door is written at once. Input of a model's door is asked for with its exact bytes: the
    /// approval is returned, and they are written once somebody approves. The same `reference` again is the same question.
    @discardableResult
    public func write(
        _ bytes: [UInt8],
        closing: Bool,
        to id: TicketID,
        through origin: TicketOrigin = .api,
        reference: String? = nil,
        as principal: Principal
    ) async throws -> Approval? {
        try principal.require(.shellInput)
        let ticket = try await running(id) { ticket throws(Failure) in
            guard ticket.options.input == .open else {
                throw Failure(
                    .conflict,
                    code: "not_interactive",
                    message: "This ticket does not take input.",
                    hint: "Submit it again with \"input\": {\"open\": true}."
                )
            }
        }
        guard !ticket.state.isTerminal else {
            throw Failure(.conflict, code: "input_closed", message: "This ticket is over.")
        }
        try secrets?.check(bytes)
        if let approvals, approvals.asks(origin) {
            return try await approvals.ask(
                for: bytes,
                closing: closing,
                to: ticket,
                through: origin,
                reference: reference,
                as: principal.id
            )
        }
        let detail = JSONValue.object([
            "bytes": .integer(Int64(bytes.count)), "close": .bool(closing),
            "sha256": .string(TextCoding.hex(cryptography.digest(bytes))),
        ]).bytes
        try await audit.record(
            AuditEntry(
                time: clock.now(),
                principal: principal.id,
                action: "ticket.input",
                subject: Self.subject(id),
                detail: String(decoding: detail, as: UTF8.self)
            )
        )
        if !bytes.isEmpty { try await runner.write(bytes, to: id) }
        if closing { try await runner.closeInput(of: id) }
        return nil
    }

    /// Changes the size of the terminal that a ticket's command runs on.
    public func resize(_ id: TicketID, to size: TerminalSize, as principal: Principal) async throws {
        try principal.require(.shellInput)
        let ticket = try await running(id) { ticket throws(Failure) in
            guard ticket.options.terminal != nil else {
                throw Failure(
                    .conflict,
                    code: "no_terminal",
                    message: "This ticket has no terminal.",
                    hint: "Submit it again with \"terminal\": {\"columns\": 120, \"rows\": 40}."
                )
            }
        }
        guard !ticket.state.isTerminal else {
            throw Failure(.conflict, code: "ticket_not_running", message: "This ticket is over.")
        }
        try await runner.resizeTerminal(of: id, to: size)
    }

    /// A ticket that passes a check, once its command runs or is over; before that there is nothing to write to.
    private func running(
        _ id: TicketID,
        _ check: (Ticket) throws(Failure) -> Void
    ) async throws -> Ticket {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = hub.watch(id, wake)
        defer { withExtendedLifetime(watch) {} }
        let ticket = hub.overlay(try await stored(id))
        try check(ticket)
        if ticket.state == .running || ticket.state.isTerminal { return ticket }
        let started = try await withThrowingTaskGroup(of: Ticket?.self) { group in
            group.addTask {
                for await _ in wakeups {
                    let current = hub.overlay(try await stored(id))
                    if current.state == .running || current.state.isTerminal { return current }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: Self.inputPatience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        if let started { return started }
        throw Failure(
            .conflict,
            code: "not_running",
            message: "This ticket does not run yet.",
            hint: "Wait for the state running and send it again.",
            retryAfter: .seconds(1)
        )
    }

    private static func subject(_ id: TicketID) -> String {
        "session/\(id.session.rawValue)/ticket/\(id.number)"
    }

    // MARK: Sessions

    /// Makes a session, with a readable random name if none is given.
    public func createSession(
        name: SessionName?,
        configure: (inout SessionDraft) -> Void,
        as principal: Principal
    ) async throws -> Session {
        try principal.require(.shellRun)
        var draft = SessionDraft(name: try name ?? names.random())
        configure(&draft)
        if let directory = draft.workingDirectory { try TicketOptions.validate(directory: directory) }
        try TicketOptions.validate(environment: draft.environment)
        try draft.limits.validate()
        try secrets?.check(draft.environment, draft.workingDirectory)
        try secrets?.check(draft.name)
        return try await store.createSession(draft, by: principal.id, at: clock.now())
    }

    /// The session of this name.
    public func session(named name: SessionName, as principal: Principal) async throws -> Session {
        try principal.require(.shellRead)
        guard let session = try await store.session(named: name) else {
            throw Failure.sessionNotFound(name)
        }
        return session
    }

    /// The session with this identity.
    public func session(_ id: SessionID, as principal: Principal) async throws -> Session {
        try principal.require(.shellRead)
        guard let session = try await store.session(id) else { throw Failure.sessionGone }
        return session
    }

    /// Sessions in the order they were made.
    public func sessions(after cursor: SessionID?, limit: Int, as principal: Principal) async throws -> Page<
        Session
    > {
        try principal.require(.shellRead)
        return try await store.sessions(after: cursor, limit: limit)
    }

    /// Removes a session with its tickets and their files; refused while one of them is not over.
    public func deleteSession(named name: SessionName, as principal: Principal) async throws {
        try principal.require(.shellRun)
        let session = try await session(named: name, as: principal)
        guard try await store.deleteSession(session.id) else { return }
        hub.finished.forgetAll()
        try await outputs.removeFolder(name)
        try await audit.record(
            AuditEntry(
                time: clock.now(),
                principal: principal.id,
                action: "session.delete",
                subject: "session/\(session.id.rawValue)"
            )
        )
    }

    /// One sentence about what the command policy allows.
    public var policySummary: String { policy.summary }
}

extension Failure {
    static func sessionNotFound(_ name: SessionName) -> Failure {
        Failure(
            .notFound,
            code: "session_not_found",
            message: "There is no session named \(name).",
            hint: "Submit a command to this session, which makes it, or list the sessions."
        )
    }

    static var sessionGone: Failure {
        Failure(
            .notFound,
            code: "session_not_found",
            message: "The session of this link does not exist any more.",
            hint: "Submit to a new session."
        )
    }

    static func ticketNotFound(_ number: Int, session: SessionName) -> Failure {
        Failure(
            .notFound,
            code: "ticket_not_found",
            message: "There is no ticket \(number) in session \(session).",
            hint: "Ask /history for the session's tickets."
        )
    }
}

extension Optional where Wrapped: Sendable {
    /// The value, or what `alternative` makes.
    fileprivate func orElse(_ alternative: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await alternative()
    }
}
