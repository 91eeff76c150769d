public import Domain

/// What doors that answer with plain text say about a ticket that may not run yet, or at all.
public enum DoorText: Sendable {
    /// The exit code of a command that may not be run (POSIX.1-2017 XCU section 2.8.2).
    public static let exitCode = 126

    /// Reason, rule and next step, in a few lines; nil for a ticket that neither waits for a person nor was refused.
    public static func explanation(of ticket: Ticket, _ approval: Approval?, link: String?) -> String? {
        switch ticket.state {
        case .awaitingApproval:
            var lines = ["This command was not run: a person has to approve it first."]
            if let approval {
                lines.append("Reason: \(approval.contents.reason)")
                lines.append("Rule: \(approval.contents.rule)")
            }
            if let link { lines.append("Ask your person to sign in and decide here: \(link)") }
            lines.append(
                "It is ticket \(ticket.id.number) of session \(ticket.sessionName); it runs once approved."
            )
            return lines.joined(separator: "\n")
        case .denied(let text):
            guard let refusal = Refusal(text: text) else { return "This command was refused. \(text)" }
            return """
                This command was refused.
                Reason: \(refusal.reason)
                Rule: \(refusal.rule)
                Instead: \(refusal.hint)
                """
        case .expired:
            return "This command was not run: nobody approved it in time. Submit it again to ask again."
        default: return nil
        }
    }
}
