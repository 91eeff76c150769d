public import Core
public import Domain
internal import Synchronization

/// Chats, turns and events in memory, with failures on demand.
public final class FakeChatStore: ChatStore {
    struct Row {
        var chat: Chat
        var reserved: Int64 = 0
        var read = Timestamp(microseconds: 0)
        var turns: [Turn] = []
        var events: [ChatEvent] = []
        /// What is searched: the title as number 0, and messages under their numbers.
        var texts: [Int64: String] = [:]
    }

    struct State {
        var rows: [ChatID: Row] = [:]
        var lastChat: Int64 = 0
        var lastTurn: Int64 = 0
        var failures: [StoreVerb: Int] = [:]
        var calls: [StoreVerb: Int] = [:]
        var heldKind: ChatEventKind?
        var held = 0
    }

    let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// The verbs that can be made to fail.
    public enum StoreVerb: Sendable, Hashable {
        case begin, record, events, context
    }

    /// What a failing verb throws: internal, as a broken disk would be.
    public struct Broken: Error {
        /// Makes the error.
        public init() {}
    }

    /// Makes the next `times` calls of a verb fail.
    public func fail(_ verb: StoreVerb, times: Int) { state.withLock { $0.failures[verb] = times } }

    /// Keeps facts of a kind from being stored: whoever records one waits until it is cancelled, and nothing is stored then.
    public func hold(_ kind: ChatEventKind) { state.withLock { $0.heldKind = kind } }

    /// How many facts were held.
    public var heldCount: Int { state.withLock { $0.held } }

    func holdBack(_ events: [ChatEvent]) async throws {
        let isHeld = state.withLock { state in
            let isHeld = events.contains { $0.kind == state.heldKind }
            if isHeld { state.held += 1 }
            return isHeld
        }
        while isHeld { try await Task.sleep(for: .seconds(3_600)) }
    }

    /// How often a verb was called, failed calls included.
    public func calls(of verb: StoreVerb) -> Int { state.withLock { $0.calls[verb] ?? 0 } }

    func enter(_ verb: StoreVerb, _ state: inout State) throws {
        state.calls[verb, default: 0] += 1
        guard let left = state.failures[verb], left > 0 else { return }
        state.failures[verb] = left - 1
        throw Broken()
    }

    /// The store itself: only the stores that are used look at scopes.
    public func limited(to scope: Scope?) -> any ChatStore { self }

    /// As the port says.
    public func create(_ draft: ChatDraft, owner: PrincipalID, at now: Timestamp) async throws -> Chat {
        state.withLock { state in
            if let key = draft.key, let row = state.row(key: key, draft.place, owner: owner) {
                return row.chat
            }
            state.lastChat += 1
            let chat = Chat(
                id: ChatID(state.lastChat),
                owner: owner,
                key: draft.key,
                title: draft.title,
                model: draft.model,
                created: now,
                updated: now,
                lastEvent: 0,
                workingTurn: nil,
                place: draft.place,
                titleState: draft.title.map { _ in .person }
            )
            state.rows[chat.id] = Row(chat: chat)
            state.rows[chat.id]?.texts[0] = draft.title
            return chat
        }
    }

    /// As the port says.
    public func chat(_ id: ChatID, owner: PrincipalID) async throws -> Chat? {
        state.withLock { $0.row(id, owner)?.chat }
    }

    /// As the port says.
    public func chat(key: String, at place: Place?, owner: PrincipalID) async throws -> Chat? {
        state.withLock { $0.row(key: key, place, owner: owner)?.chat }
    }

    /// As the port says.
    public func chats(
        of owner: PrincipalID,
        matching search: String?,
        after cursor: ChatCursor?,
        limit: Int
    ) async throws -> Page<Chat> {
        let isWanted = Self.predicate(search)
        let found = state.withLock { state in
            state.rows.values.filter { $0.chat.owner == owner && isWanted($0) }.map(\.chat)
        }
        .sorted { ($0.updated, $0.id) > ($1.updated, $1.id) }
        .filter { chat in cursor.map { (chat.updated, chat.id) < ($0.updated, $0.id) } ?? true }
        return Page(elements: Array(found.prefix(max(limit, 0))), hasMore: found.count > max(limit, 0))
    }

    private static func predicate(_ search: String?) -> @Sendable (Row) -> Bool {
        guard let search, !search.trimmed.isEmpty else { return { _ in true } }
        let words = ChatWords.words(of: search).prefix(8)
        guard !words.isEmpty else { return { _ in false } }
        return { row in
            row.texts.values.contains { text in
                let has = ChatWords.words(of: text)
                return words.allSatisfy { word in
                    has.contains { word.unicodeScalars.count < 3 ? $0 == word : $0.hasPrefix(word) }
                }
            }
        }
    }

    /// As the port says.
    public func remove(_ id: ChatID, owner: PrincipalID) async throws -> Bool {
        try state.withLock { state in
            guard let row = state.row(id, owner) else { return false }
            guard row.chat.workingTurn == nil else {
                throw Failure(.conflict, code: "turn_working", message: "The assistant is at work.")
            }
            state.rows[id] = nil
            return true
        }
    }

    /// As the port says.
    public func noteUse(
        of chats: [ChatID],
        owner: PrincipalID,
        unlessSince edge: Timestamp,
        at now: Timestamp
    ) async throws -> Int {
        state.withLock { state in
            let old = chats.filter {
                state.row($0, owner).map { max($0.chat.updated, $0.read) < edge } ?? false
            }
            for id in old { state.rows[id]?.read = now }
            return old.count
        }
    }

    /// As the port says.
    public func removeUnused(since deadline: Timestamp, limit: Int) async throws -> [ChatID] {
        state.withLock { state in
            let due = state.rows.values.filter { $0.read < deadline }.map(\.chat)
                .filter { $0.updated < deadline && $0.workingTurn == nil }
                .sorted { ($0.updated, $0.id) < ($1.updated, $1.id) }
                .prefix(max(limit, 0)).map(\.id)
            for id in due { state.rows[id] = nil }
            return Array(due)
        }
    }

    /// As the port says.
    public func reservedNumber(of chat: ChatID) async throws -> Int64 {
        state.withLock { state in state.rows[chat].map { max($0.reserved, $0.chat.lastEvent) } ?? 0 }
    }
}

extension FakeChatStore.State {
    func row(_ id: ChatID, _ owner: PrincipalID) -> FakeChatStore.Row? {
        rows[id].flatMap { $0.chat.owner == owner ? $0 : nil }
    }

    func row(key: String, _ place: Place?, owner: PrincipalID) -> FakeChatStore.Row? {
        rows.values.first { $0.chat.owner == owner && $0.chat.key == key && $0.chat.place == place }
    }
}
