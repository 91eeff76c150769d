internal import Core
internal import Domain

/// What a model is told of a ticket: state and output, within a budget, with an account of what was left out.
struct Outcome: Sendable {
    let ticket: Ticket
    let stdout: OutputExcerpt
    let stderr: OutputExcerpt
    let name: String

    /// For functions: the state, then what was printed.
    ///
    /// What differs at each run is the ticket's name, and what stands in parentheses on the first line: the loop detector
    /// leaves both out.
    var asText: String {
        var text = "\(Self.state(of: ticket)) (ticket \(name)"
        if let run = ticket.run, ticket.state.isTerminal {
            text += ", " + Self.seconds(run.wallTime)
        }
        text += ")\n"
        text += advice
        if stdout.length > 0 { text += shown(stdout) }
        if stderr.length > 0 {
            text += (stdout.length > 0 ? "\n--- stderr ---\n" : "--- stderr ---\n") + shown(stderr)
        }
        if stdout.length + stderr.length == 0, ticket.state.isTerminal { text += "It printed nothing.\n" }
        return text
    }

    /// For the shell tool of a provider.
    var asShellResult: ShellCommandResult {
        var errors = stderr.length > 0 ? shown(stderr) : ""
        let outcome: ShellCommandResult.Outcome
        switch ticket.state {
        case .exited(let code): outcome = .exit(code: code)
        case .killed(let signal): outcome = .exit(code: 128 + signal)
        case .denied, .expired: outcome = .exit(code: 126)
        case .cancelled: outcome = .exit(code: 130)
        case .lost, .failed: outcome = .exit(code: 125)
        case .timedOut, .awaitingApproval, .queued, .starting, .running: outcome = .timeout
        }
        if !advice.isEmpty { errors += (errors.isEmpty ? "" : "\n") + advice }
        return ShellCommandResult(
            stdout: stdout.length > 0 ? shown(stdout) : "",
            stderr: errors,
            outcome: outcome
        )
    }

    /// The state in words.
    static func state(of ticket: Ticket) -> String {
        switch ticket.state {
        case .exited(let code): "exit code \(code)"
        case .killed(let signal): "ended by signal \(signal)"
        case .timedOut: "ended by its limit (\(ticket.run?.limit ?? "time"))"
        case .cancelled: "cancelled"
        case .denied: "refused"
        case .expired: "not approved in time"
        case .lost: "lost: its supervisor was killed"
        case .failed: "not started"
        case .awaitingApproval: "waiting for a person's approval"
        case .queued: "waiting for its turn behind earlier commands"
        case .starting, .running: "still running"
        }
    }

    /// What the model is to know beside the output.
    private var advice: String {
        switch ticket.state {
        case .denied(let reason), .failed(let reason), .lost(let reason): reason + "\n"
        case .expired: "Nobody decided in time. Ask the person, or find another way.\n"
        case .queued, .starting, .running:
            "Wait for it or read more with ticket_output {\"ticket\": \"\(name)\", \"wait\": 30}, or end it with ticket_cancel.\n"
        default: (ticket.run?.notes ?? []).map { $0 + "\n" }.joined()
        }
    }

    private func shown(_ excerpt: OutputExcerpt) -> String {
        guard excerpt.omitted > 0 else { return excerpt.text }
        return excerpt.text
            + "\n[\(excerpt.length) bytes in all; read the rest with ticket_output {\"ticket\": \"\(name)\", \"offset\": …}]"
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.inMilliseconds
        return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000) s"
    }
}
