internal import Core
internal import Domain
internal import SQL

extension SQLChatStore {
    func change(
        _ id: ChatID,
        owner: PrincipalID,
        _ change: ChatChange,
        above floor: Int64,
        at now: Timestamp
    ) async throws -> ChangedChat? {
        let owned = owned(by: owner)
        return try await gate.write { db in
            let changed = try db.execute(
                """
                update chats set updated = max(updated, \(now)),
                model = case when \(change.forgetsModel) then null else coalesce(\(change.model?.description), model) end
                where id = \(id.rawValue) and \(owned)
                """
            )
            guard changed > 0, let before = try db.chat(id, owned) else { return nil }
            let hasNewTitle =
                try change.title.map { try db.entitle(before, $0, change.isModelTitle) } ?? false
            var event: ChatEvent?
            if hasNewTitle, let title = change.title, before.workingTurn == nil {
                let number = try db.nextNumber(in: before, above: floor)
                let told = ChatEvent(.chatTitled(title), number: number, turn: .none, at: now)
                try db.insert([told], into: id)
                try db.touch(id, [told], number, at: now)
                event = told
            }
            guard let chat = try db.chat(id, owned) else { return nil }
            return ChangedChat(chat: chat, event: event, hasNewTitle: hasNewTitle)
        }
    }

    func untitledChats() async throws -> [UntitledChat] {
        try await gate.read { db in
            try db.all(
                """
                select c.id, c.owner, (select min(t.id) from turns t where t.chat_id = c.id and t.state = 'completed')
                from chats c where c.title_state in ('wanted', 'retried') order by c.id
                """
            ).compactMap { row in
                try row.get(2, as: Int64?.self).map {
                    UntitledChat(
                        chat: ChatID(try row.get(0)),
                        owner: PrincipalID(try row.get(1)),
                        turn: TurnID($0)
                    )
                }
            }
        }
    }

    func takeTitleTry(of chat: ChatID, owner: PrincipalID) async throws -> Bool {
        let owned = owned(by: owner)
        return try await gate.write { db in
            try db.execute(
                """
                update chats set title_state = case title_state when 'wanted' then 'retried' else 'kept' end
                where id = \(chat.rawValue) and title_state in ('wanted', 'retried') and \(owned)
                """
            ) > 0
        }
    }

    func keepTitle(of chat: ChatID, owner: PrincipalID) async throws {
        let owned = owned(by: owner)
        try await gate.write { db in
            _ = try db.execute(
                """
                update chats set title_state = 'kept'
                where id = \(chat.rawValue) and title_state in ('wanted', 'retried') and \(owned)
                """
            )
        }
    }
}

extension Connection {
    /// Gives a chat a title; false when it is a model's and a person gave one.
    fileprivate func entitle(_ chat: Chat, _ title: String, _ isModelTitle: Bool) throws -> Bool {
        let states: SQLStatement =
            isModelTitle
            ? "(title_state in ('line', 'wanted', 'retried', 'kept') or title_state = 'model' and title = \(title))"
            : "1 = 1"
        let given = try execute(
            """
            update chats set title = \(title), title_state = \(isModelTitle ? "model" : "person")
            where id = \(chat.id.rawValue) and \(states)
            """
        )
        guard given > 0 else { return false }
        try index(title, as: 0, in: chat.id, of: chat.owner)
        return true
    }
}
