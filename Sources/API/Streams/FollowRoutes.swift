internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/events: all that one client follows, in one stream.
struct FollowRoutes: Sendable {
    private static let maximumObjects = 32

    private let services: EdgeServices
    private let assistant: AssistantServices

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        self.services = services
        self.assistant = assistant
    }

    var routes: [Route] {
        // Each thing has its own permission, so that being somebody is enough to ask.
        let access = RouteAccess(door: .credential, permission: nil, object: nil).andUsers(.chat)
        return [Route(.get, "/v1/events", access: access, follow)]
    }

    private func follow(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let query = QueryReader(context.request.query)
        let place = try context.request.headers["Last-Event-ID"] ?? query.text("cursor")
        let cursor = try place.map { text throws(Failure) in try FollowCursor(text) } ?? FollowCursor()
        let chats = try chatIDs(query)
        let tickets = try ticketNames(query)
        let approvals = try query.flag("approvals")
        let count = chats.count + tickets.count + (approvals ? 1 : 0)
        guard (1...Self.maximumObjects).contains(count) else { throw Self.wrongCount }
        if !chats.isEmpty { try caller.require(.chat) }
        if !tickets.isEmpty { try caller.require(.shellRead) }
        var objects: [any FollowedObject] = []
        for id in chats { objects.append(try await chat(id, cursor, caller)) }
        for (session, number) in tickets {
            objects.append(try await ticket(session, number, cursor, caller))
        }
        if approvals {
            try caller.requireSignIn()
            try caller.require(.approve)
            let desk = ApprovalDesk(services, assistant)
            objects.append(FollowedApprovals(desk, after: cursor.approvals, as: caller))
        }
        let stream = FollowStream(objects: objects)
        return SSE.response(routeTemplate: context.template) { writer in
            try await context.untilSignInEnds { try await stream.run(writer) }
        }
    }

    // MARK: What is followed

    private func chat(_ id: ChatID, _ cursor: FollowCursor, _ caller: Principal) async throws
        -> any FollowedObject
    {
        do {
            let chat = try await assistant.chats.chat(id, as: caller)
            return FollowedChat(chat, assistant.chats, after: cursor.chats[id] ?? 0, as: caller)
        } catch let failure as Failure where failure.kind == .notFound {
            // One that is not there must not silence the others, also not when the client reconnects.
            return FollowedNothing(.gone(failure, position: nil) { $0.writeChat(id) })
        }
    }

    private func ticket(
        _ session: SessionName,
        _ number: Int,
        _ cursor: FollowCursor,
        _ caller: Principal
    ) async throws -> any FollowedObject {
        do {
            let ticket = try await services.tickets.ticket(number: number, in: session, as: caller)
            return FollowedTicket(ticket, services, from: cursor.tickets[ticket.id])
        } catch let failure as Failure where failure.kind == .notFound {
            return FollowedNothing(.gone(failure, position: nil) { $0.writeTicket(session, number) })
        }
    }

    // MARK: The query

    private func chatIDs(_ query: QueryReader) throws(Failure) -> [ChatID] {
        var ids: [ChatID] = []
        for word in try query.text("chats")?.split(separator: ",") ?? [] {
            guard let number = Int64(word), number > 0 else {
                throw Self.invalid("chats", "ids of chats such as chats=7,9")
            }
            if !ids.contains(ChatID(number)) { ids.append(ChatID(number)) }
        }
        return ids
    }

    private func ticketNames(_ query: QueryReader) throws(Failure) -> [(SessionName, Int)] {
        guard services.settings.shellIsOn else { return [] }
        var names: [(SessionName, Int)] = []
        for word in try query.text("tickets")?.split(separator: ",") ?? [] {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Self.invalid("tickets", "sessions and numbers such as tickets=web-1/3")
            }
            let (session, number) = (
                try SessionName(String(parts[0])), try RequestContext.ticketNumber(String(parts[1]))
            )
            if !names.contains(where: { $0 == (session, number) }) { names.append((session, number)) }
        }
        return names
    }

    private static func invalid(_ name: String, _ expected: String) -> Failure {
        Failure(
            .invalid,
            code: "invalid_parameter",
            message: "The parameter '\(name)' is not understood.",
            hint: "Send \(expected)."
        )
    }

    private static let wrongCount = Failure(
        .invalid,
        code: "invalid_parameter",
        message: "This stream follows 1 to \(maximumObjects) things.",
        hint: "Name them: chats=7,9&tickets=web-1/3&approvals=1"
    )
}
