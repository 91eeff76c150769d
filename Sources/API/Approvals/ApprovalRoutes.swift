internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/approvals: list, look at and decide what waits for a person.
struct ApprovalRoutes: Sendable {
    private let desk: ApprovalDesk

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        desk = ApprovalDesk(services, assistant)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/approvals", access: .signIn(.approve, on: nil), list),
            Route(.get, "/v1/approvals/{approval}", access: .signIn(.approve, on: .approval), get),
            Route(.post, "/v1/approvals/{approval}/decide", access: .signIn(.approve, on: .approval), decide),
        ]
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let part = try query.word("state", ApprovalPart.self)
        let cursor: ApprovalCursor? =
            if let text = try query.text("after") { try ApprovalCursor(text: text) } else { nil }
        let page = try await desk.approvals.approvals(
            ApprovalFilter(isAwaiting: part.map { $0 == .awaiting }),
            after: cursor,
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        var shown: [ShownApproval] = []
        for approval in page.elements { shown.append(await desk.shown(approval)) }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("approvals")
                writer.array { writer in
                    for approval in shown { ApprovalFields.writeSummary(approval, to: &writer) }
                }
                writer.key("next")
                if page.hasMore, let last = page.elements.last {
                    writer.string(ApprovalCursor.text(behind: last))
                } else {
                    writer.null()
                }
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let approval = try await desk.approvals.approval(context.approvalID, as: try context.caller())
        return Self.answer(await desk.shown(approval))
    }

    private func decide(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["decision", "digest", "note", "always"])
        guard let choice = try body.word("decision", ApprovalChoice.self),
            let digest = try body.string("digest")
        else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The fields 'decision' and 'digest' are needed.",
                hint:
                    "Send {\"decision\": \"approve\" or \"deny\", \"digest\": \"…\"} with the digest of what you saw."
            )
        }
        let approval = try await desk.approvals.decide(
            context.approvalID,
            choice,
            digest: digest,
            note: try body.string("note"),
            alsoAlways: try body.bool("always") ?? false,
            as: try context.caller()
        )
        return Self.answer(await desk.shown(approval))
    }

    private static func answer(_ shown: ShownApproval) -> HTTPResponse {
        NativeAnswers.json { ApprovalFields.write(shown, to: &$0) }
    }
}

extension RequestContext {
    /// The approval in the path; what is no number names no approval either.
    var approvalID: ApprovalID { ApprovalID(Int64(parameter("approval")) ?? 0) }
}
