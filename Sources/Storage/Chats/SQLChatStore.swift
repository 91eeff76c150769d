internal import Core
internal import Domain
internal import SQL

/// Chats, turns and events as rows; the verbs are in the extensions, by subject.
struct SQLChatStore: ChatStore {
    let gate: StorageGate
    let filter: OwnerFilter
    let scopes: ScopeFilter
    /// Chats that lie elsewhere do not exist.
    var scope: Scope?

    func limited(to scope: Scope?) -> any ChatStore {
        var store = self
        store.scope = scope
        return store
    }

    /// The condition that a chat belongs to somebody, and lies in the scope.
    func owned(by owner: PrincipalID, verb: String = #function) -> SQLStatement {
        let isOwned = filter.clause(.chat, owner: owner, verb: verb)
        guard let scope else { return isOwned }
        return "\(isOwned) and \(scopes.clause(.chat, scope))"
    }

    /// The same of a turn's chat.
    func turnOwned(by owner: PrincipalID, verb: String = #function) -> SQLStatement {
        let isOwned = filter.clause(.chat, owner: owner, verb: verb)
        guard let scope else { return isOwned }
        return "\(isOwned) and chat_id in (select id from chats where \(scopes.clause(.chat, scope)))"
    }
}

extension Connection {
    /// The chat under a condition, or nil.
    func chat(_ id: ChatID, _ owned: SQLStatement) throws -> Chat? {
        try first("select \(ChatRow.columns) from chats where id = \(id.rawValue) and \(owned)").map(
            ChatRow.chat
        )
    }

    /// The turn under a condition, or nil.
    func turn(_ id: TurnID, _ owned: SQLStatement) throws -> Turn? {
        try first("select \(TurnRow.columns) from turns where id = \(id.rawValue) and \(owned)").map(
            TurnRow.turn
        )
    }
}

/// The keys of rows that belong to a chat and have a number there.
extension ChatID {
    /// The key of a number; `shape` for numbers and chats that cannot be.
    func rowKey(_ number: Int64) throws(SQLError) -> Int64 {
        guard (0...0xFFFF_FFFF).contains(number), (1...0x7FFF_FFFF).contains(rawValue) else {
            throw SQLError(.shape, message: "a chat or event has a number beyond what a row's key can hold")
        }
        return firstRowKey + number
    }

    /// The key below all events of the chat; of no chat for identities that none can have.
    var firstRowKey: Int64 { (0...0x7FFF_FFFF).contains(rawValue) ? rawValue << 32 : 0 }
    /// The highest key that the chat can have.
    var lastRowKey: Int64 { firstRowKey + 0xFFFF_FFFF }

    /// The key of a number that may be any, brought into the chat's range.
    func nearestRowKey(_ number: Int64) -> Int64 { firstRowKey + min(max(number, 0), 0xFFFF_FFFF) }
}
