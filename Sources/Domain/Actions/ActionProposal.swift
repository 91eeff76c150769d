public import Core

/// Identifies a proposal; never used again.
public struct ActionID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: ActionID, right: ActionID) -> Bool { left.rawValue < right.rawValue }
}

/// Where a proposal stands.
public enum ActionState: String, Sendable, CaseIterable {
    /// The model asked for it.
    case proposed
    /// A person is to decide.
    case awaitingConfirmation = "awaiting_confirmation"
    /// It may be carried out: a person said so, or nobody has to.
    case confirmed
    /// The application is being asked, or was when the server ended: the same key is used again.
    case executing
    case succeeded
    case failed
    /// A person said no, or ended the turn.
    case declined
    /// Nobody decided in time, or its turn was over before.
    case expired

    /// What may follow.
    public var next: Set<ActionState> {
        switch self {
        case .proposed: [.awaitingConfirmation, .confirmed, .failed, .declined, .expired]
        case .awaitingConfirmation: [.confirmed, .declined, .expired]
        case .confirmed: [.executing, .failed, .declined, .expired]
        case .executing: [.succeeded, .failed]
        case .succeeded, .failed, .declined, .expired: []
        }
    }

    /// Says whether nothing follows.
    public var isOver: Bool { next.isEmpty }
}

/// What a model asks for.
public struct ActionDraft: Sendable {
    /// The chat.
    public var chat: ChatID
    /// The turn.
    public var turn: TurnID
    /// The step in the turn, which proposes once.
    public var step: ToolStepID
    /// Who it is for.
    public var owner: PrincipalID
    /// Where.
    public var place: Place
    /// The application.
    public var issuer: String
    /// The action's name.
    public var action: String
    /// Checked arguments as JSON text.
    public var arguments: String
    /// The price at this time.
    public var price: Credits
    /// The end of the time to decide.
    public var expires: Timestamp

    /// Makes a draft.
    public init(
        chat: ChatID,
        turn: TurnID,
        step: ToolStepID,
        owner: PrincipalID,
        place: Place,
        issuer: String,
        action: String,
        arguments: String,
        price: Credits,
        expires: Timestamp
    ) {
        self.chat = chat
        self.turn = turn
        self.step = step
        self.owner = owner
        self.place = place
        self.issuer = issuer
        self.action = action
        self.arguments = arguments
        self.price = price
        self.expires = expires
    }
}

/// An action with arguments, from the model's wish to the application's answer.
public struct ActionProposal: Sendable {
    /// Which.
    public let id: ActionID
    /// What was asked for.
    public let draft: ActionDraft
    /// When.
    public let created: Timestamp
    /// Where it stands.
    public var state: ActionState
    /// What the application says that it would do, as JSON text.
    public var preview: String?
    /// What the application answered, as JSON text.
    public var result: String?
    /// Why it failed, for people and models.
    public var reason: String?
    /// When a person decided.
    public var decided: Timestamp?
    /// When the application was first asked.
    public var executed: Timestamp?
    /// When it was over.
    public var finished: Timestamp?

    /// By which the application knows that it is asked again, and the hold of what it costs is found.
    public var key: String { "action-\(id)" }

    /// Makes a value.
    public init(id: ActionID, draft: ActionDraft, created: Timestamp, state: ActionState) {
        self.id = id
        self.draft = draft
        self.created = created
        self.state = state
    }
}

/// What a step of a proposal brings.
public struct ActionChange: Sendable {
    /// From where; a proposal that stands elsewhere is left as it is.
    public var from: Set<ActionState>
    /// To where.
    public var to: ActionState
    /// What the application would do.
    public var preview: String?
    /// What it answered.
    public var result: String?
    /// Why it failed.
    public var reason: String?

    /// Makes a change; every state it comes from must allow it.
    public init(
        _ from: Set<ActionState>,
        to: ActionState,
        preview: String? = nil,
        result: String? = nil,
        reason: String? = nil
    ) {
        precondition(from.allSatisfy { $0.next.contains(to) }, "no proposal changes like that")
        self.from = from
        self.to = to
        self.preview = preview
        self.result = result
        self.reason = reason
    }
}
