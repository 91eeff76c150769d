public import Core

/// A turn that was begun, or found by its key.
public struct BegunTurn: Sendable {
    /// The turn.
    public let turn: Turn
    /// The event that started it.
    public let event: ChatEvent
    /// The earlier turn with the same key was found; nothing was stored.
    public let wasRepeated: Bool
    /// Makes a value.
    public init(turn: Turn, event: ChatEvent, wasRepeated: Bool) {
        self.turn = turn
        self.event = event
        self.wasRepeated = wasRepeated
    }
}

/// What changes about a turn together with events.
public struct TurnChange: Sendable, Equatable {
    /// Where it stands.
    public var state: TurnState
    /// Why it ended so.
    public var reason: String?
    /// What it consumed so far.
    public var usage: TokenUsage
    /// The first line of the first message, as the title of a chat that has none; nil leaves it.
    public var title: String?
    /// A model is to give a title in place of the first line; see ``ChatStore/untitledChats()``.
    public var wantsTitle: Bool
    /// Makes a change.
    public init(
        state: TurnState,
        reason: String?,
        usage: TokenUsage,
        title: String? = nil,
        wantsTitle: Bool = false
    ) {
        self.state = state
        self.reason = reason
        self.usage = usage
        self.title = title
        self.wantsTitle = wantsTitle
    }
}

/// What a model is to be shown of a chat before a turn.
public struct EarlierContext: Sendable, Equatable {
    /// In place of the turns that it covers; nil without one.
    public var summary: ChatSummary?
    /// The turns that fit, newest first, each with its events.
    public var turns: [[ChatEvent]]
    /// How many turns are neither covered nor shown.
    public var leftOut: Int
    /// Makes a value.
    public init(summary: ChatSummary?, turns: [[ChatEvent]], leftOut: Int) {
        self.summary = summary
        self.turns = turns
        self.leftOut = leftOut
    }
}

/// Where a page of a list of chats ends: newest first, by the time of the last change.
public struct ChatCursor: Sendable, Equatable {
    /// The last chat's time.
    public let updated: Timestamp
    /// The last chat.
    public let id: ChatID
    /// Makes a cursor.
    public init(updated: Timestamp, id: ChatID) {
        self.updated = updated
        self.id = id
    }
}

/// Chats, turns, and the events that must not be lost.
///
/// Every verb that names an owner sees only that owner's chats, whatever ids it is given. What a verb stored is synced
/// to the disk when it returns. Errors: `Failure` as named; anything else is internal.
public protocol ChatStore: Sendable {
    /// The same chats as somebody with a scope sees them: what lies elsewhere does not exist, whoever owns it. Without a
    /// scope, this store.
    func limited(to scope: Scope?) -> any ChatStore
    /// Makes a chat; the earlier one when the owner has one with the same key at the same place.
    func create(_ draft: ChatDraft, owner: PrincipalID, at now: Timestamp) async throws -> Chat
    /// The chat, or nil.
    func chat(_ id: ChatID, owner: PrincipalID) async throws -> Chat?
    /// The owner's chat with this key at a place (nil for operators' chats), or nil.
    func chat(key: String, at place: Place?, owner: PrincipalID) async throws -> Chat?
    /// The owner's chats, newest first.
    ///
    /// With `search`, those of which the title or one message has all of the words (or longer words that begin with
    /// them), without regard to case; very common words are looked for in the newest chats only.
    func chats(of owner: PrincipalID, matching search: String?, after cursor: ChatCursor?, limit: Int)
        async throws
        -> Page<Chat>
    /// Changes a chat; nil when there is none.
    ///
    /// A model's title takes the place of a first line only. With a title that is taken while no turn works, an event
    /// (`chat.titled`, of no turn, with a number above `floor` and above all stored and reserved ones) is stored.
    func change(
        _ id: ChatID,
        owner: PrincipalID,
        _ change: ChatChange,
        above floor: Int64,
        at now: Timestamp
    ) async throws -> ChangedChat?
    /// Chats whose title a model is to give, of all owners, oldest first; for the start of the server.
    func untitledChats() async throws -> [UntitledChat]
    /// Notes that a model is asked for a title now; false when none is wanted (any more): each chat has two tries.
    func takeTitleTry(of chat: ChatID, owner: PrincipalID) async throws -> Bool
    /// Notes that the model gave no title: the first line stays.
    func keepTitle(of chat: ChatID, owner: PrincipalID) async throws
    /// Forgets a chat with all that belongs to it; false when there is none; `turn_working` (conflict) while a turn works.
    func remove(_ id: ChatID, owner: PrincipalID) async throws -> Bool
    /// Notes that the owner reads these chats, those that were not used since `edge`; returns how many were.
    func noteUse(of chats: [ChatID], owner: PrincipalID, unlessSince edge: Timestamp, at now: Timestamp)
        async throws -> Int
    /// Forgets chats in which nothing was said, changed or read since, oldest first; returns which. Chats with a working turn
    /// stay, and those with a share that was not revoked and lasts until then.
    func removeUnused(since deadline: Timestamp, limit: Int) async throws -> [ChatID]

