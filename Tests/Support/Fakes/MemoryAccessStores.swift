public import Core
public import Domain
internal import Synchronization

/// Tokens in memory.
public final class MemoryTokenStore: TokenStore {
    private struct State {
        var rows: [Int64: (hash: [UInt8], token: AccessToken)] = [:]
        var touches = 0
        var changes: Int64 = 0
    }
    private let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// How often a use was stored.
    public var touchCount: Int { state.withLock { $0.touches } }

    /// As the port says.
    public func createToken(
        name: String,
        hash: [UInt8],
        permissions: Set<Permission>,
        expires: Timestamp?,
        at now: Timestamp
    ) async throws -> AccessToken {
        state.withLock { state in
            let token = AccessToken(
                id: Int64(state.rows.count + 1),
                name: name,
                permissions: permissions,
                created: now,
                expires: expires,
                lastUsed: nil,
                revoked: nil
            )
            state.rows[token.id] = (hash, token)
            return token
        }
    }

    /// As the port says.
    public func token(hash: [UInt8]) async throws -> AccessToken? {
        state.withLock { state in state.rows.values.first { $0.hash == hash }?.token }
    }

    /// As the port says.
    public func token(_ id: Int64) async throws -> AccessToken? {
        state.withLock { $0.rows[id]?.token }
    }

    /// As the port says.
    public func tokens() async throws -> [AccessToken] {
        state.withLock { $0.rows.values.map(\.token).sorted { $0.id < $1.id } }
    }

    /// As the port says.
    public func revokeToken(_ id: Int64, at now: Timestamp) async throws -> Bool {
        state.withLock { $0.changes += 1 }
        return change(id) { Self.copy($0, lastUsed: $0.lastUsed, revoked: $0.revoked ?? now) }
    }

    /// As the port says.
    public func liveTokens(among ids: Set<Int64>, at now: Timestamp) async throws -> Set<Int64> {
        state.withLock { state in
            ids.filter { id in
                guard let token = state.rows[id]?.token, token.revoked == nil else { return false }
                return token.expires.map { now < $0 } ?? true
            }
        }
    }

    /// As the port says.
    public func nextEnd(of ids: Set<Int64>, after now: Timestamp) async throws -> Timestamp? {
        let live = try await liveTokens(among: ids, at: now)
        return state.withLock { state in live.compactMap { state.rows[$0]?.token.expires }.min() }
    }

    /// As the port says.
    public func accessChanges() async throws -> Int64 { state.withLock { $0.changes } }

    /// As the port says.
    public func touchToken(_ id: Int64, at now: Timestamp) async throws {
        if change(id, { Self.copy($0, lastUsed: now, revoked: $0.revoked) }) {
            state.withLock { $0.touches += 1 }
        }
    }

    private func change(_ id: Int64, _ body: (AccessToken) -> AccessToken) -> Bool {
        state.withLock { state in
            guard let row = state.rows[id] else { return false }
            state.rows[id] = (row.hash, body(row.token))
            return true
        }
    }

    private static func copy(_ token: AccessToken, lastUsed: Timestamp?, revoked: Timestamp?) -> AccessToken {
        AccessToken(
            id: token.id,
            name: token.name,
            permissions: token.permissions,
            created: token.created,
            expires: token.expires,
            lastUsed: lastUsed,
            revoked: revoked
        )
    }
}

/// The audit log in memory.
public final class MemoryAuditStore: AuditStore {
    private let rows = Mutex<[AuditEntry]>([])

    /// Makes an empty log.
    public init() {}

    /// As the port says.
    public func record(_ entry: AuditEntry) async throws { rows.withLock { $0.append(entry) } }

    /// As the port says.
    public func entries(limit: Int) async throws -> [AuditEntry] {
        rows.withLock { Array($0.reversed().prefix(max(0, limit))) }
    }
}
