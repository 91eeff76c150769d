internal import Core
internal import Domain

/// Carries out the steps of one turn that reach this machine; each as often as it is asked to, with one effect.
///
/// A command becomes a ticket whose key comes from the turn and the call, so that a step that is carried out again
/// after a crash finds its ticket instead of running the command twice.
struct ShellSteps: Sendable {
    private static let longestWait = 60.0

    let context: ToolContext
    let tickets: TicketService
    let outputs: OutputService
    let settings: AssistantSettings
    let cryptography: any Cryptography
    /// The decision that a ticket waits for.
    let approval: @Sendable (TicketID) async throws -> Int64?
    /// Types into tickets: asks a person first.
    let typing: any ModelTyping

    private var turn: Turn { context.turn }
    private var principal: Principal { context.principal }

    /// What happens to a step, for those who look on.
    typealias Report = @Sendable (ToolReport) async throws -> Void

    /// Carries out a step.
    ///
    /// What goes wrong is a result for the model; only cancellation and errors of this server are thrown.
    func run(_ step: ToolStep, _ report: @escaping Report) async throws -> ToolOutcome {
        switch step.call.request {
        case .shell(let commands, let timeout, _):
            guard commands.indices.contains(step.id.index) else {
                return ToolOutcome(.text("There was no command in this call.", isError: true))
            }
            var command = Command(text: commands[step.id.index])
            command.timeout = timeout.flatMap { $0 > .zero ? $0 : nil }
            do {
                let outcome = try await run(command, step.id, report)
                return ToolOutcome(.command(outcome.asShellResult), ticket: Self.step(outcome.ticket, nil))
            } catch let failure as Failure { return ToolOutcome(.command(Self.refused(failure))) }
        case .function(let name, let arguments):
            do {
                let arguments = try ToolArguments(arguments)
                let (text, ticket) = try await function(name, arguments, step, report)
                return ToolOutcome(.text(text, isError: false), ticket: ticket.map { Self.step($0, nil) })
            } catch let failure as Failure { return .refused(failure) }
        }
    }

    private func function(
        _ name: String,
        _ arguments: ToolArguments,
        _ step: ToolStep,
        _ report: @escaping Report
    ) async throws -> (text: String, ticket: Ticket?) {
        switch name {
        case ShellToolForms.shellName, ShellToolForms.startName:
            var command = Command(text: try arguments.text("command"))
            command.isBackground = arguments.flag("background")
            command.isInteractive = arguments.flag("interactive")
            command.timeout = Self.duration(arguments.number("timeout"), upTo: 7 * 86_400)
            command.wait = Self.duration(arguments.number("wait"), upTo: 600)
            command.secrets = try arguments.texts("secrets").map { text throws(Failure) in
                try SecretName(text)
            }
            let outcome = try await run(command, step.id, report)
            return (outcome.asText, outcome.ticket)
        case ShellToolForms.outputName: return try await output(arguments)
        case ShellToolForms.inputName:
            let ticket = try await ticket(try arguments.text("ticket"))
            guard ticket.options.input == .open else { throw Self.notInteractive(ticket) }
            let input = TypedInput(
                ticket: ticket.id,
                bytes: Array(try arguments.text("text").utf8),
                isClosing: arguments.flag("close"),
                reference: try key(step.id).rawValue,
                isRepeated: step.isRepeated
            )
            return (try await typing.type(input, as: principal) { try await report(.object($0)) }, nil)
        case ShellToolForms.cancelName:
            let ticket = try await ownTicket(arguments)
            var ended = try await tickets.cancel(ticket.id, as: principal)
            ended = try await tickets.ticket(ended, waiting: .seconds(5))
            return ("The ticket \(Self.name(ended)) is \(ended.state.word).", ended)
        default:
            throw Failure(
                .notFound,
                code: "unknown_tool",
                message: "There is no tool named \(name.prefix(64)).",
                hint: "Use one of the tools that are offered."
            )
        }
    }

    // MARK: Commands

    private struct Command {
        var text: String
        var isBackground = false
        var isInteractive = false
        var timeout: Duration?
        var wait: Duration?
        var secrets: [SecretName] = []
    }

