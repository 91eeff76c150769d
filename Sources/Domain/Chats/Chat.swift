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
    /// Where the title comes from; nil without one.
    public var titleState: TitleState?
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
        place: Place? = nil,
        titleState: TitleState? = nil
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
        self.titleState = titleState
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
    /// Later turns have the usual model again.
    public var forgetsModel: Bool
    /// The title comes from a model: it never takes the place of a person's.
    public var isModelTitle: Bool

    /// Makes a change.
    public init(
        title: String? = nil,
        model: ModelReference? = nil,
        forgetsModel: Bool = false,
        isModelTitle: Bool = false
    ) {
        self.title = title
        self.model = model
        self.forgetsModel = forgetsModel
        self.isModelTitle = isModelTitle
    }
}

/// A chat after a change.
public struct ChangedChat: Sendable, Equatable {
    /// The chat.
    public var chat: Chat
    /// The event that tells of a new title; nil without one, and while a turn works, whose journal has to tell it.
    public var event: ChatEvent?
    /// A new title was taken.
    public var hasNewTitle: Bool

    /// Makes a value.
    public init(chat: Chat, event: ChatEvent?, hasNewTitle: Bool) {
        self.chat = chat
        self.event = event
        self.hasNewTitle = hasNewTitle
    }
}

/// Where the title of a chat comes from.
public enum TitleState: String, Sendable, CaseIterable {
    /// The first line of the first message.
    case firstLine = "line"
    /// That, until a model gives one.
    case wanted
    /// A model was asked; should the server have gone away meanwhile, it is asked once more.
    case retried
    /// The first line stays: no model gave one.
    case kept
    /// A model.
    case model
    /// A person, which is final.
    case person
}

/// A chat whose title a model is to give.
public struct UntitledChat: Sendable, Equatable {
    /// The chat.
    public let chat: ChatID
    /// Whose it is.
    public let owner: PrincipalID
    /// The first turn that completed.
    public let turn: TurnID

    /// Makes a value.
    public init(chat: ChatID, owner: PrincipalID, turn: TurnID) {
        self.chat = chat
        self.owner = owner
        self.turn = turn
    }
}
