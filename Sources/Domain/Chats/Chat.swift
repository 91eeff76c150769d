public import Core

/// A conversation of one person (or program) with the assistant.
public struct Chat: Sendable, Equatable {
    /// The identity.
    public let id: ChatID
    /// Whose it is; nobody else sees that it exists.
    public let owner: PrincipalID
    /// The caller's own name for it, unique for the owner; nil for none.
    public let key: String?
    /// What people call it; nil until it has one.
    public var title: String?
    /// The model that new turns use unless they say otherwise; nil for the configured one.
    public var model: ModelReference?
    /// When it was made.
    public let created: Timestamp
    /// When something was last said in it, or changed about it.
    public var updated: Timestamp
    /// The number of the last event that is stored durably; 0 for none.
    public var lastEvent: Int64
    /// The turn that works now; nil for none.
    public var workingTurn: TurnID?
    /// The client, brand and location that it belongs to; nil for an operator's.
    public var place: Place?

    /// Makes a value.
    public init(
        id: ChatID,
        owner: PrincipalID,
        key: String?,
        title: String?,
        model: ModelReference?,
        created: Timestamp,
        updated: Timestamp,
        lastEvent: Int64,
        workingTurn: TurnID?,
        place: Place? = nil
    ) {
        self.id = id
        self.owner = owner
        self.key = key
        self.title = title
        self.model = model
        self.created = created
        self.updated = updated
        self.lastEvent = lastEvent
        self.workingTurn = workingTurn
        self.place = place
    }
}

/// What is asked for when a chat is made.
public struct ChatDraft: Sendable, Equatable {
    /// The caller's own name for it: asking again with the same one gives the same chat.
    public var key: String?
    /// What people call it.
    public var title: String?
    /// The model that new turns use.
    public var model: ModelReference?
    /// The client, brand and location that it is to belong to; nil for an operator's.
    public var place: Place?

    /// Makes a draft.
    public init(
        key: String? = nil,
        title: String? = nil,
        model: ModelReference? = nil,
        place: Place? = nil
    ) {
        self.key = key
        self.title = title
        self.model = model
        self.place = place
    }
}

/// What changes about a chat; nil leaves a thing as it is.
public struct ChatChange: Sendable, Equatable {
    /// The new title.
    public var title: String?
    /// The new model for later turns.
    public var model: ModelReference?

    /// Makes a change.
    public init(title: String? = nil, model: ModelReference? = nil) {
        self.title = title
        self.model = model
    }
}
