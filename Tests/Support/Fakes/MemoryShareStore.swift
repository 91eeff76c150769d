public import Core
public import Domain
internal import Synchronization

/// Shares in memory, of chats in memory.
public final class MemoryShareStore: ShareStore {
    private struct Row {
        var share: Share
        var digest: [UInt8]
    }

    private let chats: FakeChatStore
    private let rows = Mutex<(last: Int64, rows: [Row])>((0, []))

    /// Makes an empty store of links to these chats.
    public init(chats: FakeChatStore) { self.chats = chats }

    /// The store itself: only the stores that are used look at scopes.
    public func limited(to scope: Scope?) -> any ShareStore { self }

    /// As the port says.
    public func createShare(
        _ draft: ShareDraft,
        tokenDigest: [UInt8],
        limit: Int,
        at now: Timestamp
    ) async throws -> Share? {
        rows.withLock { state in
            let live = state.rows.filter { $0.share.owner == draft.owner && $0.share.isLive(at: now) }
            guard live.count < limit else { return nil }
            state.last += 1
            let share = Share(
                id: ShareID(state.last),
                chat: draft.chat,
                owner: draft.owner,
                title: draft.title,
                extent: draft.extent,
                includesOutput: draft.includesOutput,
                created: now,
                expires: draft.expires
            )
            state.rows.append(Row(share: share, digest: tokenDigest))
            return share
        }
    }

    /// As the port says.
    public func share(tokenDigest: [UInt8]) async throws -> Share? {
        try await existing { $0.digest == tokenDigest }.first
    }

    /// As the port says.
    public func share(_ id: ShareID, owner: PrincipalID) async throws -> Share? {
        try await existing { $0.share.id == id && $0.share.owner == owner }.first
    }

    /// As the port says.
    public func shares(of owner: PrincipalID, before cursor: ShareID?, limit: Int) async throws
        -> Page<Share>
    {
        let all = try await existing { row in
            row.share.owner == owner && cursor.map { row.share.id < $0 } ?? true
        }.reversed()
        return Page(elements: Array(all.prefix(limit)), hasMore: all.count > limit)
    }

    /// As the port says.
    public func revokeShare(_ id: ShareID, owner: PrincipalID, at now: Timestamp) async throws -> Bool {
        guard try await share(id, owner: owner) != nil else { return false }
        change(id) { Self.copy($0, revoked: $0.revoked ?? now, lastUsed: $0.lastUsed) }
        return true
    }

    /// As the port says.
    public func revokeShares(of owner: PrincipalID, at now: Timestamp) async throws -> [Share] {
        var ended: [Share] = []
        for share in try await shares(of: owner, before: nil, limit: .max).elements
        where share.isLive(at: now) {
            _ = try await revokeShare(share.id, owner: owner, at: now)
            if let share = try await self.share(share.id, owner: owner) { ended.append(share) }
        }
        return ended
    }

    /// As the port says.
    public func touchShare(_ id: ShareID, at now: Timestamp) async throws {
        let minute = Timestamp(seconds: now.seconds - now.seconds % 60)
        change(id) { Self.copy($0, revoked: $0.revoked, lastUsed: max($0.lastUsed ?? minute, minute)) }
    }

    /// As the port says.
    public func removeExpiredShares(before deadline: Timestamp, limit: Int) async throws -> Int {
        rows.withLock { state in
            let due = state.rows.filter { $0.share.expires < deadline }
                .sorted { $0.share.expires < $1.share.expires }.prefix(limit).map(\.share.id)
            state.rows.removeAll { due.contains($0.share.id) }
            return due.count
        }
    }

    /// As the port says.
    public func facts(of share: Share, after number: Int64, startsOnly: Bool, maximumBytes: Int) async throws
        -> Page<ChatEvent>
    {
        let shown: Set<ChatEventKind> = [
            .turnStarted, .modelFinished, .modelInterrupted, .toolFinished, .turnFinished,
        ]
        let kinds = startsOnly ? [.turnStarted] : shown
        let all = try await chats.events(of: share.chat, owner: share.owner, after: number, limit: .max)
        var events: [ChatEvent] = []
        var bytes = 0
        for event in all where kinds.contains(event.kind) && event.number <= share.extent.lastEvent {
            bytes += event.json.count
            if !events.isEmpty, bytes > maximumBytes { return Page(elements: events, hasMore: true) }
            events.append(
                ChatEvent(
                    number: event.number,
                    turn: event.turn,
                    time: event.time,
                    kind: event.kind,
                    json: event.json,
                    hidden: nil
                )
            )
        }
        return Page(elements: events, hasMore: false)
    }

    /// Shares go with their chat.
    private func existing(_ condition: (Row) -> Bool) async throws -> [Share] {
        var found: [Share] = []
        for row in rows.withLock({ $0.rows }) where condition(row) {
            if try await chats.chat(row.share.chat, owner: row.share.owner) != nil { found.append(row.share) }
        }
        return found
    }

    private func change(_ id: ShareID, _ body: (Share) -> Share) {
        rows.withLock { state in
            guard let index = state.rows.firstIndex(where: { $0.share.id == id }) else { return }
            state.rows[index].share = body(state.rows[index].share)
        }
    }

    private static func copy(_ share: Share, revoked: Timestamp?, lastUsed: Timestamp?) -> Share {
        Share(
            id: share.id,
            chat: share.chat,
            owner: share.owner,
            title: share.title,
            extent: share.extent,
            includesOutput: share.includesOutput,
            created: share.created,
            expires: share.expires,
            revoked: revoked,
            lastUsed: lastUsed
        )
    }
}
