internal import Core
internal import Domain
internal import SQL

extension SQLChatStore {
    func create(_ draft: ChatDraft, owner: PrincipalID, at now: Timestamp) async throws -> Chat {
        let owned = owned(by: owner)
        return try await gate.write { db in
            if let key = draft.key, let earlier = try db.chat(key: key, at: draft.place, owned) {
                return earlier
            }
            let row = try db.first(
                """
                insert into chats (owner, key, title, title_state, model, created, updated,
                    client_id, brand_id, location_id)
                values (\(owner.rawValue), \(draft.key), \(draft.title), \(draft.title.map { _ in "person" }),
                    \(draft.model?.description), \(now), \(now), \(draft.place?.client.rawValue),
                    \(draft.place?.brand?.rawValue), \(draft.place?.location?.rawValue))
                returning \(ChatRow.columns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new chat was not returned") }
            let chat = try ChatRow.chat(row)
            if let title = draft.title { try db.index(title, as: 0, in: chat.id, of: owner) }
            return chat
        }
    }

    func chat(_ id: ChatID, owner: PrincipalID) async throws -> Chat? {
        let owned = owned(by: owner)
        return try await gate.read { db in try db.chat(id, owned) }
    }

    func chat(key: String, at place: Place?, owner: PrincipalID) async throws -> Chat? {
        let owned = owned(by: owner)
        return try await gate.read { db in try db.chat(key: key, at: place, owned) }
    }

    func chats(
        of owner: PrincipalID,
        matching search: String?,
        after cursor: ChatCursor?,
        limit: Int
    ) async throws -> Page<Chat> {
        let owned = owned(by: owner)
        guard let condition = ChatSearch.condition(search, owner: owner) else {
            return Page(elements: [], hasMore: false)
        }
        let edge = cursor ?? ChatCursor(updated: Timestamp(microseconds: .max), id: ChatID(.max))
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(ChatRow.columns) from chats
                where \(owned) and (updated, id) < (\(edge.updated), \(edge.id.rawValue)) and \(condition)
                order by updated desc, id desc limit \(Page<Chat>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, ChatRow.chat)
        }
    }

    func remove(_ id: ChatID, owner: PrincipalID) async throws -> Bool {
        let owned = owned(by: owner)
        return try await gate.write { db in
            guard let chat = try db.chat(id, owned) else { return false }
            guard chat.workingTurn == nil else { throw Self.working }
            try db.removeChat(id)
            return true
        }
    }

    func noteUse(of chats: [ChatID], owner: PrincipalID, unlessSince edge: Timestamp, at now: Timestamp)
        async throws -> Int
    {
        let owned = owned(by: owner)
        // A read that finds nothing to note waits for no disk.
        let old = try await gate.read { db in
            try chats.filter {
                try db.first(
                    "select 1 from chats where id = \($0.rawValue) and max(updated, read) < \(edge) and \(owned)"
                ) != nil
            }
        }
        guard !old.isEmpty else { return 0 }
        return try await gate.write { db in
            for chat in old {
                try db.execute("update chats set read = \(now) where id = \(chat.rawValue) and \(owned)")
            }
            return old.count
        }
    }

    func removeUnused(since deadline: Timestamp, limit: Int) async throws -> [ChatID] {
        try await gate.write { db in
            let chats = try db.all(
                """
                select id from chats where updated < \(deadline) and read < \(deadline)
                    and not exists (select 1 from turns t where t.chat_id = chats.id and t.state = 'working')
                    and not exists (select 1 from shares s
                        where s.chat_id = chats.id and s.revoked is null and s.expires >= \(deadline))
                order by updated limit \(max(limit, 0))
                """
            ).map { ChatID(try $0.get(0)) }
            for chat in chats { try db.removeChat(chat) }
            return chats
        }
    }

    static var working: Failure {
        Failure(
            .conflict,
            code: "turn_working",
            message: "The assistant is at work in this chat.",
            hint: "Wait for the end of the turn, or cancel it."
        )
    }
}

extension Connection {
    fileprivate func chat(key: String, at place: Place?, _ owned: SQLStatement) throws -> Chat? {
        try first(
            """
            select \(ChatRow.columns) from chats where key = \(key) and \(owned)
                and coalesce(client_id, 0) = \(place?.client.rawValue ?? 0)
                and coalesce(brand_id, 0) = \(place?.brand?.rawValue ?? 0)
                and coalesce(location_id, 0) = \(place?.location?.rawValue ?? 0)
            """
        ).map(ChatRow.chat)
    }

    fileprivate func removeChat(_ id: ChatID) throws {
        let (low, high) = (id.firstRowKey, id.lastRowKey)
        try execute("delete from chat_search where rowid >= \(low) and rowid <= \(high)")
        try execute("delete from chat_summaries where id > \(low) and id <= \(high)")
        try execute("delete from chat_events where id > \(low) and id <= \(high)")
        try execute("delete from turns where chat_id = \(id.rawValue)")
        try execute("delete from shares where chat_id = \(id.rawValue)")
        try execute("delete from context_readings where chat_id = \(id.rawValue)")
        try execute("delete from chats where id = \(id.rawValue)")
    }
}
