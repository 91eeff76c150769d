internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/shares for owners of chats, /s and /v1/shared for whoever has a link.
struct ShareRoutes: Sendable {
    private let shares: ShareService
    private let settings: EdgeSettings

    init(_ shares: ShareService, _ settings: EdgeSettings) {
        self.shares = shares
        self.settings = settings
    }

    var routes: [Route] {
        let owner = { (kind: ObjectKind?) in RouteAccess.signIn(.share, on: kind).andUsers(.share) }
        return [
            Route(.get, "/v1/shares", access: owner(nil), list),
            Route(.post, "/v1/shares", access: owner(.chat), create),
            Route(.get, "/v1/shares/{id}", access: owner(.share), get),
            Route(.delete, "/v1/shares/{id}", access: owner(.share), revoke),
            Route(.get, "/v1/shared/{token}", access: .link(to: .share), read),
            Route(.get, "/s/{token}", access: .link(to: .share), page),
            // Where links led to before; those that were given away go on working.
            Route(.get, "/share/{token}", access: .link(to: .share), page),
        ]
    }

    // MARK: The owner

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(
            context.request,
            known: ["chat", "following", "includes_output", "lifetime_seconds"]
        )
        guard let chat = try body.integer("chat") else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'chat' is needed.",
                hint: "Send {\"chat\": 12} with the id of a chat of yours."
            )
        }
        let made = try await shares.create(
            ShareRequest(
                chat: ChatID(chat),
                isFollowing: try body.bool("following") ?? false,
                includesOutput: try body.bool("includes_output") ?? false,
                lifetime: try body.seconds("lifetime_seconds")
            ),
            as: try context.caller()
        )
        let token = made.token.reveal()
        var response = NativeAnswers.json(201) { writer in
            writer.object { writer in
                write(made.share, to: &writer)
                writer.key("token")
                writer.string(token)
                writer.key("url")
                writer.string("\(settings.baseURL())/s/\(token)")
            }
        }
        response.headers["Location"] = "\(settings.basePath)/v1/shares/\(made.share.id.rawValue)"
        return response
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let before = try query.integer("before", 1...Int64.max).map(ShareID.init)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 100)
        let page = try await shares.shares(before: before, limit: limit, as: try context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("shares")
                writer.array { writer in
                    for share in page.elements { writer.object { writer in write(share, to: &writer) } }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let share = try await shares.share(id(context), as: try context.caller())
        return NativeAnswers.json { writer in writer.object { writer in write(share, to: &writer) } }
    }

    private func revoke(_ context: RequestContext) async throws -> HTTPResponse {
        try await shares.revoke(id(context), as: try context.caller())
        return HTTPResponse(status: 204)
    }

    /// What is no number names no share either.
    private func id(_ context: RequestContext) -> ShareID { ShareID(Int64(context.parameter("id")) ?? 0) }

    private func write(_ share: Share, to writer: inout JSONWriter) {
        writer.key("id")
        writer.integer(share.id.rawValue)
        writer.key("chat")
        writer.integer(share.chat.rawValue)
        writer.key("title")
        writer.optional(share.title)
        writer.key("following")
        writer.bool(share.extent == .following)
        writer.key("includes_output")
        writer.bool(share.includesOutput)
        writer.key("live")
        writer.bool(shares.isLive(share))
        writer.key("created")
        writer.time(share.created)
        writer.key("expires")
        writer.time(share.expires)
        writer.key("revoked")
        writer.optional(share.revoked)
        writer.key("last_used")
        writer.optional(share.lastUsed)
    }

    // MARK: Readers

    private func read(_ context: RequestContext) async throws -> HTTPResponse {
        let (opened, piece) = try await opened(context)
        return NativeAnswers.json { SharedAnswer(opened: opened, piece: piece).write(to: &$0) }
    }

    /// Refusals are pages, too: whoever follows a link sits in front of a browser.
    private func page(_ context: RequestContext) async throws -> HTTPResponse {
        do {
            let (opened, piece) = try await opened(context)
            return HTMLPage(
                title: opened.title ?? "Shared conversation",
                basePath: settings.basePath,
                layout: .cards,
                hasWay: false
            ).response(body: SharedPage(opened: opened, piece: piece).html)
        } catch let failure as Failure {
            return ErrorPage(error: PresentedError(failure), basePath: settings.basePath, hasWay: false)
                .response()
        }
    }

    private func opened(_ context: RequestContext) async throws -> (OpenedShare, SharedPiece) {
        let after = try QueryReader(context.request.query).integer("after", 0...Int64.max) ?? 0
        let opened = try await shares.open(
            context.parameter("token"),
            goingOn: after > 0,
            from: context.request.clientAddress
        )
        return (opened, try await shares.piece(of: opened, after: after))
    }
}