    /// Ends what a step started that was cut before it could tell.
    func end(_ step: ToolStep) async throws {
        do {
            switch step.call.request {
            case .shell: try await endTicket(of: step, isBackground: false)
            case .function(ShellToolForms.shellName, let arguments),
                .function(ShellToolForms.startName, let arguments):
                let isBackground = try ToolArguments(arguments).flag("background")
                try await endTicket(of: step, isBackground: isBackground)
            case .function(ShellToolForms.inputName, let arguments):
                let ticket = try await ticket(try ToolArguments(arguments).text("ticket"))
                try await typing.withdraw(try key(step.id).rawValue, about: ticket.id)
            case .function: break
            }
        } catch let failure as Failure where failure.kind != .unavailable {
            // It is out of reach, as it was for the step.
        }
    }

    private func endTicket(of step: ToolStep, isBackground: Bool) async throws {
        try await tickets.cancel(
            submittedWith: try key(step.id),
            to: try session(isBackground: isBackground),
            as: principal
        )
    }

    private func session(isBackground: Bool) throws -> SessionName {
        try SessionName("chat-\(turn.chat.rawValue)" + (isBackground ? "-bg" : ""))
    }

    private func run(_ command: Command, _ id: ToolStepID, _ report: Report) async throws -> Outcome {
        let session = try session(isBackground: command.isBackground)
        try await makeSession(session, mode: command.isBackground ? .parallel : .stateful)
        var submission = Submission(
            target: .named(session),
            command: command.text,
            origin: origin,
            key: try key(id)
        )
        if let timeout = command.timeout { submission.options.limits.time = timeout }
        submission.options.secrets = command.secrets
        if command.isInteractive { submission.options.input = .open }
        var ticket = try await tickets.submit(submission, as: principal).ticket
        var approvalID: Int64?
        if ticket.state == .awaitingApproval { approvalID = try await approval(ticket.id) }
        try await report(.ticket(Self.step(ticket, approvalID)))
        if ticket.state == .awaitingApproval {
            if !context.waitsForPeople { throw approvalNeeded(ticket, approvalID) }
            ticket = try await decided(ticket)
            try await report(.ticket(Self.step(ticket, approvalID)))
        }
        ticket = try await tickets.ticket(ticket, waiting: command.wait ?? settings.softLimit)
        return try await outcome(ticket)
    }

    /// The command policy judges by it.
    private var origin: TicketOrigin { context.door == .openai ? .tool : .assistant }

    /// The refusal that tells the model where its person decides.
    private func approvalNeeded(_ ticket: Ticket, _ approval: Int64?) -> Failure {
        let link = approval.flatMap(settings.approvalLink)
        return Failure(
            .forbidden,
            code: "approval_needed",
            message: DoorText.explanation(of: ticket, nil, link: link)
                ?? "A person has to approve this first.",
            hint: """

                Tell the person so, with the link. What came of it: ticket_output {"ticket": "\(Self.name(ticket))"}.
                """
        )
    }

    private func outcome(_ ticket: Ticket) async throws -> Outcome {
        Outcome(
            ticket: ticket,
            stdout: try await outputs.excerpt(of: ticket, stream: .stdout, cap: settings.resultBytes),
            stderr: try await outputs.excerpt(of: ticket, stream: .stderr, cap: settings.resultBytes / 2),
            name: Self.name(ticket)
        )
    }

    private func makeSession(_ name: SessionName, mode: SessionMode) async throws {
        do {
            _ = try await tickets.createSession(name: name, configure: { $0.mode = mode }, as: principal)
        } catch let failure as Failure where failure.kind == .conflict {
            // It is there already, which is what was wanted.
        }
    }

    /// The ticket once a person decided, or once nobody can any more.
    private func decided(_ ticket: Ticket) async throws -> Ticket {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = tickets.watch(ticket.id, wake)
        defer { withExtendedLifetime(watch) {} }
        wake.yield()
        for await _ in wakeups {
            let current = try await tickets.ticket(ticket.id, as: principal)
            if current.state != .awaitingApproval { return current }
        }
        throw CancellationError()
    }

    /// The same step of the same turn always has the same key; the call's id comes from outside and may be anything.
    private func key(_ id: ToolStepID) throws -> IdempotencyKey {
        let digest = cryptography.digest(Array("\(id.index) \(id.call)".utf8))
        return try IdempotencyKey("turn-\(turn.id.rawValue)-" + TextCoding.hex(digest.prefix(16)))
    }

    // MARK: Tickets

