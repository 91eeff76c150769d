internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The GET face: the second seed's routes and keys, and the stream that they link to.
struct JumpHostRoutes: Sendable {
    private static let longestWait = 60.0

    private let services: EdgeServices
    private let access: JumpHostAccess

    init(_ services: EdgeServices) {
        self.services = services
        access = JumpHostAccess(services)
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
        let links = Links(services, for: principal)
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
            if format == .text, let approval {
                return Self.text(explanation(ticket, approval, links), ticket)
            }
            return Self.json(
                SeedAnswers.submission(
                    ticket,
                    wasCached: submitted.wasCached,
                    approval: approval,
                    links: links
                )
            )
        }
        return try await result(ticket, selection, format, links, wasCached: submitted.wasCached)
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
        let (found, links) = try await access.answer(context.request)
        let wait = try query.seconds("wait", upTo: Self.longestWait) ?? .zero
        let format = try query.word("format", AnswerFormat.self) ?? .json
        let selection = try OutputSelection(query)
        let ticket =
            if let offset = selection.offset {
                try await MoreOutput(services, of: found).ticket(beyond: offset, of: .combined, within: wait)
            } else {
                try await services.tickets.ticket(found, waiting: wait)
            }
        if ticket.state.isTerminal { return try await result(ticket, selection, format, links) }
        let wantsOutput = try query.flag("output") || selection.offset != nil || selection.tailLines != nil
        let output =
            wantsOutput
            ? try await selection.read(ticket, from: services.outputs, cap: services.settings.answerLimit)
            : nil
        let approval = try await services.openApproval(for: ticket)
        if format == .text {
            return Self.text(approval.map { explanation(ticket, $0, links) } ?? output?.output ?? "", ticket)
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
    private func explanation(_ ticket: Ticket, _ approval: OpenApproval, _ links: Links) -> String {
        let text = DoorText.explanation(of: ticket, approval.approval, link: approval.link) ?? ""
        return "\(text)\nThen fetch the result here: \(links.callback(ticket))\n"
    }

    private func result(
        _ ticket: Ticket,
        _ selection: OutputSelection,
        _ format: AnswerFormat,
        _ links: Links,
        wasCached: Bool? = nil
    ) async throws -> HTTPResponse {
        let output = try await selection.read(
            ticket,
            from: services.outputs,
            cap: services.settings.answerLimit
        )
        if format == .text {
            // A command that never ran has no output, but a reason.
            let reason = DoorText.explanation(of: ticket, nil, link: nil).map { $0 + "\n" }
            var answer = Self.text(reason ?? output.output, ticket)
            if let wasCached { answer.headers["Deckhand-Cached"] = String(wasCached) }
            return answer
        }
        return Self.json(
            SeedAnswers.result(ticket, output: output, links: links, wasCached: wasCached)
        )
    }

    // MARK: /history

    private func history(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let (session, principal) = try await access.session(context.request)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 1_000)
        let after = try query.integer("after", 0...Int64(Int32.max)).map(Int.init)
        let size: (Ticket) -> Int = { JSONWriter.size(of: $0.command) }
        let page = try await page(of: session, after: after, limit: limit, as: principal, size)
        var budget = OutputBudget(total: services.settings.answerLimit, for: page, size: size)
        var writer = JSONWriter(capacity: 512 * page.elements.count + 16)
        try await HistoryWriter(outputs: services.outputs).write(page.elements, budget: &budget, to: &writer)
        var response = Self.json(writer.line())
        addNext(of: page, at: "/history", session, limit: limit, for: principal, to: &response)
        return response
    }

    /// A page of tickets whose commands leave room for their outputs within the cap on an answer.
    private func page(
        of session: Session,
        after: Int?,
        limit: Int,
        as principal: Principal,
        _ size: (Ticket) -> Int
    ) async throws -> Page<Ticket> {
        let cap = services.settings.answerLimit
        let page = try await services.tickets.tickets(
            in: session.id,
            after: after,
            limit: limit,
            bytes: OutputBudget.commands(cap),
            as: principal
        )
        return OutputBudget.bound(page, total: cap, size: size)
    }

    private func addNext(
        of page: Page<Ticket>,
        at path: String,
        _ session: Session,
        limit: Int,
        for principal: Principal,
        to response: inout HTTPResponse
    ) {
        guard page.hasMore, let last = page.elements.last else { return }
        let links = Links(services, for: principal)
        let next = links.page(path, of: session, after: last.id.number, limit: limit)
        response.headers["Link"] = "<\(next)>; rel=\"next\""
        response.headers["Deckhand-Next-After"] = String(last.id.number)
    }

    // MARK: /terminal

    private func terminal(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let (session, principal) = try await access.session(context.request)
        let limit = Int(try query.integer("limit", 1...1_000) ?? 200)
        let after = try query.integer("after", 0...Int64(Int32.max)).map(Int.init)
        let accepted = context.request.headers["Accept"] ?? ""
        let format =
            try query.word("format", TerminalFormat.self) ?? (accepted.contains("text/html") ? .html : .text)
        let size: (Ticket) -> Int = {
            format == .html ? HTMLText.escape($0.command).utf8.count : $0.command.utf8.count
        }
        let page = try await page(of: session, after: after, limit: limit, as: principal, size)
        let view = TerminalView(outputs: services.outputs, session: session, hasMore: page.hasMore)
        var budget = OutputBudget(total: services.settings.answerLimit, for: page, size: size)
        let entries = try await view.entries(page.elements, budget: &budget)
        var response =
            switch format {
            case .text:
                HTTPResponse(
                    status: 200,
                    headers: ["Content-Type": "text/plain; charset=utf-8"],
                    body: .bytes(Array(view.text(entries).utf8))
                )
            case .html:
                HTMLPage(
                    title: "Session \(session.name)",
                    basePath: services.settings.basePath,
                    layout: .cards
                ).response(body: view.html(entries))
            }
        addNext(of: page, at: "/terminal", session, limit: limit, for: principal, to: &response)
        return response
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
        let (ticket, caller) = try await access.ticket(context.request, [.follow, .read, .answer])
        return try TicketStream(services: services, ticket: ticket, ends: context.ends, caller: caller)
            .response(context)
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
