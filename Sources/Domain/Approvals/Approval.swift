public import Core

/// The identity of an approval.
public struct ApprovalID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of the row; never used twice.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number as text.
    public var description: String { String(rawValue) }
    /// The natural order, which is the order of creation.
    public static func < (left: ApprovalID, right: ApprovalID) -> Bool { left.rawValue < right.rawValue }
}

/// What a yes would let happen.
public enum ApprovalSubject: Sendable, Equatable {
    /// A stored ticket runs.
    case run(TicketID)
    /// Bytes are written to the input of a running ticket, which is closed after them if asked.
    case input(TicketID, bytes: [UInt8], closing: Bool)

    /// The ticket it is about.
    public var ticket: TicketID {
        switch self {
        case .run(let ticket), .input(let ticket, _, _): ticket
        }
    }

    /// The word on the wire and in rows.
    public var word: String {
        switch self {
        case .run: "run"
        case .input: Self.inputWord
        }
    }

    static let inputWord = "input"
}

/// A question to a person, with everything that they are shown, and what became of it.
///
/// The yes covers exactly what ``bindingBytes`` holds, and is used once.
public struct Approval: Sendable, Equatable {
    /// The identity.
    public let id: ApprovalID
    /// What a yes would let happen.
    public let subject: ApprovalSubject
    /// What the person is shown.
    public let contents: ApprovalContents
    /// Who wants it.
    public let requestedBy: PrincipalID
    /// Through which door it came.
    public let origin: TicketOrigin
    /// The chat and turn it belongs to, such as `chat/3/turn/7`.
    public let reference: String?
    /// When it was asked.
    public let created: Timestamp
    /// When nobody can say yes any more.
    public let expires: Timestamp
    /// Where it stands.
    public internal(set) var state: ApprovalState
    /// Who decided, once somebody did.
    public internal(set) var decision: ApprovalDecision?
    /// When approved input was handed over to be written.
    public internal(set) var used: Timestamp?
    /// The number of its latest change; numbers grow over all approvals, so that a follower can go on from one.
    public let change: Int64

    /// Makes a value, as a store reads it.
    public init(
        id: ApprovalID,
        subject: ApprovalSubject,
        contents: ApprovalContents,
        requestedBy: PrincipalID,
        origin: TicketOrigin,
        reference: String?,
        created: Timestamp,
        expires: Timestamp,
        state: ApprovalState = .awaiting,
        decision: ApprovalDecision? = nil,
        used: Timestamp? = nil,
        change: Int64
    ) {
        self.id = id
        self.subject = subject
        self.contents = contents
        self.requestedBy = requestedBy
        self.origin = origin
        self.reference = reference
        self.created = created
        self.expires = expires
        self.state = state
        self.decision = decision
        self.used = used
        self.change = change
    }

    /// All that a yes covers, unambiguous: its SHA-256 is what a decision has to send back.
    public var bindingBytes: [UInt8] {
        var writer = BindingWriter()
        writer.number(id.rawValue)
        writer.text(subject.word)
        writer.number(subject.ticket.session.rawValue)
        writer.number(Int64(subject.ticket.number))
        if case .input(_, let bytes, let closing) = subject {
            writer.bytes(bytes)
            writer.flag(closing)
        }
        contents.write(to: &writer)
        writer.text(requestedBy.rawValue)
        writer.text(origin.rawValue)
        writer.text(reference)
        writer.number(expires.microseconds)
        return writer.result
    }

    /// The state that the ticket of a run takes on with this approval; nil while it waits, and for other subjects.
    public var ticketState: TicketState? {
        guard case .run = subject else { return nil }
        switch state {
        case .awaiting: return nil
        case .approved: return .queued
        case .denied: return .denied(reason: refusal.text)
        case .expired: return .expired
        case .cancelled: return .cancelled
        case .voided(let reason): return .denied(reason: Self.voidedReason(reason))
        }
    }

    /// What the ticket of a voided approval says.
    public static func voidedReason(_ reason: String) -> String { "approval_voided: \(reason)" }

    /// A person's no, for the model and for the person.
    private var refusal: Refusal {
        let who = decision?.by?.rawValue ?? "A person"
        return Refusal(
            reason: "\(who) refused it" + (decision?.note.map { ": \($0)" } ?? ""),
            rule: contents.rule,
            hint: "Ask for something else, or explain first why it is needed."
        )
    }
}
