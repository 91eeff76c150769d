internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The GET face: the second seed's routes and keys, and the stream that they link to.
struct JumpHostRoutes: Sendable {
    private static let longestWait = 60.0

    private let services: EdgeServices
    private let access: JumpHostAccess
    private let links: Links

    init(_ services: EdgeServices) {
        self.services = services
        access = JumpHostAccess(services)
        links = Links(baseURL: services.settings.baseURL, capabilities: services.access.capabilities)
    }

    var routes: [Route] {
        [
            Route(.get, "/shell", access: .byHandler(.shellRun, on: .session), shell),
            Route(.get, "/callback", access: .byHandler(.shellRead, on: .ticket), callback),
            Route(.get, "/history", access: .byHandler(.shellRead, on: .session), history),
            Route(.get, "/terminal", access: .byHandler(.shellRead, on: .session), terminal),
            Route(.get, "/stream", access: .byHandler(.shellRead, on: .ticket), stream),
        ]
    }

    // MARK: /shell

    private func shell(_ context: RequestContext) async throws -> HTTPResponse {
        let request = context.request
        try AutomatedFetch.refuse(request)
        let query = QueryReader(request.query)
        let command = try query.text("cmd") ?? ""
        let (target, principal) = try await access.target(request, command: command)
        guard !command.isEmpty else {
            throw Failure(
                .invalid,
                code: "command_missing",
                message: "Invalid or missing 'cmd' parameter",
                hint: "Add cmd= with the URL-encoded shell command."
            )
        }
        let wait = try query.seconds("wait", upTo: Self.longestWait) ?? .zero
        let format = try query.word("format", AnswerFormat.self) ?? .json
        let selection = try OutputSelection(query)
        let submitted = try await services.tickets.submit(
            try submission(target, command, query),
            as: principal,
            waiting: wait
        )
        let ticket = submitted.ticket
        if case .denied(let reason) = ticket.state {
            let refusal = Refusal(text: reason)
            throw Failure(
                .forbidden,
                code: "denied_by_policy",
                message: "Ticket \(ticket.id.number) was refused: "
                    + (refusal.map { "\($0.reason) (rule \($0.rule))" } ?? reason),
                hint: refusal?.hint ?? "Submit a command that the policy allows; /context says what it is."
            )
        }
        guard ticket.state.isTerminal, wait > .zero else {
            let approval = try await services.openApproval(for: ticket)
            if format == .text, let approval { return Self.text(explanation(ticket, approval), ticket) }
            return Self.json(
                SeedAnswers.submission(
                    ticket,
                    wasCached: submitted.wasCached,
                    approval: approval,
                    links: links
                )
            )
        }
        return try await result(ticket, selection, format)
    }

    private func submission(
        _ target: SubmissionTarget,
        _ command: String,
        _ query: QueryReader
    ) throws(Failure) -> Submission {
        var submission = Submission(target: target, command: command, origin: .get)
        if let key = try query.text("key") { submission.key = try IdempotencyKey(key) }
        // A key says by itself which submissions are the same.
        let isFresh = try query.flag("fresh")
        if submission.key == nil, !isFresh { submission.repeatWindow = .seconds(60) }
        submission.options.limits.time = try query.seconds("timeout", upTo: 604_800)
        submission.options.workingDirectory = try query.text("cwd")
        for name in (try query.text("secret") ?? "").split(separator: ",") {
            submission.options.secrets.append(try SecretName(String(name)))
        }
        return submission
    }

    // MARK: /callback

    private func callback(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let found = try await access.ticket(context.request, [.read]).ticket
        let wait = try query.seconds("wait", upTo: Self.longestWait) ?? .zero
        let format = try query.word("format", AnswerFormat.self) ?? .json
        let selection = try OutputSelection(query)
        let ticket = try await services.tickets.ticket(found, waiting: wait)
        if ticket.state.isTerminal { return try await result(ticket, selection, format) }
        let wantsOutput = try query.flag("output") || selection.offset != nil || selection.tailLines != nil
        let output =
            wantsOutput
            ? try await selection.read(ticket, from: services.outputs, cap: services.settings.answerLimit)
            : nil
        let approval = try await services.openApproval(for: ticket)
        if format == .text {
            return Self.text(approval.map { explanation(ticket, $0) } ?? output?.output ?? "", ticket)
        }
        return Self.json(
            SeedAnswers.working(
                ticket,
                output: output,
                approval: approval,
                links: links,
                now: services.clock.now()
            )
        )
    }

