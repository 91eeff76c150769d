internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/sessions/{session}/tickets: submit, list, follow, feed and end tickets.
struct TicketRoutes: Sendable {
    private static let longestWait = 60.0
    /// Of a search, at a time: its commands come from anywhere, and may be long.
    private static let maximumFound = 100
    private let services: EdgeServices

    init(_ services: EdgeServices) { self.services = services }

    var routes: [Route] {
        [
            Route(
                .post,
                "/v1/sessions/{session}/tickets",
                access: .credential(.shellRun, on: .session),
                submit
            ),
            Route(
                .get,
                "/v1/sessions/{session}/tickets",
                access: .credential(.shellRead, on: .session),
                list
            ),
            Route(
                .get,
                "/v1/sessions/{session}/tickets/{number}",
                access: .credential(.shellRead, on: .ticket),
                get
            ),
            Route(
                .get,
                "/v1/sessions/{session}/tickets/{number}/output",
                access: .credential(.shellRead, on: .ticket),
                output
            ),
            Route(
                .get,
                "/v1/sessions/{session}/tickets/{number}/events",
                access: .credential(.shellRead, on: .ticket),
                events
            ),
            Route(
                .post,
                "/v1/sessions/{session}/tickets/{number}/input",
                access: .credential(.shellInput, on: .ticket),
                input
            ),
            Route(
                .post,
                "/v1/sessions/{session}/tickets/{number}/resize",
                access: .credential(.shellInput, on: .ticket),
                resize
            ),
            Route(
                .post,
                "/v1/sessions/{session}/tickets/{number}/cancel",
                access: .credential(.shellRun, on: .ticket),
                cancel
            ),
        ]
    }

    // MARK: Submitting

