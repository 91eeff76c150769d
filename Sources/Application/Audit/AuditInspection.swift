public import Core
public import Domain
internal import Synchronization

/// The checkpoints that were signed so far.
public protocol CheckpointArchive: Sendable {
    /// All of them, oldest first.
    func all() async throws -> [AuditCheckpoint]
}

/// What a verification of the audit log came to.
public struct AuditVerdict: Sendable, Equatable {
    /// The first row that was read; 0 when there is none.
    public var first: Int64
    /// The last row that is as it was written.
    public var last: Int64
    /// How many rows are as they were written.
    public var rows: Int
    /// How many checkpoints agreed with them.
    public var checkpoints: Int
    /// The row up to which the log was cut on purpose; nil when it never was.
    public var cut: Int64?
    /// What is wrong; nil for nothing.
    public var fault: AuditFault?
}

/// Verifies the audit log where it is, and hands out what others verify it with.
///
/// Whoever can change the program can make it say anything: an export that is verified elsewhere with a copy of the key
/// proves more.
public final class AuditInspection: Sendable {
    private static let batch = 1_000

    private let trail: any AuditTrail
    private let audit: any AuditStore
    private let archive: any CheckpointArchive
    private let verifier: any CheckpointVerifier
    private let clock: any WallClock
    private let isBusy = Atomic<Bool>(false)

    /// The public key as PEM (RFC 7468 section 13).
    public let publicKey: String

    /// Puts it together; the verifier is that of the public key.
    public init(
        trail: any AuditTrail,
        audit: any AuditStore,
        archive: any CheckpointArchive,
        publicKey: String,
        verifier: any CheckpointVerifier,
        clock: any WallClock
    ) {
        self.trail = trail
        self.audit = audit
        self.archive = archive
        self.publicKey = publicKey
        self.verifier = verifier
        self.clock = clock
    }

    /// Reads the whole log and says whether it is as it was written; one at a time (`verification_running`, conflict).
    ///
    /// Stops at the first row that is wrong. Cancelling ends it between two thousand rows.
    public func verify(as principal: Principal) async throws -> AuditVerdict {
        try principal.requireSignIn()
        try principal.require(.admin)
        guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else {
            throw Failure(
                .conflict,
                code: "verification_running",
                message: "The audit log is being verified already.",
                hint: "Wait for that one to end."
            )
        }
        defer { isBusy.store(false, ordering: .releasing) }
        try await record("audit.verify", principal)
        // Checkpoints first: rows that are added meanwhile cannot be missing then.
        let checkpoints = try await archive.all()
        let head = try await trail.head()
        let cut = try await trail.cut()
        var verdict = AuditVerdict(
            first: 0,
            last: cut?.link.id ?? 0,
            rows: 0,
            checkpoints: 0,
            cut: cut?.link.id
        )
        var verification = AuditVerification(verifier)
        do throws(AuditFault) {
            if let cut { try verification.check(cut) }
        } catch {
            verdict.fault = error
            return verdict
        }
        var waiting = checkpoints.filter { $0.link.id > verdict.last }[...]
        while verdict.last < head.id {
            try Task.checkCancellation()
            let rows = try await trail.rows(after: verdict.last, limit: Self.batch)
            guard !rows.isEmpty else { break }
            do throws(AuditFault) {
                for row in rows where row.id <= head.id {
                    try verification.check(row)
                    if verdict.first == 0 { verdict.first = row.id }
                    (verdict.last, verdict.rows) = (row.id, verdict.rows + 1)
                    while let checkpoint = waiting.first, checkpoint.link.id <= row.id {
                        try verification.check(checkpoint)
                        verdict.checkpoints += 1
                        waiting = waiting.dropFirst()
                    }
                }
            } catch {
                verdict.fault = error
                return verdict
            }
        }
        if let lost = waiting.first {
            verdict.fault = AuditFault(
                line: nil,
                row: verdict.last + 1,
                reason: "it is missing: a checkpoint reaches to row \(lost.link.id)"
            )
        }
        return verdict
    }

    /// The checkpoints as lines of the file that is shipped; that somebody took them is in the log.
    public func checkpoints(as principal: Principal) async throws -> [AuditCheckpoint] {
        try principal.requireSignIn()
        try principal.require(.admin)
        try await record("audit.checkpoints", principal)
        return try await archive.all()
    }

    private func record(_ action: String, _ principal: Principal) async throws {
        try await audit.record(
            AuditEntry(time: clock.now(), principal: principal.id, action: action, subject: "audit")
        )
    }
}