    /// Begins a turn: the turn, its first event (`turn.started`, with a number above `floor` and above all stored and
    /// reserved ones) and what it supersedes, in one transaction.
    ///
    /// The same key gives the earlier turn (`key_reused`, conflict, when the message differs). `chat_not_found`;
    /// `turn_working` (conflict) while another one works; `turn_not_found` when there is none to replace, or when it was
    /// replaced before.
    func begin(_ draft: TurnDraft, in chat: ChatID, owner: PrincipalID, above floor: Int64, at now: Timestamp)
        async throws -> BegunTurn
    /// Stores events of the working turn, none of them deltas, and what changes with them; `turn_over` (conflict) when
    /// it does not work any more.
    ///
    /// `reserved` is the highest number that may be given to deltas before the next call of this: it is remembered, so
    /// that no number is given twice even if the deltas are lost in a power cut. It takes the place of what was reserved
    /// before, so the last call of a turn reserves nothing (0, or the last event's number) and leaves no gap.
    func record(
        _ events: [ChatEvent],
        of turn: Turn,
        _ change: TurnChange,
        reserving reserved: Int64,
        at now: Timestamp
    )
        async throws
    /// Notes that a turn is to end, if it works; false when it does not, or when there is none.
    ///
    /// ``Turn/isCancelWanted`` from then on, until its end is recorded.
    func wantCancel(of turn: TurnID, owner: PrincipalID) async throws -> Bool
    /// The turn, or nil.
    func turn(_ id: TurnID, owner: PrincipalID) async throws -> Turn?
    /// Turns of a chat, newest first.
    func turns(of chat: ChatID, owner: PrincipalID, before turn: TurnID?, limit: Int) async throws -> Page<
        Turn
    >
    /// Events of a chat with higher numbers, in order; no deltas. Empty for a chat of somebody else.
    func events(of chat: ChatID, owner: PrincipalID, after number: Int64, limit: Int) async throws
        -> [ChatEvent]
    /// All events of one turn, in order; no deltas.
    func events(of turn: TurnID, owner: PrincipalID) async throws -> [ChatEvent]
    /// What a model is to be shown of earlier turns: those before `turn` that are not superseded, newest first, each with
    /// its events of the kinds turn.started, model.finished, tool.finished and turn.finished in order, as long as all of
    /// them together have no more than `maximumBytes`, hidden parts included. Turns that the newest summary covers are
    /// not among them; a summary that covers a superseded turn does not count. `leftOut` counts the turns beyond: even
    /// the newest, if it alone is larger. The cost depends on what is returned, not on the chat's length.
    func context(of chat: ChatID, owner: PrincipalID, before turn: TurnID, maximumBytes: Int) async throws
        -> EarlierContext
    /// The newest turn before `turn` that is not superseded; nil for none. Costs the same in any chat.
    func lastShownTurn(of chat: ChatID, owner: PrincipalID, before turn: TurnID) async throws -> TurnID?
    /// Turns that work, oldest first, of all owners; for the start of the server.
    func workingTurns() async throws -> [Turn]
    /// The highest number that may have been given in a chat: stored, or reserved for deltas; 0 for no chat.
    func reservedNumber(of chat: ChatID) async throws -> Int64
}

extension ChatStore {
    /// The owner's chat with this key that belongs to no place, or nil.
    public func chat(key: String, owner: PrincipalID) async throws -> Chat? {
        try await chat(key: key, at: nil, owner: owner)
    }
}

/// Deltas: written before they are sent, so that they survive the end of the server; not synced.
///
/// They live apart from the main store, so that they are not in its way. What is lost of them in a power cut stands in
/// the complete events of the ``ChatStore``.
public protocol ChatDeltaStore: Sendable {
    /// Writes events; returns when they survive the end of the process.
    func append(_ events: [ChatEvent], to chat: ChatID) async throws
    /// Deltas with numbers in a range, in order.
    func events(of chat: ChatID, after number: Int64, through last: Int64, limit: Int) async throws
        -> [ChatEvent]
    /// Deltas of one turn, in order.
    func events(of turn: TurnID, in chat: ChatID) async throws -> [ChatEvent]
    /// The highest number that is stored of a chat; 0 for none.
    func lastNumber(of chat: ChatID) async throws -> Int64
    /// Forgets the deltas of chats.
    func remove(_ chats: [ChatID]) async throws
    /// Forgets the deltas that are older, except those of chats in which a turn works: it may need them yet.
    func removeOld(before deadline: Timestamp, except kept: Set<ChatID>) async throws
}
