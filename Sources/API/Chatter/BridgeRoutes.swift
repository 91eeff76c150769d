internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The command bridge: runs a command that the panel assistant's model asked for, and answers as its PHP handler does.
///
/// Each command is a ticket of its own, so that it is judged, recorded, and outlives the server. `/loader_ajax.php` is
/// what that client calls unless it is told otherwise.
struct BridgeRoutes: Sendable {
    private static let grace = Duration.seconds(1)
    /// Room for a place in the queue.
    private static let patience = Duration.seconds(20)

    private let services: EdgeServices
    private let approvals: ApprovalService

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        self.services = services
        approvals = assistant.approvals
    }

    var routes: [Route] {
        [
            Route(.post, "/bridge", access: .signIn(.shellRun, on: nil), run),
            Route(.post, "/loader_ajax.php", access: .signIn(.shellRun, on: nil), run),
        ]
    }

    private func run(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let body = try BridgeBody(context.request)
        // Finding what was asked before needs to look; a caller that may not read is told only what it did.
        let finder = Principal(id: caller.id, permissions: caller.permissions.union([.shellRead]))
        let session = try SessionName("bridge-\(try caller.requireSignIn())")
        let limit = services.settings.bridgeTimeLimit
        var ticket: Ticket
        let earlier = body.key == nil ? try await earlier(body.command, in: session, as: finder) : nil
        if let earlier {
            ticket = earlier
        } else {
            var submission = Submission(target: .named(session), command: body.command, origin: .bridge)
            submission.key = body.key
            submission.options.limits.time = limit
            submission.options.limits.grace = Self.grace
            ticket = try await services.tickets.submit(submission, as: caller).ticket
        }
        if ticket.state != .awaitingApproval {
            ticket = try await services.tickets.ticket(
                ticket,
                waiting: limit + Self.grace + Self.patience
            )
        }
        if earlier != nil, ticket.state.isTerminal { try await approvals.handOut(ticket.id) }
        let answer = try await answer(ticket)
        return NativeAnswers.json { answer.write(to: &$0) }
    }

    /// The ticket of the same command that waits for a person, or about which one decided since the client was told to
    /// wait: its outcome is handed out once, in place of asking the person again, also by a server that was started since.
    private func earlier(_ command: String, in name: SessionName, as finder: Principal) async throws
        -> Ticket?
    {
        guard let id = try await approvals.unhanded(command, in: name) else { return nil }
        do { return try await services.tickets.ticket(id, as: finder) } catch is Failure { return nil }
    }

    private func answer(_ ticket: Ticket) async throws -> BridgeAnswer {
        switch ticket.state {
        case .awaitingApproval, .denied, .expired:
            let approval = try await approvals.approval(for: ticket.id)
            let link = approval.map { "\(services.settings.baseURL())/approve/\($0.id)" }
            var text = DoorText.explanation(of: ticket, approval, link: link) ?? ""
            if ticket.state == .awaitingApproval {
                text += "\nOnce it is approved, send the same command again to get its result."
            }
            return BridgeAnswer(ticket, stderr: text)
        default:
            return try await BridgeAnswer(ticket, from: services.outputs)
        }
    }
}

/// What the client sends to the bridge.
struct BridgeBody: Sendable {
    let command: String
    /// The caller's key: the same one again is the same ticket.
    let key: IdempotencyKey?

    init(_ request: HTTPRequest) throws(Failure) {
        guard String(strictUTF8: request.body) != nil, let value = try? JSONValue(parsing: request.body)
        else {
            throw Failure(
                .invalid,
                code: "invalid_json",
                message: "Invalid JSON: Syntax error",
                hint: "Send {\"shellCmd\": \"…\"}."
            )
        }
        guard let members = value.object else {
            throw Failure(
                .invalid,
                code: "invalid_json",
                message: "JSON payload must be an object",
                hint: "Send {\"shellCmd\": \"…\"}."
            )
        }
        let given = members["shellCmd"] ?? .null
        guard given != .null, given != .string("") else {
            throw Failure(
                .unprocessable,
                code: "command_missing",
                message: "Missing required field: shellCmd",
                hint: "Send {\"shellCmd\": \"…\"}."
            )
        }
        guard let command = given.string else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "Field must be a string: shellCmd",
                hint: "Send {\"shellCmd\": \"…\"}."
            )
        }
        // Here a length is no matter of the request's size but of what the command is.
        guard command.utf8.count <= Submission.maximumCommandBytes else {
            throw Failure(
                .unprocessable,
                code: "command_too_long",
                message: "Field is too long: shellCmd",
                hint: "At most \(Submission.maximumCommandBytes) bytes can be run."
            )
        }
        self.command = command
        key = try members["key"]?.string.map { text throws(Failure) in try IdempotencyKey(text) }
    }
}
