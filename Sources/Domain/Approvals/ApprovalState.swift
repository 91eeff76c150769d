public import Core

/// Where an approval stands.
///
/// ```
/// awaiting ──▶ approved ──▶ voided (before what was approved began)
///     └──▶ denied · expired · cancelled · voided
/// ```
public enum ApprovalState: Sendable, Equatable {
    /// Waits for a person.
    case awaiting
    /// A person said yes.
    case approved
    /// A person said no.
    case denied
    /// Nobody decided in time.
    case expired
    /// A yes would not have covered, or did not cover, what was about to happen.
    case voided(reason: String)
    /// What it was about was called off.
    case cancelled

    /// The word on the wire and in rows.
    public var word: String {
        switch self {
        case .awaiting: "awaiting"
        case .approved: "approved"
        case .denied: "denied"
        case .expired: "expired"
        case .voided: "voided"
        case .cancelled: "cancelled"
        }
    }

    /// Why it was voided.
    public var reason: String? { if case .voided(let reason) = self { reason } else { nil } }

    /// Reads a state back; nil for an unknown word.
    public init?(word: String, reason: String?) {
        switch word {
        case "awaiting": self = .awaiting
        case "approved": self = .approved
        case "denied": self = .denied
        case "expired": self = .expired
        case "voided": self = .voided(reason: reason ?? "")
        case "cancelled": self = .cancelled
        default: return nil
        }
    }
}

/// What a person can answer.
public enum ApprovalChoice: String, Sendable, CaseIterable {
    case approve
    case deny
}

/// Who answered, and when.
public struct ApprovalDecision: Sendable, Equatable {
    /// Who; nil when no person did.
    public let by: PrincipalID?
    /// When.
    public let at: Timestamp
    /// What they added.
    public let note: String?

    /// Makes a value.
    public init(by: PrincipalID?, at: Timestamp, note: String? = nil) {
        self.by = by
        self.at = at
        self.note = note
    }
}

/// What happens to an approval.
public enum ApprovalInput: Sendable, Equatable {
    /// A person answers.
    case decide(ApprovalChoice, ApprovalDecision)
    /// The time passes.
    case expire(at: Timestamp)
    /// What it is about is called off.
    case cancel(at: Timestamp)
    /// What is about to happen is not what was, or would be, approved.
    case void(reason: String, at: Timestamp)
    /// Approved input is about to be written.
    case use(at: Timestamp)
}

extension Approval {
    /// Takes in what happens; says whether anything changed by it.
    ///
    /// A person who repeats their own answer changes nothing. Throws `Failure` `approval_decided` (conflict) for an
    /// answer to what was settled before, and `approval_expired` (conflict) for one that comes too late.
    public mutating func apply(_ input: ApprovalInput) throws(Failure) -> Bool {
        switch (state, input) {
        case (.awaiting, .decide(let choice, let decision)):
            guard decision.at < expires else { throw Failure.approvalExpired(self) }
            settle(choice == .approve ? .approved : .denied, decision)
        case (.awaiting, .expire(let now)):
            guard now >= expires else { return false }
            settle(.expired, ApprovalDecision(by: nil, at: now))
        case (.awaiting, .cancel(let now)):
            settle(.cancelled, ApprovalDecision(by: nil, at: now))
        case (.awaiting, .void(let reason, let now)):
            settle(.voided(reason: reason), ApprovalDecision(by: nil, at: now))
        case (.approved, .void(let reason, _)):
            guard used == nil else { return false }
            state = .voided(reason: reason)
        case (.approved, .use(let now)):
            guard used == nil else { return false }
            used = now
        case (_, .decide(let choice, let decision)):
            guard isAnswer(choice), self.decision?.by == decision.by else {
                throw Failure.approvalDecided(self)
            }
            return false
        default:
            return false
        }
        return true
    }

    private func isAnswer(_ choice: ApprovalChoice) -> Bool {
        state == (choice == .approve ? .approved : .denied)
    }

    private mutating func settle(_ state: ApprovalState, _ decision: ApprovalDecision) {
        self.state = state
        self.decision = decision
    }
}

extension Failure {
    /// It was settled before, and how.
    public static func approvalDecided(_ approval: Approval) -> Failure {
        let message =
            switch approval.state {
            case .approved, .denied:
                "\(approval.decision?.by?.rawValue ?? "Somebody") has \(approval.state.word) this already"
                    + (approval.decision.map { ", at \($0.at.rfc3339)." } ?? ".")
            case .expired: "This expired at \(approval.expires.rfc3339) without a decision."
            case .voided(let reason): "This was voided: \(reason)."
            case .cancelled: "This was called off before anybody decided."
            case .awaiting: "This was decided meanwhile."
            }
        return Failure(
            .conflict,
            code: "approval_decided",
            message: message,
            hint: "An approval is decided once. Submit again to ask again."
        )
    }

    static func approvalExpired(_ approval: Approval) -> Failure {
        Failure(
            .conflict,
            code: "approval_expired",
            message: "This expired at \(approval.expires.rfc3339) without a decision.",
            hint: "Submit again to ask again."
        )
    }
}