    /// For readers of text: what the command waits for, and where to look for its result.
    private func explanation(_ ticket: Ticket, _ approval: OpenApproval) -> String {
        let text = DoorText.explanation(of: ticket, approval.approval, link: approval.link) ?? ""
        return "\(text)\nThen fetch the result here: \(links.callback(ticket))\n"
    }

    private func result(
        _ ticket: Ticket,
        _ selection: OutputSelection,
        _ format: AnswerFormat
    ) async throws -> HTTPResponse {
        let output = try await selection.read(
            ticket,
            from: services.outputs,
            cap: services.settings.answerLimit
        )
        if format == .text {
            // A command that never ran has no output, but a reason.
            let reason = DoorText.explanation(of: ticket, nil, link: nil).map { $0 + "\n" }
            return Self.text(reason ?? output.output, ticket)
        }
        return Self.json(SeedAnswers.result(ticket, output: output, links: links))
    }

    // MARK: /history

    private func history(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let (session, principal) = try await access.session(context.request)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 1_000)
        let after = try query.integer("after", 0...Int64(Int32.max)).map(Int.init)
        let page = try await services.tickets.tickets(
            in: session.id,
            after: after,
            limit: limit,
            as: principal
        )
        var budget = OutputBudget(total: services.settings.answerLimit, count: page.elements.count)
        var writer = JSONWriter(capacity: 512 * page.elements.count + 16)
        try await HistoryWriter(outputs: services.outputs).write(page.elements, budget: &budget, to: &writer)
        var response = Self.json(writer.line())
        if page.hasMore, let last = page.elements.last {
            let next = links.history(of: session.id, named: session.name, after: last.id.number, limit: limit)
            response.headers["Link"] = "<\(next)>; rel=\"next\""
            response.headers["Deckhand-Next-After"] = String(last.id.number)
        }
        return response
    }

    // MARK: /terminal

    private func terminal(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let (session, principal) = try await access.session(context.request)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 200)
        let after = try query.integer("after", 0...Int64(Int32.max)).map(Int.init)
        let page = try await services.tickets.tickets(
            in: session.id,
            after: after,
            limit: limit,
            as: principal
        )
        let accepted = context.request.headers["Accept"] ?? ""
        let format =
            try query.word("format", TerminalFormat.self) ?? (accepted.contains("text/html") ? .html : .text)
        let view = TerminalView(outputs: services.outputs, session: session, hasMore: page.hasMore)
        var budget = OutputBudget(total: services.settings.answerLimit, count: page.elements.count)
        let entries = try await view.entries(page.elements, budget: &budget)
        switch format {
        case .text:
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/plain; charset=utf-8"],
                body: .bytes(Array(view.text(entries).utf8))
            )
        case .html:
            return HTMLPage(
                title: "Session \(session.name)",
                basePath: services.settings.basePath,
                layout: .cards
            ).response(body: view.html(entries))
        }
    }

    // MARK: /stream

    private func stream(_ context: RequestContext) async throws -> HTTPResponse {
        guard context.request.method == .get else {
            throw Failure(
                .methodNotAllowed,
                code: "method_not_allowed",
                message: "Method not allowed",
                hint: "Use GET."
            )
        }
        let (ticket, caller) = try await access.ticket(context.request, [.follow, .read])
        return try TicketStream(services: services, ticket: ticket, caller: caller).response(context)
    }

    // MARK: Shapes

    static func json(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/json; charset=utf-8"],
            body: .bytes(bytes)
        )
    }

    private static func text(_ text: String, _ ticket: Ticket) -> HTTPResponse {
        var headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Deckhand-State": ticket.state.word,
            "Deckhand-Ticket": "\(ticket.sessionName)/\(ticket.id.number)",
        ]
        if let code = ticket.state.exitCode { headers["Deckhand-Exit-Code"] = String(code) }
        if let signal = ticket.state.signal { headers["Deckhand-Signal"] = String(signal) }
        return HTTPResponse(status: 200, headers: headers, body: .bytes(Array(text.utf8)))
    }
}

/// How a result is written.
enum AnswerFormat: String, CaseIterable {
    case json, text
}

/// How the terminal view is written.
enum TerminalFormat: String, CaseIterable {
    case text, html
}
