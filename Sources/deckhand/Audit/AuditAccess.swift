import Application
import Core
import Storage

/// The audit log of a data directory, for its owner, also beside a running server.
enum AuditAccess {
    /// Hands the log and its files to a closure and closes the database afterwards.
    static func withAudit(
        of configuration: Configuration,
        _ body: (AuditService, AuditFiles) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { data, stores in
            let service = AuditService(
                trail: stores.auditTrail,
                audit: stores.audit,
                clock: SystemWallClock()
            )
            try await body(service, try AuditFiles(data))
        }
    }
}