    private func output(_ arguments: ToolArguments) async throws -> (text: String, ticket: Ticket?) {
        var ticket = try await ownTicket(arguments)
        if let wait = Self.duration(arguments.number("wait"), upTo: Self.longestWait) {
            ticket = try await tickets.ticket(ticket, waiting: wait)
        }
        let info = try await outputs.info(ticket, stream: .combined)
        let start: Int64
        if let lines = arguments.number("tail_lines"), lines >= 1 {
            start = try await outputs.offsetOfLast(
                lines: Int(min(lines, 100_000)),
                of: ticket,
                stream: .combined
            )
        } else {
            start = Int64(max(0, min(arguments.number("offset") ?? 0, 1e15)))
        }
        let chunk = try await outputs.read(
            ticket,
            stream: .combined,
            from: start,
            count: settings.resultBytes
        )
        let name = Self.name(ticket)
        let end = chunk.offset + Int64(chunk.bytes.count)
        var text = "The ticket \(name) is \(Outcome.state(of: ticket)). It printed \(info.length) bytes"
        text += "; these are bytes \(chunk.offset) to \(end).\n"
        text += String(decoding: chunk.bytes, as: UTF8.self)
        if let gap = info.omitted, end == gap.start || chunk.offset == gap.end {
            text += "\n[bytes \(gap.start) to \(gap.end) were not kept: there were too many]"
        }
        if chunk.next < info.length {
            text += "\n[\(info.length - chunk.next) bytes follow: ticket_output with offset \(chunk.next)]"
        }
        return (text, ticket)
    }

    /// The ticket that a model names as `session/number`.
    private func ticket(_ text: String) async throws -> Ticket {
        let parts = text.split(separator: "/")
        guard let last = parts.last, let number = Int(last), number > 0, parts.count <= 2 else {
            throw Failure(
                .invalid,
                code: "invalid_ticket",
                message: "This names no ticket.",
                hint: "Name it as in the result that told you of it, such as chat-7/3."
            )
        }
        let session = parts.count == 2 ? String(parts[0]) : "chat-\(turn.chat.rawValue)"
        return try await tickets.ticket(number: number, in: try SessionName(session), as: principal)
    }

    /// The ticket of a call that no person is asked about: one of this chat, whatever its principal may reach.
    ///
    /// What a model reads may tell it to look at others, or to end them. Behind the OpenAI-compatible door each request is
    /// a chat of its own, so that there the tickets of the caller's earlier requests count as well.
    private func ownTicket(_ arguments: ToolArguments) async throws -> Ticket {
        let ticket = try await ticket(try arguments.text("ticket"))
        let own = try [session(isBackground: false), session(isBackground: true)]
        let isEarlier =
            context.door == .openai && ticket.origin == .tool && ticket.submittedBy == principal.id
        guard own.contains(ticket.sessionName) || isEarlier else {
            throw Failure(
                .forbidden,
                code: "ticket_of_another_session",
                message: "The ticket \(Self.name(ticket)) is not one of this conversation.",
                hint: "You reach the tickets of \(own[0]) and \(own[1]). Ask the person about others."
            )
        }
        return ticket
    }

    private static func notInteractive(_ ticket: Ticket) -> Failure {
        Failure(
            .conflict,
            code: "not_interactive",
            message: "The ticket \(name(ticket)) does not take input.",
            hint: """
                Start the command again with "interactive": true: with \(ShellToolForms.startName) where you have it, else \
                with \(ShellToolForms.shellName).
                """
        )
    }

    private static func name(_ ticket: Ticket) -> String { "\(ticket.sessionName)/\(ticket.id.number)" }

    private static func step(_ ticket: Ticket, _ approval: Int64?) -> StepTicket {
        var step = StepTicket(
            ticket: ticket.id,
            session: ticket.sessionName,
            state: ticket.state.word,
            approval: approval
        )
        guard ticket.state.isTerminal else { return step }
        step.exitCode = ticket.state.exitCode
        step.signal = ticket.state.signal
        if let run = ticket.run, run.started != nil {
            step.duration = .milliseconds(run.wallTime.inMilliseconds)
        }
        return step
    }

    private static func duration(_ seconds: Double?, upTo maximum: Double) -> Duration? {
        guard let seconds, seconds > 0 else { return nil }
        return .milliseconds(Int64(min(seconds, maximum) * 1_000))
    }

    private static func text(of failure: Failure) -> String {
        failure.message + (failure.hint.map { " " + $0 } ?? "")
    }

    private static func refused(_ failure: Failure) -> ShellCommandResult {
        ShellCommandResult(stdout: "", stderr: text(of: failure), outcome: .exit(code: 126))
    }
}
