import Core
import Domain

/// A ticket as the server describes it.
struct TicketView: Sendable, Equatable {
    let session: String
    let number: Int
    let state: TicketState
    /// The whole answer.
    let json: JSONValue

    /// Nil when members are missing or have another type.
    init?(_ json: JSONValue) {
        guard let session = json["session"]?.string, let number = json["ticket"]?.integer,
            let word = json["state"]?.string,
            let state = TicketState(
                word: word,
                exitCode: json["exit_code"]?.integer.map { Int($0) },
                signal: json["signal"]?.integer.map { Int($0) },
                reason: json["reason"]?.string
            )
        else { return nil }
        self.session = session
        self.number = Int(number)
        self.state = state
        self.json = json
    }

    var path: TicketPath { TicketPath(session: session, number: number) }

    /// Throws when an answer is no ticket.
    static func read(_ json: JSONValue) throws(Failure) -> TicketView {
        guard let view = TicketView(json) else {
            throw Failure(
                .internal,
                code: "unexpected_answer",
                message: "The server's answer is no ticket.",
                hint: "Check that server and command line have the same version."
            )
        }
        return view
    }

    /// The exit code of `deckhand run` for a ticket that is over: that of the command, 128 and the signal, as a
    /// shell says it; 124 for the time limit as timeout(1) says it; 130 when it was cancelled, as Ctrl-C says it;
    /// 125 when it did not run.
    var exitCode: Int32 {
        switch state {
        case .exited(let code): Int32(truncatingIfNeeded: code)
        case .killed(let signal): 128 + Int32(truncatingIfNeeded: signal)
        case .timedOut: 124
        case .cancelled: 130
        default: 125
        }
    }

    /// What a person should know about the end, nil when the command just ended.
    var remark: String? {
        switch state {
        case .exited: nil
        case .killed(let signal): "ended by signal \(signal)"
        case .timedOut: "ended: the limit of \(json["limit"]?.string ?? "time") was reached"
        case .cancelled: "cancelled"
        case .denied(let reason): "denied: \(reason)"
        case .expired: "expired: nobody approved it in time"
        case .lost(let reason): "lost: \(reason)"
        case .failed(let reason): "not started: \(reason)"
        case .awaitingApproval: "waits for approval"
        case .queued, .starting, .running: nil
        }
    }
}
