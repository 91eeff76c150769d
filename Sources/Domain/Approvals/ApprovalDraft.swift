public import Core

/// A question to a person that is about to be stored.
public struct ApprovalDraft: Sendable {
    /// What the person will be shown.
    public var contents: ApprovalContents
    /// Who wants it.
    public var requestedBy: PrincipalID
    /// Through which door it came.
    public var origin: TicketOrigin
    /// The chat and turn it belongs to.
    public var reference: String?
    /// When nobody can say yes any more.
    public var expires: Timestamp
    /// How many may wait at a time; more are refused.
    public var maximumAwaiting: Int

    /// Makes a draft.
    public init(
        contents: ApprovalContents,
        requestedBy: PrincipalID,
        origin: TicketOrigin,
        reference: String? = nil,
        expires: Timestamp,
        maximumAwaiting: Int
    ) {
        self.contents = contents
        self.requestedBy = requestedBy
        self.origin = origin
        self.reference = reference
        self.expires = expires
        self.maximumAwaiting = maximumAwaiting
    }
}
