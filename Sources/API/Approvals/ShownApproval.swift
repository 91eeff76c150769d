internal import Application
internal import Core
internal import Domain

/// An approval with what belongs to it when it is shown.
struct ShownApproval: Sendable {
    let approval: Approval
    /// The ticket it is about; nil when it is gone.
    let ticket: Ticket?
    /// What a decision has to send back.
    let digest: String
    /// The page on which a person decides.
    let link: String
}

/// Puts together what is shown.
struct ApprovalDesk: Sendable {
    let approvals: ApprovalService
    private let tickets: TicketService
    private let baseURL: @Sendable () -> String

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        approvals = assistant.approvals
        tickets = services.tickets
        baseURL = services.settings.baseURL
    }

    func shown(_ approval: Approval) async -> ShownApproval {
        ShownApproval(
            approval: approval,
            // Whoever may decide about a ticket may know its name and state.
            ticket: try? await tickets.ticket(approval.subject.ticket, as: AccessService.hashPrincipal),
            digest: approvals.digest(of: approval),
            link: link(approval.id)
        )
    }

    /// The page on which a person decides, for other people to follow.
    func link(_ id: ApprovalID) -> String { "\(baseURL())/approve/\(id)" }

    /// What a ticket waits for; nil when it waits for nobody.
    func open(for ticket: Ticket) async throws -> OpenApproval? {
        guard ticket.state == .awaitingApproval,
            let approval = try await approvals.approval(for: ticket.id), approval.state == .awaiting
        else { return nil }
        return OpenApproval(approval: approval, link: link(approval.id))
    }
}

/// The decision that a ticket waits for, as whoever sees the ticket may know of it.
struct OpenApproval: Sendable {
    let approval: Approval
    let link: String

    func write(to writer: inout JSONWriter) {
        writer.key("approval")
        writer.object { writer in
            writer.key("id")
            writer.integer(approval.id.rawValue)
            writer.key("link")
            writer.string(link)
            writer.key("expires")
            writer.time(approval.expires)
        }
    }
}

extension EdgeServices {
    /// What a ticket waits for; nil when it waits for nobody.
    func openApproval(for ticket: Ticket) async throws -> OpenApproval? {
        guard let assistant, ticket.state == .awaitingApproval else { return nil }
        return try await ApprovalDesk(self, assistant).open(for: ticket)
    }
}
