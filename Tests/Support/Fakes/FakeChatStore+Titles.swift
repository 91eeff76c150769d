public import Core
public import Domain
internal import Synchronization

extension FakeChatStore {
    /// As the port says.
    public func change(
        _ id: ChatID,
        owner: PrincipalID,
        _ change: ChatChange,
        above floor: Int64,
        at now: Timestamp
    ) async throws -> ChangedChat? {
        try state.withLock { state in
            guard var row = state.row(id, owner) else { return nil }
            row.chat.model = change.forgetsModel ? nil : change.model ?? row.chat.model
            row.chat.updated = max(row.chat.updated, now)
            var event: ChatEvent?
            var hasNewTitle = false
            let isFinal =
                row.chat.titleState == .person
                || row.chat.titleState == .model && row.chat.title != change.title
            if let title = change.title, !change.isModelTitle || (row.chat.title != nil && !isFinal) {
                hasNewTitle = true
                row.chat.title = title
                row.chat.titleState = change.isModelTitle ? .model : .person
                row.texts[0] = title
                if row.chat.workingTurn == nil {
                    let number = max(floor, row.chat.lastEvent, row.reserved) + 1
                    let told = ChatEvent(.chatTitled(title), number: number, turn: .none, at: now)
                    try Self.add([told], reserving: number, to: &row, at: now)
                    event = told
                }
            }
            state.rows[id] = row
            return ChangedChat(chat: row.chat, event: event, hasNewTitle: hasNewTitle)
        }
    }

    /// As the port says.
    public func untitledChats() async throws -> [UntitledChat] {
        state.withLock { state in
            state.rows.values.sorted { $0.chat.id < $1.chat.id }.compactMap { row in
                guard row.chat.titleState == .wanted || row.chat.titleState == .retried,
                    let turn = row.turns.first(where: { $0.state == .completed })
                else { return nil }
                return UntitledChat(chat: row.chat.id, owner: row.chat.owner, turn: turn.id)
            }
        }
    }

    /// As the port says.
    public func takeTitleTry(of chat: ChatID, owner: PrincipalID) async throws -> Bool {
        state.withLock { state in
            guard let titled = state.row(chat, owner)?.chat.titleState,
                titled == .wanted || titled == .retried
            else { return false }
            state.rows[chat]?.chat.titleState = titled == .wanted ? .retried : .kept
            return true
        }
    }

    /// As the port says.
    public func keepTitle(of chat: ChatID, owner: PrincipalID) async throws {
        state.withLock { state in
            guard let titled = state.row(chat, owner)?.chat.titleState,
                titled == .wanted || titled == .retried
            else { return }
            state.rows[chat]?.chat.titleState = .kept
        }
    }
}
