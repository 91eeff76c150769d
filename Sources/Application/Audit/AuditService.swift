public import Core
public import Domain

/// The audit log for those who administer this server.
public struct AuditService: Sendable {
    private static let batch = 500

    private let trail: any AuditTrail
    private let audit: any AuditStore
    private let clock: any WallClock

    /// Puts it together.
    public init(trail: any AuditTrail, audit: any AuditStore, clock: any WallClock) {
        self.trail = trail
        self.audit = audit
        self.clock = clock
    }

    /// Rows that fit, newest first; see ``AuditTrail/rows(_:before:limit:)``.
    public func rows(_ filter: AuditFilter, before: Int64?, limit: Int, as principal: Principal) async throws
        -> AuditPage
    {
        try principal.require(.admin)
        return try await trail.rows(filter, before: before, limit: limit)
    }

    /// One row; `audit_entry_not_found`.
    public func row(_ id: Int64, as principal: Principal) async throws -> AuditRow {
        try principal.require(.admin)
        guard let row = try await trail.row(id) else {
            throw Failure(
                .notFound,
                code: "audit_entry_not_found",
                message: "The audit log has no such row, or not any more.",
                hint: "GET /v1/admin/audit lists those that there are."
            )
        }
        return row
    }

    /// Hands the whole log to `write`, line by line: what stands for removed rows, the rows with the checkpoints between
    /// them, and a signed end.
    ///
    /// That somebody took it is a row of it. Rows that are added meanwhile are not in it. `checkpoints` are those of the
    /// file, oldest first, read before this is called.
    public func export(
        _ checkpoints: [AuditCheckpoint],
        signer: any CheckpointSigner,
        by principal: PrincipalID,
        _ write: ([UInt8]) async throws -> Void
    ) async throws {
        try await audit.record(
            AuditEntry(time: clock.now(), principal: principal, action: "audit.export", subject: "audit")
        )
        let head = try await trail.head()
        let cut = try await trail.cut()
        if let cut { try await write(AuditLine.checkpoint(cut).bytes) }
        var last = cut?.link ?? .origin
        var waiting = checkpoints.filter { $0.link.id > last.id }[...]
        while last.id < head.id {
            let rows = try await trail.rows(after: last.id, limit: Self.batch)
            guard !rows.isEmpty else { break }
            for row in rows where row.id <= head.id {
                try await write(AuditLine.row(row).bytes)
                last = row.link
                while let checkpoint = waiting.first, checkpoint.link.id <= row.id {
                    try await write(AuditLine.checkpoint(checkpoint).bytes)
                    waiting = waiting.dropFirst()
                }
            }
        }
        // About rows that are not there any more: whoever verifies must see that.
        for checkpoint in waiting { try await write(AuditLine.checkpoint(checkpoint).bytes) }
        let end = AuditCheckpoint(.end, head, at: clock.now(), by: signer)
        try await write(AuditLine.checkpoint(end).bytes)
    }

    /// Removes the rows before a time, which a signed cut stands for from then on; returns how many.
    ///
    /// The newest row stays in any case.
    public func prune(before time: Timestamp, signer: any CheckpointSigner, by principal: PrincipalID)
        async throws -> Int
    {
        _ = try await trail.head()
        guard let link = try await trail.lastRow(before: time) else { return 0 }
        let now = clock.now()
        let entry = AuditEntry(
            time: now,
            principal: principal,
            action: "audit.prune",
            subject: "audit",
            detail: "{\"through\":\(link.id)}"
        )
        return try await trail.prune(through: AuditCheckpoint(.cut, link, at: now, by: signer), entry)
    }
}
