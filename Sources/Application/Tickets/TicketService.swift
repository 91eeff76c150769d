public import Core
public import Domain

/// The use cases of tickets and sessions, each with its permission.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal.
public struct TicketService: Sendable {
    let store: any TicketStore
    let runner: any CommandRunner
    let scheduler: TicketScheduler
    let outputs: any OutputStore
    let audit: any AuditStore
    let policy: any CommandPolicy
    let hub: TicketHub
    let names: SessionNames
    let gate = NameGate()
    let cryptography: any Cryptography
    let approvals: ApprovalService?
    let clock: any WallClock
    let maximumQueued: Int
    let secrets: SecretVault?

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
        if principal.isCustomer { try await admit(submission, of: principal) }
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
            let (draft, now) = (draft, clock.now())
            guard case .named(let name) = session else {
                return try await store.append(draft, to: session, maximumQueued: maximumQueued, at: now)
            }
            return try await gate.use(name) {
                try await store.append(draft, to: session, maximumQueued: maximumQueued, at: now)
            }
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
}

extension Optional where Wrapped: Sendable {
    /// The value, or what `alternative` makes.
    func orElse(_ alternative: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await alternative()
    }
}
