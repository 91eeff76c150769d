internal import Core
public import Domain
internal import Testing

/// What every `ApprovalStore` and the `TicketStore` beside it must do together, tried on empty ones.
public enum ApprovalStoreSuite: Sendable {
    /// Both stores, on one database.
    public struct Subject: Sendable {
        /// Tickets.
        public let tickets: any TicketStore
        /// Approvals.
        public let approvals: any ApprovalStore

        /// Makes a subject.
        public init(tickets: any TicketStore, approvals: any ApprovalStore) {
            self.tickets = tickets
            self.approvals = approvals
        }
    }

    /// A case of this suite.
    public typealias Case = ConformanceCase<Subject>

    /// All cases.
    public static var cases: [Case] { settlingCases + inputCases + listCases + upkeepCases }

    static let start = Timestamp(seconds: 1_700_000_000)
    static let alice = PrincipalID("operator:1")
    static let bob = PrincipalID("operator:2")

    static func contents(_ command: String) -> ApprovalContents {
        ApprovalContents(
            command: command,
            input: .bytes([0, 255]),
            workingDirectory: "/srv/\u{E9}",
            carriesOver: true,
            environment: ["A": "\u{1}", "B": ""],
            host: "h",
            user: "u",
            policyVersion: "v",
            scripts: [ScriptDigest(path: "/a", digest: "ab"), ScriptDigest(path: "/b", digest: nil)],
            reason: "because",
            rule: "r",
            proposedRule: "allow"
        )
    }

    static func draft(
        _ command: String = "rm x",
        reference: String? = nil,
        lifetime: Duration = .seconds(100),
        maximum: Int = 100,
        origin: TicketOrigin = .assistant
    ) -> ApprovalDraft {
        ApprovalDraft(
            contents: contents(command),
            requestedBy: .hash,
            origin: origin,
            reference: reference,
            expires: start + lifetime,
            maximumAwaiting: maximum
        )
    }

    /// A ticket that awaits approval, and its approval.
    static func ask(
        _ subject: Subject,
        _ command: String = "rm x",
        session: String = "s",
        lifetime: Duration = .seconds(100),
        maximum: Int = 100,
        reference: String? = nil,
        origin: TicketOrigin = .assistant
    ) async throws -> (ticket: Ticket, approval: Approval) {
        var ticket = TicketDraft(
            command: command,
            origin: origin,
            submittedBy: .hash,
            state: .awaitingApproval
        )
        ticket.approval = draft(
            command,
            reference: reference,
            lifetime: lifetime,
            maximum: maximum,
            origin: origin
        )
        let appended = try await subject.tickets.append(
            ticket,
            to: .named(try SessionName(session)),
            maximumQueued: 10,
            at: start
        )
        return (appended.ticket, try #require(appended.approval))
    }

    /// A ticket that takes input and was marked as starting.
    static func running(_ subject: Subject, session: String = "i") async throws -> Ticket {
        var ticket = TicketDraft(command: "cat", origin: .assistant, submittedBy: .hash)
        ticket.options.input = .open
        let appended = try await subject.tickets.append(
            ticket,
            to: .named(try SessionName(session)),
            maximumQueued: 10,
            at: start
        )
        _ = try await subject.tickets.markStarting([appended.ticket.id], bootID: "b", at: start)
        return appended.ticket
    }

    static func decide(_ choice: ApprovalChoice, by principal: PrincipalID = alice) -> ApprovalInput {
        .decide(choice, ApprovalDecision(by: principal, at: start + .seconds(1), note: "ok"))
    }

    static func expectFailure(
        _ code: String,
        _ location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) {
            try await body()
        } throws: { error in
            (error as? Failure)?.code == code
        }
    }
}
