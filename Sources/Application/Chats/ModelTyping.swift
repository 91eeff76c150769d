internal import Core
public import Domain

/// What a model wants to type into a ticket.
public struct TypedInput: Sendable, Equatable {
    /// The ticket.
    public var ticket: TicketID
    /// What is typed.
    public var bytes: [UInt8]
    /// The input ends after it.
    public var isClosing: Bool
    /// The same for the same step of the same turn, and for no other.
    public var reference: String
    /// The step was begun before: a person may have been asked, and may have decided.
    public var isRepeated: Bool

    /// Makes a value.
    public init(ticket: TicketID, bytes: [UInt8], isClosing: Bool, reference: String, isRepeated: Bool) {
        self.ticket = ticket
        self.bytes = bytes
        self.isClosing = isClosing
        self.reference = reference
        self.isRepeated = isRepeated
    }
}

/// Types into tickets for models.
public protocol ModelTyping: Sendable {
    /// Types once a person approved it, and says what came of it, for the model.
    ///
    /// `asked` is told the question when it begins to wait for a person, and when it does not any more. The same reference
    /// is the same question, however often it is asked. Cancellation ends the waiting and leaves the question open.
    func type(
        _ input: TypedInput,
        as principal: Principal,
        asked: @Sendable (StepObject) async throws -> Void
    ) async throws -> String

    /// Closes a question that waits; nothing happens to one that was decided.
    func withdraw(_ question: ApprovalID) async throws

    /// Closes the question that was asked about a ticket under a reference, if there is one and it waits.
    func withdraw(_ reference: String, about ticket: TicketID) async throws
}

/// Types into tickets what a person approved.
public struct ApprovedTyping: ModelTyping {
    /// What an approval is called among the objects of steps.
    static let objectKind = "approval"

    private let tickets: TicketService
    private let approvals: ApprovalService

    /// Puts it together.
    public init(tickets: TicketService, approvals: ApprovalService) {
        self.tickets = tickets
        self.approvals = approvals
    }

    /// As the port says; `input_unknown` (conflict) when it may have been typed before, and nothing is stored about it.
    public func type(
        _ input: TypedInput,
        as principal: Principal,
        asked: @Sendable (StepObject) async throws -> Void
    ) async throws -> String {
        let earlier =
            input.isRepeated ? try await approvals.question(input.reference, about: input.ticket) : nil
        if let earlier, earlier.state == .approved {
            try await asked(Self.object(earlier))
            return """
                The person approved it. The server was restarted meanwhile: look at the ticket's output to see whether \
                it was typed.
                """
        }
        var asking = earlier
        if asking == nil { asking = try await ask(input, principal) }
        guard let question = asking else { return "It was typed." }
        if question.state == .awaiting { try await asked(Self.object(question)) }
        let settled = try await approvals.settled(question.id)
        try await asked(Self.object(settled))
        return DoorText.typed(settled)
    }

    /// The question; nil where nobody is asked, and it was typed.
    private func ask(_ input: TypedInput, _ principal: Principal) async throws -> Approval? {
        guard !input.isRepeated || approvals.asks(.assistant) else {
            throw Failure(
                .conflict,
                code: "input_unknown",
                message: "The server was restarted meanwhile; whether this was typed is not known.",
                hint: "Look at the ticket's output before you type it again."
            )
        }
        return try await tickets.write(
            input.bytes,
            closing: input.isClosing,
            to: input.ticket,
            through: .assistant,
            reference: input.reference,
            as: principal
        )
    }

    /// As the port says.
    public func withdraw(_ question: ApprovalID) async throws { try await approvals.withdraw(question) }

    /// As the port says.
    public func withdraw(_ reference: String, about ticket: TicketID) async throws {
        guard let question = try await approvals.question(reference, about: ticket) else { return }
        try await approvals.withdraw(question.id)
    }

    private static func object(_ approval: Approval) -> StepObject {
        StepObject(
            kind: objectKind,
            id: "\(approval.id)",
            state: approval.state.word,
            isWaiting: approval.state == .awaiting
        )
    }
}
