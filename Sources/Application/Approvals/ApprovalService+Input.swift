internal import Core
internal import Domain

/// Input that a model types into a running ticket: asked for with the exact bytes, written once.
extension ApprovalService {
    /// Says whether input through this door is asked for.
    func asks(_ origin: TicketOrigin) -> Bool { composer.settings.askingOrigins.contains(origin) }

    /// Stores the question about bytes to write; with a reference, the same question again is the earlier one.
    func ask(
        for bytes: [UInt8],
        closing: Bool,
        to ticket: Ticket,
        through origin: TicketOrigin,
        reference: String?,
        as principal: PrincipalID
    ) async throws -> Approval {
        let session = try await tickets.session(ticket.id.session)
        let question = PolicyQuestion(
            command: ticket.command,
            origin: origin,
            principal: principal,
            options: ticket.options,
            in: session
        )
        var contents = await composer.contents(
            of: question,
            ticket.options,
            in: session,
            reason: "Input typed into a running command is asked for with its exact bytes.",
            rule: "input"
        )
        contents.proposedRule = nil
        let now = clock.now()
        let stored = try await store.append(
            composer.draft(contents, for: question, reference: reference, at: now),
            about: .input(ticket.id, bytes: bytes, closing: closing),
            at: now
        )
        if stored.isChanged { journal.note(stored.approval) }
        return stored.approval
    }

    /// The question that was asked about a ticket's input under a reference, or nil.
    func question(_ reference: String, about ticket: TicketID) async throws -> Approval? {
        try await store.approval(ofInputTo: ticket, reference: reference)
    }

    /// Closes a question about input that nobody wants answered any more; one that was decided stays as it is.
    func withdraw(_ id: ApprovalID) async throws {
        guard let settled = try await store.settle(id, .cancel(at: clock.now())), settled.isChanged else {
            return
        }
        journal.note(settled.approval)
    }

    /// Writes approved input, once: it counts as used before the first byte is written, so that a crash in between
    /// loses it rather than typing it twice.
    func deliver(_ approval: Approval) async {
        guard case .input(let ticket, let bytes, let closing) = approval.subject else { return }
        let now = clock.now()
        do {
            guard let settled = try await store.settle(approval.id, .use(at: now)), settled.isChanged else {
                return
            }
            guard settled.approval.used != nil else {
                return journal.note(settled.approval)
            }
            if !bytes.isEmpty { try await runner.write(bytes, to: ticket) }
            if closing { try await runner.closeInput(of: ticket) }
        } catch {
            logger.warning("approved input cannot be written", .init("error", LogValue.error(error)))
            await journal.noteFailedInput(of: approval, at: now)
        }
    }
}
