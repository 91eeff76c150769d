/// Where a ticket stands.
///
/// Terminal states never change.
public enum TicketState: Sendable, Equatable {
    /// The policy refused it.
    case denied(reason: String)
    /// Waits for a person's decision.
    case awaitingApproval
    /// Nobody decided in time.
    case expired
    /// Waits for a running place.
    case queued
    /// A running place is taken; the runner is being started.
    case starting
    /// The command runs.
    case running
    /// The command ended by itself with this code.
    case exited(code: Int)
    /// The command was ended by this signal, not by us.
    case killed(signal: Int)
    /// The time limit, or a limit of CPU time, memory or output, was reached.
    case timedOut
    /// Ended, or taken out of the queue, because somebody asked.
    case cancelled
    /// The supervisor ended without saying how the command ended.
    case lost(reason: String)
    /// It could not be started.
    case failed(reason: String)

    /// The word on the wire and in rows.
    public var word: String {
        switch self {
        case .denied: "denied"
        case .awaitingApproval: "awaiting_approval"
        case .expired: "expired"
        case .queued: "queued"
        case .starting: "starting"
        case .running: "running"
        case .exited: "exited"
        case .killed: "killed"
        case .timedOut: "timed_out"
        case .cancelled: "cancelled"
        case .lost: "lost"
        case .failed: "failed"
        }
    }

    /// Says whether the ticket is over.
    public var isTerminal: Bool {
        switch self {
        case .awaitingApproval, .queued, .starting, .running: false
        default: true
        }
    }

    /// Says whether a runner may exist for it.
    public var holdsPlace: Bool { self == .starting || self == .running }

    /// The reason that goes with the state, if it has one.
    public var reason: String? {
        switch self {
        case .denied(let reason), .lost(let reason), .failed(let reason): reason
        default: nil
        }
    }

    /// The exit code, if it has one.
    public var exitCode: Int? { if case .exited(let code) = self { code } else { nil } }
    /// The signal, if it has one.
    public var signal: Int? { if case .killed(let signal) = self { signal } else { nil } }

    /// Reads a state back from its word and numbers; nil for an unknown word.
    public init?(word: String, exitCode: Int?, signal: Int?, reason: String?) {
        switch word {
        case "denied": self = .denied(reason: reason ?? "")
        case "awaiting_approval": self = .awaitingApproval
        case "expired": self = .expired
        case "queued": self = .queued
        case "starting": self = .starting
        case "running": self = .running
        case "exited": self = .exited(code: exitCode ?? 0)
        case "killed": self = .killed(signal: signal ?? 0)
        case "timed_out": self = .timedOut
        case "cancelled": self = .cancelled
        case "lost": self = .lost(reason: reason ?? "")
        case "failed": self = .failed(reason: reason ?? "")
        default: return nil
        }
    }
}
