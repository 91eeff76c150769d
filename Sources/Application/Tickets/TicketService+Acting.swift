internal import Core
public import Domain

// What is done to a ticket that is there.
extension TicketService {
    /// How long input waits for its command to start.
    private static let inputPatience = Duration.seconds(10)

    /// Ends a ticket: takes it out of the queue, or ends its whole process tree.
    ///
    /// No error when it is over already.
    public func cancel(_ id: TicketID, as principal: Principal) async throws -> Ticket {
        try principal.require(.shellRun)
        let before = try await stored(id)
        try require(before, isVisibleTo: principal)
        guard !before.state.isTerminal else { return before }
        let now = clock.now()
        let entry = AuditEntry(
            time: now,
            principal: principal.id,
            action: "ticket.cancel",
            subject: Self.subject(id)
        )
        let cancelled = try await audit.keeping { (ticket: Ticket?) in
            ticket == nil ? [] : [entry]
        } with: {
            try await store.cancel(id, at: now)
        }
        guard let ticket = cancelled else { return try await stored(id) }
        await scheduler.cancelled(ticket)
        if before.state == .awaitingApproval { try await approvals?.cancelled(id) }
        return hub.overlay(ticket)
    }

    /// Ends the ticket that was submitted with a key to a session, if there is one.
    public func cancel(
        submittedWith key: IdempotencyKey,
        to session: SessionName,
        as principal: Principal
    ) async throws {
        try principal.require(.shellRun)
        guard let ticket = try await store.ticket(key: key, inSessionNamed: session) else { return }
        _ = try await cancel(ticket.id, as: principal)
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
            try require(ticket, isVisibleTo: principal)
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
            try require(ticket, isVisibleTo: principal)
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
        // Whoever looks on has the size before the command draws for it.
        if ticket.options.terminal != size {
            try await store.keep(size, of: id)
            hub.changed(id)
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
}
