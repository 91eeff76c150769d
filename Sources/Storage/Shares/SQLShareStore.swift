internal import Core
internal import Domain
internal import SQL

struct SQLShareStore: ShareStore {
    /// In the order in which ``share(_:)`` reads them.
    private static let columns: SQLStatement = """
        id, chat_id, owner, title, last_event, includes_output, created, expires, revoked, last_used
        """
    /// Those of which a reader sees something.
    private static let shownKinds: SQLStatement = """
        ('turn.started', 'model.finished', 'model.interrupted', 'tool.finished', 'turn.finished')
        """

    let gate: StorageGate
    let filter: OwnerFilter
    var scopes = ScopeFilter()
    /// Shares of chats that lie elsewhere do not exist.
    var scope: Scope?

    func limited(to scope: Scope?) -> any ShareStore {
        var store = self
        store.scope = scope
        return store
    }

    /// The condition that a share belongs to somebody, and its chat lies in the scope.
    private func owned(by owner: PrincipalID, verb: String = #function) -> SQLStatement {
        "\(filter.clause(.share, owner: owner, verb: verb)) and \(scopes.clause(.share, ofChatIn: scope))"
    }

    func createShare(_ draft: ShareDraft, tokenDigest: [UInt8], limit: Int, at now: Timestamp) async throws
        -> Share?
    {
        let lastEvent: Int64? = if case .snapshot(let last) = draft.extent { last } else { nil }
        return try await gate.write { db in
            let row = try db.first(
                """
                insert into shares (chat_id, owner, token, title, last_event, includes_output, created, expires)
                select \(draft.chat.rawValue), \(draft.owner.rawValue), \(tokenDigest), \(draft.title),
                    \(lastEvent), \(draft.includesOutput), \(now), \(draft.expires)
                where (select count(*) from shares
                    where owner = \(draft.owner.rawValue) and revoked is null and expires > \(now)) < \(limit)
                returning \(Self.columns)
                """
            )
            return try row.map(Self.share)
        }
    }

    func share(tokenDigest: [UInt8]) async throws -> Share? {
        try await gate.read { db in
            try db.first("select \(Self.columns) from shares where token = \(tokenDigest)").map(Self.share)
        }
    }

    func share(_ id: ShareID, owner: PrincipalID) async throws -> Share? {
        let owned = self.owned(by: owner)
        return try await gate.read { db in
            try db.first("select \(Self.columns) from shares where id = \(id.rawValue) and \(owned)").map(
                Self.share
            )
        }
    }

    func shares(of owner: PrincipalID, before cursor: ShareID?, limit: Int) async throws -> Page<Share> {
        let owned = self.owned(by: owner)
        let edge = cursor?.rawValue ?? .max
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(Self.columns) from shares where \(owned) and id < \(edge) order by id desc
                limit \(Page<Share>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, Self.share)
        }
    }

    func revokeShare(_ id: ShareID, owner: PrincipalID, at now: Timestamp) async throws -> Bool {
        let owned = self.owned(by: owner)
        return try await gate.write { db in
            try db.execute(
                """
                update shares set revoked = coalesce(revoked, \(now)) where id = \(id.rawValue) and \(owned)
                """
            ) > 0
        }
    }

    func revokeShares(of owner: PrincipalID, at now: Timestamp) async throws -> [Share] {
        let owned = self.owned(by: owner)
        return try await gate.write { db in
            try db.all(
                """
                update shares set revoked = \(now) where \(owned) and revoked is null and expires > \(now)
                returning \(Self.columns)
                """
            ).map(Self.share)
        }
    }

    func touchShare(_ id: ShareID, at now: Timestamp) async throws {
        let minute = Timestamp(seconds: now.seconds - now.seconds % 60)
        try await gate.write { db in
            _ = try db.execute(
                """
                update shares set last_used = \(minute)
                where id = \(id.rawValue) and (last_used is null or last_used < \(minute))
                """
            )
        }
    }

    func removeExpiredShares(before deadline: Timestamp, limit: Int) async throws -> Int {
        try await gate.write { db in
            try db.execute(
                """
                delete from shares where id in (
                    select id from shares where expires < \(deadline) order by expires limit \(max(limit, 0)))
                """
            )
        }
    }

    func facts(of share: Share, after number: Int64, startsOnly: Bool, maximumBytes: Int) async throws
        -> Page<ChatEvent>
    {
        let chat = share.chat
        let (low, high) = (chat.nearestRowKey(number), chat.nearestRowKey(share.extent.lastEvent))
        let kinds: SQLStatement = startsOnly ? "('turn.started')" : Self.shownKinds
        return try await gate.read { db in
            var events: [ChatEvent] = []
            var bytes = 0
            var hasMore = false
            try db.forEach(
                """
                select \(EventRow.deltaColumns) from chat_events
                where id > \(low) and id <= \(high) and kind in \(kinds) order by id
                """
            ) { row in
                let event = try EventRow.event(row)
                bytes += event.json.count
                hasMore = !events.isEmpty && bytes > maximumBytes
                if !hasMore { events.append(event) }
                return !hasMore
            }
            return Page(elements: events, hasMore: hasMore)
        }
    }

    private static func share(_ row: SQLRow) throws -> Share {
        var reader = SQLRowReader(row)
        return Share(
            id: ShareID(try reader.next()),
            chat: ChatID(try reader.next()),
            owner: PrincipalID(try reader.next()),
            title: try reader.next(),
            extent: try reader.next(as: Int64?.self).map { .snapshot(through: $0) } ?? .following,
            includesOutput: try reader.next(),
            created: try reader.next(),
            expires: try reader.next(),
            revoked: try reader.next(),
            lastUsed: try reader.next()
        )
    }
}
