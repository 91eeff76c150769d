internal import Core
internal import Domain

// Customers of a hosting panel: their own sessions, as their own system user, and nothing of anybody else's.
extension TicketService {
    /// Refuses what customers must not do, and sends a signed-in one to sessions of their own only: a name that they chose
    /// could be one that somebody else is about to use.
    func admit(_ submission: Submission, of customer: Principal) async throws {
        guard customer.runAs != nil else {
            throw Failure(
                .forbidden,
                code: "permission_missing",
                message: "Commands of customers run as their own system user, and this one has none.",
                hint: "Sign in from the panel again."
            )
        }
        if let name = submission.options.secrets.first { throw SecretVault.notFound(name) }
        guard customer.signIn != nil, case .named(let name) = submission.target else { return }
        guard let session = try await store.session(named: name), session.createdBy == customer.id else {
            throw Failure.sessionNotAvailable(name)
        }
    }

    /// A new session of a customer has a name that nobody could foresee, unless the assistant makes it.
    func admit(sessionNamed name: SessionName?, of customer: Principal) throws(Failure) {
        guard customer.signIn != nil, name != nil else { return }
        throw Failure(
            .unprocessable,
            code: "invalid_session_name",
            message: "Sessions of customers get their names from the server.",
            hint: "Leave 'name' out."
        )
    }

    /// Nil for what is not there for this principal.
    func visible(_ session: Session?, to principal: Principal) -> Session? {
        guard principal.isCustomer else { return session }
        return session?.createdBy == principal.id ? session : nil
    }

    /// Throws `ticket_not_found` for what is not there for this principal.
    func require(_ ticket: Ticket, isVisibleTo principal: Principal) throws(Failure) {
        guard !principal.isCustomer || ticket.submittedBy == principal.id else {
            throw Failure.ticketNotFound(ticket.id.number, session: ticket.sessionName)
        }
    }
}
