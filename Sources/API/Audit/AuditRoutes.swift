internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/audit: who did what to what.
struct AuditRoutes: Sendable {
    private let log: AuditService

    init(_ log: AuditService) { self.log = log }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/audit", access: .signIn(.admin, on: .auditEntry), list),
            Route(.get, "/v1/admin/audit/{entry}", access: .signIn(.admin, on: .auditEntry), show),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let reader = QueryReader(context.request.query)
        var filter = AuditFilter()
        filter.principal = try reader.text("principal").map { PrincipalID($0) }
        filter.action = try reader.text("action")
        filter.from = try time("from", reader)
        filter.until = try time("until", reader)
        let page = try await log.rows(
            filter,
            before: try reader.integer("after", 1...(.max)),
            limit: Int(try reader.integer("limit", 1...1_000) ?? 100),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("entries")
                writer.array { writer in for row in page.rows { Self.write(row, to: &writer) } }
                NativeAnswers.writeNext(page.next, to: &writer)
            }
        }
    }

    private func show(_ context: RequestContext) async throws -> HTTPResponse {
        let row = try await log.row(Int64(context.parameter("entry")) ?? 0, as: try context.caller())
        return NativeAnswers.json { Self.write(row, to: &$0) }
    }

    /// Seconds since 1970.
    private func time(_ name: String, _ reader: QueryReader) throws(Failure) -> Timestamp? {
        try reader.integer(name, 0...(1 << 40)).map(Timestamp.init(seconds:))
    }

    private static func write(_ row: AuditRow, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(row.id)
            writer.key("time")
            writer.time(row.entry.time)
            writer.key("principal")
            writer.string(row.entry.principal.rawValue)
            writer.key("action")
            writer.string(row.entry.action)
            writer.key("subject")
            writer.string(row.entry.subject)
            writer.key("detail")
            writer.string(row.entry.detail)
            writer.key("hash")
            writer.string(TextCoding.hex(row.hash))
        }
    }
}