    private func submit(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(
            context.request,
            known: [
                "command", "cwd", "env", "timeout", "limits", "input", "terminal", "key", "wait", "secrets",
            ]
        )
        guard let command = try body.string("command") else {
            throw Failure(
                .unprocessable,
                code: "command_missing",
                message: "The field 'command' is missing.",
                hint: "Send {\"command\": \"…\"}."
            )
        }
        var submission = Submission(
            target: try target(context),
            command: command,
            origin: origin(context.request)
        )
        if let key = try body.string("key") { submission.key = try IdempotencyKey(key) }
        submission.options = try options(body)
        let wait = try body.seconds("wait") ?? .zero
        guard wait <= .seconds(Self.longestWait) else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'wait' is larger than 60.",
                hint: "Wait up to 60 seconds, then follow the ticket's events."
            )
        }
        let submitted = try await services.tickets.submit(submission, as: try context.caller(), waiting: wait)
        let ticket = submitted.ticket
        var response = try await answer(ticket, status: submitted.wasCached ? 200 : 201)
        response.headers["Location"] =
            "\(services.settings.basePath)/v1/sessions/\(ticket.sessionName)/tickets/\(ticket.id.number)"
        return response
    }

    /// A session named `-` means a new one with a readable random name.
    private func target(_ context: RequestContext) throws(Failure) -> SubmissionTarget {
        if context.parameter("session") == "-" { return .random(repeatedBy: nil) }
        return .named(try context.sessionName())
    }

    private func origin(_ request: HTTPRequest) -> TicketOrigin {
        // Of these credentials the header goes before the cookie, and that before the socket.
        guard request.headers["Authorization"] == nil else { return .api }
        if SignInCookie(services).read(request) != nil { return .console }
        if case .local = request.peer { return .cli }
        return .api
    }

    private func options(_ body: BodyReader) throws(Failure) -> TicketOptions {
        var options = TicketOptions()
        options.workingDirectory = try body.string("cwd")
        options.environment = try body.strings("env") ?? [:]
        for name in try body.list("secrets") ?? [] { options.secrets.append(try SecretName(name)) }
        if let limits = try body.object("limits", known: LimitFields.known) {
            options.limits = try LimitFields.read(limits)
        }
        if let timeout = try body.seconds("timeout") { options.limits.time = timeout }
        if let text = try? body.string("input") {
            options.input = .bytes(Array(text.utf8))
        } else if let input = try body.object("input", known: ["open"]) {
            options.input = try input.bool("open") == true ? .open : .none
        }
        if let terminal = try body.object("terminal", known: TerminalFields.known) {
            options.terminal = try TerminalFields.read(terminal, default: TerminalSize())
        }
        return options
    }

    // MARK: Reading

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let caller = try context.caller()
        let session = try await services.tickets.session(named: try context.sessionName(), as: caller)
        let after = try query.integer("after", 0...Int64(Int32.max)).map(Int.init)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 100)
        let newestFirst = try query.word("order", ListOrder.self) == .newest
        let cap = services.settings.answerLimit
        let found: Page<Ticket>
        var next: Int?
        if let words = try query.words("q") {
            let page = try await services.tickets.tickets(
                matching: words,
                in: session.id,
                after: after,
                limit: min(limit, Self.maximumFound),
                newestFirst: newestFirst,
                as: caller
            )
            next = page.next
            found = Page(elements: page.elements, hasMore: next != nil)
        } else {
            found = try await services.tickets.tickets(
                in: session.id,
                after: after,
                limit: limit,
                bytes: OutputBudget.commands(cap),
                newestFirst: newestFirst,
                as: caller
            )
            next = found.hasMore ? found.elements.last?.id.number : nil
        }
        let tickets = OutputBudget.bound(found, total: cap) { JSONWriter.size(of: $0.command) }.elements
        if tickets.count < found.elements.count { next = tickets.last?.id.number }
        var approvals: [Int: OpenApproval] = [:]
        for ticket in tickets {
            approvals[ticket.id.number] = try await services.openApproval(for: ticket)
        }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("tickets")
                writer.array { writer in
                    for ticket in tickets {
                        TicketFields.write(ticket, approvals[ticket.id.number], to: &writer)
                    }
                }
                NativeAnswers.writeNext(next.map(Int64.init), to: &writer)
            }
        }
    }

    private func ticket(_ context: RequestContext) async throws -> Ticket {
        try await services.tickets.ticket(
            number: try context.ticketNumber(),
            in: try context.sessionName(),
            as: try context.caller()
        )
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let wait = try QueryReader(context.request.query).seconds("wait", upTo: Self.longestWait) ?? .zero
        let ticket = try await services.tickets.ticket(try await ticket(context), waiting: wait)
        return try await answer(ticket)
    }

    private func answer(_ ticket: Ticket, status: Int = 200) async throws -> HTTPResponse {
        let approval = try await services.openApproval(for: ticket)
        return NativeAnswers.json(status) { TicketFields.write(ticket, approval, to: &$0) }
    }

    private func output(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let wait = try query.seconds("wait", upTo: Self.longestWait) ?? .zero
        let found = try await ticket(context)
        let ticket =
            if let offset = try query.integer("offset", 0...Int64.max) {
                try await MoreOutput(services, of: found).ticket(
                    beyond: offset,
                    of: try query.word("stream", OutputStream.self) ?? .combined,
                    within: wait
                )
            } else {
                try await services.tickets.ticket(found, waiting: wait)
            }
        return try await OutputAnswer(services: services, ticket: ticket).response(context)
    }

    private func events(_ context: RequestContext) async throws -> HTTPResponse {
        let ticket = try await ticket(context)
        let caller = try context.caller()
        return try TicketStream(services: services, ticket: ticket, ends: context.ends, caller: caller)
            .response(context)
    }

    // MARK: Acting

    private func input(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        try caller.require(.shellInput)
        let closes = try QueryReader(context.request.query).flag("close")
        let bytes = context.request.body
        guard !bytes.isEmpty || closes else {
            throw Failure(
                .invalid,
                code: "input_missing",
                message: "There is no input in the body.",
                hint: "Send the bytes as the body, or add close=1 to close the input."
            )
        }
        guard bytes.count <= 1 << 20 else {
            throw Failure(
                .tooLarge,
                code: "input_too_large",
                message: "At most 1 MiB of input is taken at a time.",
                hint: "Send it in pieces."
            )
        }
        let ticket = try await ticketForAction(context, caller)
        try await services.tickets.write(bytes, closing: closes, to: ticket.id, as: caller)
        return HTTPResponse(status: 204)
    }

    private func resize(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        try caller.require(.shellInput)
        let body = try BodyReader(context.request, known: TerminalFields.known)
        let size = try TerminalFields.read(body, default: nil)
        try await services.tickets.resize(
            try await ticketForAction(context, caller).id,
            to: size,
            as: caller
        )
        return HTTPResponse(status: 204)
    }

    private func cancel(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        try caller.require(.shellRun)
        let ticket = try await services.tickets.cancel(
            try await ticketForAction(context, caller).id,
            as: caller
        )
        let wait = try QueryReader(context.request.query).seconds("wait", upTo: Self.longestWait) ?? .zero
        let current = try await services.tickets.ticket(ticket, waiting: wait)
        return NativeAnswers.json(current.state.isTerminal ? 200 : 202) {
            TicketFields.write(current, to: &$0)
        }
    }

    private func ticketForAction(_ context: RequestContext, _ caller: Principal) async throws -> Ticket {
        // Acting on a ticket needs to find it; a caller that may not read is told only what it did.
        let finder = Principal(id: caller.id, permissions: caller.permissions.union([.shellRead]))
        return try await services.tickets.ticket(
            number: try context.ticketNumber(),
            in: try context.sessionName(),
            as: finder
        )
    }
}

/// The order of a list of tickets.
enum ListOrder: String, CaseIterable {
    case oldest, newest
}
