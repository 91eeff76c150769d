internal import Core
internal import Domain
internal import SQL

/// The audit log as rows; what other stores write to it in their own transactions is in ``Connection``.
struct SQLAuditStore: AuditStore, AuditTrail {
    /// How many rows one call looks at: they are found by their numbers alone, so that writing costs no index.
    static let window: Int64 = 10_000

    let gate: StorageGate

    func record(_ entry: AuditEntry) async throws {
        try await gate.write { db in try db.record(entry) }
    }

    func entries(limit: Int) async throws -> [AuditEntry] {
        try await gate.read { db in
            try db.all(
                """
                select time, principal, action, subject, detail from audit order by id desc limit \(max(limit, 0))
                """
            ).map(AuditColumns.entry)
        }
    }

    // MARK: Reading the chain

    func row(_ id: Int64) async throws -> AuditRow? {
        try await gate.read { db in
            try db.first("select \(AuditColumns.all) from audit where id = \(id)").map(AuditColumns.row)
        }
    }

    func rows(_ filter: AuditFilter, before: Int64?, limit: Int) async throws -> AuditPage {
        try await gate.read { db in
            let newest: Int64 = try db.first("select id from audit order by id desc limit 1")?.get(0) ?? 0
            let (top, limit) = (min(before ?? .max, newest + 1), max(limit, 1))
            let bottom = top - Self.window
            var found: [AuditRow] = []
            try db.forEach(
                """
                select \(AuditColumns.all) from audit where id < \(top) and id >= \(bottom) order by id desc
                """
            ) { values in
                let row = try AuditColumns.row(values)
                if filter.admits(row.entry) { found.append(row) }
                return found.count < limit
            }
            // A full page goes on below its last row, any other one below what was looked at.
            let edge = found.count < limit ? bottom : found.last?.id ?? bottom
            let hasMore = try db.first("select 1 from audit where id < \(edge) limit 1") != nil
            return AuditPage(rows: found, next: hasMore ? edge : nil)
        }
    }

    func rows(after id: Int64, limit: Int) async throws -> [AuditRow] {
        try await gate.read { db in
            try db.all(
                "select \(AuditColumns.all) from audit where id > \(id) order by id limit \(max(limit, 0))"
            ).map(AuditColumns.row)
        }
    }

    func head() async throws -> AuditLink {
        // A write, because rows from before the chain get their hashes by the first one.
        try await gate.write { db in try db.auditHead() }
    }

    func lastRow(before time: Timestamp) async throws -> AuditLink? {
        try await gate.read { db in
            // Times of several processes need not be in order: only a beginning of the chain can be removed.
            let kept: Int64? = try db.first("select id from audit where time >= \(time) order by id limit 1")?
                .get(0)
            let newest: Int64 = try db.first("select id from audit order by id desc limit 1")?.get(0) ?? 0
            let last = min(kept ?? newest, newest) - 1
            return try db.first("select id, hash from audit where id = \(last) and hash is not null").map {
                AuditLink(id: try $0.get(0), hash: try $0.get(1))
            }
        }
    }

    // MARK: Pruning

    func cut() async throws -> AuditCheckpoint? {
        try await gate.read { db in
            try db.first("select id, hash, time, signature from audit_cuts order by id desc limit 1").map {
                AuditCheckpoint(
                    .cut,
                    AuditLink(id: try $0.get(0), hash: try $0.get(1)),
                    at: try $0.get(2),
                    signature: try $0.get(3)
                )
            }
        }
    }

    func prune(through cut: AuditCheckpoint, _ entry: AuditEntry) async throws -> Int {
        precondition(cut.kind == .cut, "only a cut stands for rows that are gone")
        return try await gate.write { db in
            let stored: [UInt8]? = try db.first("select hash from audit where id = \(cut.link.id)")?.get(0)
            guard stored == cut.link.hash else { return 0 }
            try db.execute(
                """
                insert into audit_cuts (id, hash, time, signature)
                values (\(cut.link.id), \(cut.link.hash), \(cut.time), \(cut.signature))
                """
            )
            let removed = try db.execute("delete from audit where id <= \(cut.link.id)")
            try db.record(entry)
            return removed
        }
    }
}

/// How rows of the log are read.
enum AuditColumns {
    static let all: SQLStatement = "id, time, principal, action, subject, detail, hash"

    static func entry(_ row: SQLRow) throws -> AuditEntry {
        AuditEntry(
            time: try row.get("time"),
            principal: PrincipalID(try row.get("principal")),
            action: try row.get("action"),
            subject: try row.get("subject"),
            detail: try row.get("detail")
        )
    }

    static func row(_ row: SQLRow) throws -> AuditRow {
        let hash: [UInt8]? = try row.get("hash")
        return AuditRow(id: try row.get("id"), entry: try entry(row), hash: hash ?? [])
    }
}

extension AuditFilter {
    /// Says whether an entry is asked for.
    fileprivate func admits(_ entry: AuditEntry) -> Bool {
        if let principal, entry.principal != principal { return false }
        if let action {
            guard action.hasSuffix(".") ? entry.action.hasPrefix(action) : entry.action == action else {
                return false
            }
        }
        if let from, entry.time < from { return false }
        if let until, entry.time >= until { return false }
        return true
    }
}

extension Connection {
    /// Adds an entry to the log, in the transaction that does what it is about: either both stay, or none.
    func record(_ entry: AuditEntry) throws {
        let row = try auditHead().row(entry)
        try execute(
            """
            insert into audit (id, time, principal, action, subject, detail, hash)
            values (\(row.id), \(entry.time), \(entry.principal.rawValue), \(entry.action), \(entry.subject),
                \(entry.detail), \(row.hash))
            """
        )
    }

    /// The place of the newest row.
    ///
    /// Rows from before the chain are chained first, which happens once.
    func auditHead() throws -> AuditLink {
        if let newest = try first("select id, hash from audit order by id desc limit 1") {
            let id: Int64 = try newest.get(0)
            let hash: [UInt8]? = try newest.get(1)
            if let hash { return AuditLink(id: id, hash: hash) }
            return try chainEarlierRows()
        }
        guard let cut = try first("select id, hash from audit_cuts order by id desc limit 1") else {
            return .origin
        }
        return AuditLink(id: try cut.get(0), hash: try cut.get(1))
    }

    /// Rows were never removed before the chain began, so they are all there; a gap would show as such.
    private func chainEarlierRows() throws -> AuditLink {
        var link = AuditLink.origin
        while true {
            let rows = try all(
                """
                select \(AuditColumns.all) from audit where id > \(link.id) order by id limit 1000
                """
            )
            guard !rows.isEmpty else { return link }
            for row in rows {
                let next = link.row(try AuditColumns.entry(row))
                let id: Int64 = try row.get("id")
                try execute("update audit set hash = \(next.hash) where id = \(id)")
                link = AuditLink(id: id, hash: next.hash)
            }
        }
    }
}
