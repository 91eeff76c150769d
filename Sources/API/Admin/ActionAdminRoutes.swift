internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/actions, context and turns: what models proposed to host applications and read from them.
struct ActionAdminRoutes: Sendable {
    private let oversight: OversightService
    private let fields: OversightFields

    init(_ oversight: OversightService) {
        self.oversight = oversight
        fields = OversightFields(oversight.unit)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/actions", access: .signIn(.admin, on: nil), actions),
            Route(.get, "/v1/admin/actions/{action}", access: .signIn(.admin, on: .actionRecord), action),
            Route(.get, "/v1/admin/context", access: .signIn(.admin, on: nil), receipts),
            Route(.get, "/v1/admin/turns/{turn}/context", access: .signIn(.admin, on: .receipt), receipt),
        ]
    }

    private func actions(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        var filter = OverseenActionFilter()
        filter.state = try query.word("state", ActionState.self)
        filter.issuer = try query.text("issuer")
        filter.client = try query.text("client")
        let page = try await oversight.actions(
            filter,
            before: try query.integer("after", 1...Int64.max).map { ActionID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                fields.writeUnit(to: &writer)
                writer.key("catalogue")
                writer.array { writer in
                    for action in oversight.catalogue { fields.write(action, to: &writer) }
                }
                writer.key("actions")
                writer.array { writer in
                    for action in page.elements { fields.write(action, isWhole: false, to: &writer) }
                }
                NativeAnswers.writeNext(
                    page.hasMore ? page.elements.last?.proposal.id.rawValue : nil,
                    to: &writer
                )
            }
        }
    }

    private func action(_ context: RequestContext) async throws -> HTTPResponse {
        let id = ActionID(Int64(context.parameter("action")) ?? 0)
        let action = try await oversight.action(id, as: try context.caller())
        return NativeAnswers.json { fields.write(action, isWhole: true, to: &$0) }
    }

    private func receipts(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let page = try await oversight.receipts(
            before: try query.integer("after", 1...Int64.max).map { TurnID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("turns")
                writer.array { writer in
                    for receipt in page.elements { fields.write(receipt, nil, to: &writer) }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.turn.rawValue : nil, to: &writer)
            }
        }
    }

    private func receipt(_ context: RequestContext) async throws -> HTTPResponse {
        let turn = TurnID(Int64(context.parameter("turn")) ?? 0)
        let (receipt, readings) = try await oversight.receipt(of: turn, as: try context.caller())
        return NativeAnswers.json { fields.write(receipt, readings, to: &$0) }
    }
}
