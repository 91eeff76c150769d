internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/audit-…: verifying the audit log where it is, and what others verify it with.
struct AuditAdminRoutes: Sendable {
    /// Lines that are written at once.
    private static let batch = 500

    private let inspection: AuditInspection

    init(_ inspection: AuditInspection) { self.inspection = inspection }

    var routes: [Route] {
        [
            Route(.post, "/v1/admin/audit-verification", access: .signIn(.admin, on: nil), verify),
            Route(.get, "/v1/admin/audit-checkpoints", access: .signIn(.admin, on: nil), checkpoints),
            Route(.get, "/v1/admin/audit-key", access: .signIn(.admin, on: nil), key),
        ]
    }

    private func verify(_ context: RequestContext) async throws -> HTTPResponse {
        _ = try BodyReader(context.request, known: [])
        let caller = try context.caller()
        let verdict = try await context.whileClientStays { try await inspection.verify(as: caller) }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("intact")
                writer.bool(verdict.fault == nil)
                writer.key("rows")
                writer.integer(verdict.rows)
                writer.key("first")
                writer.integer(verdict.first)
                writer.key("last")
                writer.integer(verdict.last)
                writer.key("checkpoints")
                writer.integer(verdict.checkpoints)
                writer.key("cut")
                writer.optional(verdict.cut)
                writer.key("fault")
                if let fault = verdict.fault {
                    writer.object { writer in
                        writer.key("row")
                        writer.optional(fault.row)
                        writer.key("reason")
                        writer.string(fault.reason)
                    }
                } else {
                    writer.null()
                }
            }
        }
    }

    private func checkpoints(_ context: RequestContext) async throws -> HTTPResponse {
        let checkpoints = try await inspection.checkpoints(as: try context.caller())
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "application/x-ndjson", "Cache-Control": "no-store",
                "Content-Disposition": "attachment; filename=\"checkpoints.jsonl\"",
            ],
            body: .stream(length: nil) { writer in
                try await context.untilSignInEnds {
                    var rest = checkpoints[...]
                    while !rest.isEmpty {
                        let lines = rest.prefix(Self.batch).flatMap { AuditLine.checkpoint($0).bytes }
                        try await writer.write(lines)
                        rest = rest.dropFirst(Self.batch)
                    }
                }
            }
        )
    }

    private func key(_ context: RequestContext) async throws -> HTTPResponse {
        try context.caller().requireSignIn()
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "application/x-pem-file", "Cache-Control": "no-store",
                "Content-Disposition": "attachment; filename=\"deckhand-audit.pem\"",
            ],
            body: .bytes(Array(inspection.publicKey.utf8))
        )
    }
}
