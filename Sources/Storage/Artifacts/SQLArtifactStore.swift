internal import Core
internal import Domain
internal import SQL

struct SQLArtifactStore: ArtifactStore {
    let gate: StorageGate
    let filter: OwnerFilter
    let scopes: ScopeFilter

    // MARK: For turns

    func keep(_ draft: ArtifactDraft, within quota: ArtifactQuota, at now: Timestamp) async throws -> Artifact
    {
        let home = draft.home
        return try await gate.write { db in
            if let earlier = try db.artifact(by: draft.origin, in: home.turn) { return earlier }
            let mine: SQLStatement = "owner = \(home.owner.rawValue)"
            try quota.admit(draft.size, beside: try db.artifactUsage(mine, home.place?.client))
            let row = try db.first(
                """
                insert into artifacts (owner, client_id, brand_id, location_id, chat_id, turn_id, source, origin, type,
                    title, media_type, size, digest, created, expires)
                values (\(home.owner.rawValue), \(home.place?.client.rawValue), \(home.place?.brand?.rawValue),
                    \(home.place?.location?.rawValue), \(home.chat.rawValue), \(home.turn.rawValue),
                    \(draft.origin.source.rawValue), \(draft.origin.key), \(draft.kind.rawValue),
                    \(draft.title.rawValue), \(draft.format.rawValue), \(draft.size), \(draft.digest.bytes),
                    \(now), \(draft.expires))
                returning \(ArtifactRow.columns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new artifact was not returned") }
            let made = try ArtifactRow.artifact(row)
            try db.record(Self.entry("artifact.create", made.id, draft.digest, by: home.owner, at: now))
            return made
        }
    }

    func made(by origin: ArtifactOrigin, in turn: TurnID) async throws -> Artifact? {
        try await gate.read { db in try db.artifact(by: origin, in: turn) }
    }

    // MARK: For people

    func artifact(_ id: ArtifactID, owner: PrincipalID, in scope: Scope?) async throws -> Artifact? {
        let owned = filter.clause(.artifact, owner: owner)
        let admitted = scopes.clause(.artifact, scope)
        return try await gate.read { db in
            try db.first(
                """
                select \(ArtifactRow.columns) from artifacts
                where id = \(id.rawValue) and \(owned) and \(admitted)
                """
            ).map(ArtifactRow.artifact)
        }
    }

    func artifacts(
        of owner: PrincipalID,
        in scope: Scope?,
        chat: ChatID?,
        before id: ArtifactID?,
        limit: Int
    ) async throws -> Page<Artifact> {
        let owned = filter.clause(.artifact, owner: owner)
        let admitted = scopes.clause(.artifact, scope)
        let inChat: SQLStatement = if let chat { "chat_id = \(chat.rawValue)" } else { "1 = 1" }
        let edge = id?.rawValue ?? .max
        return try await gate.read { db in
            let rows = try db.all(
                """
                select \(ArtifactRow.columns) from artifacts
                where \(owned) and \(admitted) and \(inChat) and id < \(edge)
                order by id desc limit \(Page<Artifact>.rows(for: limit))
                """
            )
            return try Page(rows, limit: limit, ArtifactRow.artifact)
        }
    }

    func remove(_ id: ArtifactID, owner: PrincipalID, in scope: Scope?, at now: Timestamp) async throws
        -> Bool
    {
        let owned = filter.clause(.artifact, owner: owner)
        let admitted = scopes.clause(.artifact, scope)
        return try await gate.write { db in
            let row = try db.first(
                """
                delete from artifacts where id = \(id.rawValue) and \(owned) and \(admitted) returning digest
                """
            )
            guard let row else { return false }
            let digest = try ArtifactRow.digest(try row.get(0))
            try db.record(Self.entry("artifact.delete", id, digest, by: owner, at: now))
            return true
        }
    }

    func usage(of owner: PrincipalID, client: ClientID?) async throws -> ArtifactUsage {
        let owned = filter.clause(.artifact, owner: owner)
        return try await gate.read { db in try db.artifactUsage(owned, client) }
    }

    // MARK: Upkeep

    func expire(at now: Timestamp, limit: Int) async throws -> [ArtifactDigest] {
        try await gate.write { db in
            let rows = try db.all(
                """
                delete from artifacts where id in
                    (select id from artifacts where expires <= \(now) order by expires limit \(max(limit, 0)))
                returning id, digest
                """
            )
            return try rows.map { row in
                let id = ArtifactID(try row.get(0))
                let digest = try ArtifactRow.digest(try row.get(1))
                try db.record(Self.entry("artifact.expire", id, digest, by: Self.server, at: now))
                return digest
            }
        }
    }

    func unheld(among digests: [ArtifactDigest]) async throws -> [ArtifactDigest] {
        try await gate.read { db in
            try digests.filter { digest in
                try db.first("select 1 from artifacts where digest = \(digest.bytes) limit 1") == nil
            }
        }
    }

    private static let server = PrincipalID("server")

    private static func entry(
        _ action: String,
        _ id: ArtifactID,
        _ digest: ArtifactDigest,
        by principal: PrincipalID,
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(
            time: now,
            principal: principal,
            action: action,
            subject: "artifact/\(id)",
            detail: #"{"sha256":"\#(digest.hex)"}"#
        )
    }
}

extension Connection {
    fileprivate func artifact(by origin: ArtifactOrigin, in turn: TurnID) throws -> Artifact? {
        try first(
            """
            select \(ArtifactRow.columns) from artifacts
            where turn_id = \(turn.rawValue) and source = \(origin.source.rawValue) and origin = \(origin.key)
            """
        ).map(ArtifactRow.artifact)
    }

    fileprivate func artifactUsage(_ owned: SQLStatement, _ client: ClientID?) throws -> ArtifactUsage {
        let own = try first("select count(*), coalesce(sum(size), 0) from artifacts where \(owned)")
        var usage = ArtifactUsage(count: 0, bytes: 0, bytesOfClient: 0)
        if let own { usage = ArtifactUsage(count: try own.get(0), bytes: try own.get(1), bytesOfClient: 0) }
        guard let client else { return usage }
        let all = try first(
            "select coalesce(sum(size), 0) from artifacts where client_id = \(client.rawValue)"
        )
        usage.bytesOfClient = try all?.get(0) ?? 0
        return usage
    }
}
