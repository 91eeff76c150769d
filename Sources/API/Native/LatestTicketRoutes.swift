internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/tickets: what goes on over all sessions.
struct LatestTicketRoutes: Sendable {
    private let services: EdgeServices

    init(_ services: EdgeServices) { self.services = services }

    var routes: [Route] {
        [Route(.get, "/v1/tickets", access: .credential(.shellRead, on: nil), latest)]
    }

    private func latest(_ context: RequestContext) async throws -> HTTPResponse {
        let limit = Int(try QueryReader(context.request.query).integer("limit", 1...200) ?? 20)
        let latest = try await services.tickets.latest(limit: limit, as: try context.caller())
        var approvals: [TicketID: OpenApproval] = [:]
        for ticket in latest.open { approvals[ticket.id] = try await services.openApproval(for: ticket) }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("open")
                writer.array { writer in
                    for ticket in latest.open {
                        TicketFields.write(ticket, approvals[ticket.id], to: &writer)
                    }
                }
                writer.key("open_count")
                writer.integer(latest.openCount)
                writer.key("ended")
                writer.array { writer in
                    for ticket in latest.ended { TicketFields.write(ticket, to: &writer) }
                }
            }
        }
    }
}
