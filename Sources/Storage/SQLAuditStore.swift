internal import Domain
internal import SQL

struct SQLAuditStore: AuditStore {
    let gate: StorageGate

    func record(_ entry: AuditEntry) async throws {
        try await gate.write { db in
            _ = try db.execute(
                """
                insert into audit (time, principal, action, subject, detail)
                values (\(entry.time), \(entry.principal.rawValue), \(entry.action), \(entry.subject), \(entry.detail))
                """
            )
        }
    }

    func entries(limit: Int) async throws -> [AuditEntry] {
        try await gate.read { db in
            try db.all(
                """
                select time, principal, action, subject, detail from audit order by id desc limit \(max(limit, 0))
                """
            ).map { row in
                AuditEntry(
                    time: try row.get("time"),
                    principal: PrincipalID(try row.get("principal")),
                    action: try row.get("action"),
                    subject: try row.get("subject"),
                    detail: try row.get("detail")
                )
            }
        }
    }
}
