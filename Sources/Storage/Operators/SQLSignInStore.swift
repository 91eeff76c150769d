internal import Core
internal import Domain
internal import SQL

struct SQLSignInStore: SignInStore {
    /// Ended sign-ins are kept for this long, for whoever asks why they have to sign in again.
    private static let memory = Duration.seconds(30 * 86_400)
    private static let columns: SQLStatement =
        """
        sign_ins.id as id, operator_id, kind, sign_ins.epoch as epoch, sign_ins.created as created, expires, last_seen,
        ended
        """

    let gate: StorageGate
    let filter: OwnerFilter

    func beginSignIn(
        _ kind: SignInKind,
        of person: Operator,
        secretDigest: [UInt8]?,
        expires: Timestamp,
        limit: Int,
        at now: Timestamp
    ) async throws -> SignIn? {
        let owner = person.id.rawValue
        return try await gate.write { db in
            let row = try db.first(
                """
                insert into sign_ins (operator_id, kind, secret, epoch, created, expires, last_seen)
                select id, \(kind.rawValue), \(secretDigest), epoch, \(now), \(expires), \(now) from operators
                where id = \(owner) and epoch = \(person.epoch) and disabled is null
                returning \(Self.columns)
                """
            )
            guard let row else { return nil }
            let old = now - Self.memory
            try db.execute(
                """
                delete from sign_ins where operator_id = \(owner)
                    and (ended < \(old) or expires < \(old))
                """
            )
            let ended = try db.execute(
                """
                update sign_ins set ended = \(now) where id in (
                    select id from sign_ins where operator_id = \(owner) and ended is null and expires > \(now)
                        and epoch = \(person.epoch)
                    order by id desc limit -1 offset \(limit))
                """
            )
            if ended > 0 { try db.countAccessChange() }
            return try Self.signIn(row)
        }
    }

    func signIn(secretDigest: [UInt8]) async throws -> KnownSignIn? {
        try await known("secret = \(secretDigest)")
    }

    func signIn(_ id: SignInID) async throws -> KnownSignIn? {
        try await known("sign_ins.id = \(id.rawValue)")
    }

    private func known(_ condition: SQLStatement) async throws -> KnownSignIn? {
        try await gate.read { db in
            let row = try db.first(
                """
                select \(Self.columns), \(OperatorRow.columns) from sign_ins
                join operators on operators.id = operator_id where \(condition)
                """
            )
            guard let row else { return nil }
            return KnownSignIn(signIn: try Self.signIn(row), person: try OperatorRow.person(row))
        }
    }

    func signIns(of owner: OperatorID, at now: Timestamp) async throws -> [SignIn] {
        let isOwn = filter.clause(.signIn, owner: owner)
        return try await gate.read { db in
            try db.all(
                """
                select \(Self.columns) from sign_ins join operators on operators.id = operator_id
                where \(isOwn) and \(Self.isLive(at: now)) order by sign_ins.id desc
                """
            ).map(Self.signIn)
        }
    }

    func endSignIn(_ id: SignInID, of owner: OperatorID, at now: Timestamp) async throws -> Bool {
        let isOwn = filter.clause(.signIn, owner: owner)
        return try await gate.write { db in
            let ended = try db.execute(
                """
                update sign_ins set ended = \(now) where id = \(id.rawValue) and \(isOwn) and ended is null
                    and expires > \(now)
                """
            )
            if ended > 0 { try db.countAccessChange() }
            return ended > 0
        }
    }

    func touchSignIn(_ id: SignInID, lastSeen: Timestamp, expires: Timestamp) async throws {
        try await gate.write { db in
            _ = try db.execute(
                """
                update sign_ins set last_seen = max(last_seen, \(lastSeen)), expires = max(expires, \(expires))
                where id = \(id.rawValue) and ended is null
                """
            )
        }
    }

    func liveSignIns(among ids: Set<SignInID>, at now: Timestamp) async throws -> Set<SignInID> {
        let ids = ids.sorted { $0.rawValue < $1.rawValue }
        return try await gate.read { db in
            var live: Set<SignInID> = []
            for id in ids {
                let row = try db.first(
                    """
                    select 1 from sign_ins join operators on operators.id = operator_id
                    where sign_ins.id = \(id.rawValue) and \(Self.isLive(at: now))
                    """
                )
                if row != nil { live.insert(id) }
            }
            return live
        }
    }

    func nextEnd(of ids: Set<SignInID>, after now: Timestamp) async throws -> Timestamp? {
        let text = "[" + ids.map { String($0.rawValue) }.joined(separator: ",") + "]"
        return try await gate.read { db in
            try db.first(
                """
                select min(expires) from sign_ins where id in (select value from json_each(\(text)))
                    and ended is null and expires > \(now)
                """
            )?.get(0, as: Timestamp?.self)
        }
    }

    func accessChanges() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select value from counters where name = 'access_changes'")?.get("value") ?? 0
        }
    }

    private static func isLive(at now: Timestamp) -> SQLStatement {
        "ended is null and expires > \(now) and sign_ins.epoch = operators.epoch and disabled is null"
    }

    private static func signIn(_ row: SQLRow) throws -> SignIn {
        let kind: String = try row.get("kind")
        return SignIn(
            id: SignInID(try row.get("id")),
            operator: OperatorID(try row.get("operator_id")),
            kind: SignInKind(rawValue: kind) ?? .client,
            epoch: try row.get("epoch"),
            created: try row.get("created"),
            expires: try row.get("expires"),
            lastSeen: try row.get("last_seen"),
            ended: try row.get("ended")
        )
    }
}
