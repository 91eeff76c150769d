internal import Application
internal import Core
internal import Domain

/// A session as a terminal would have shown it: prompt, command, output, exit code, one ticket after another.
struct TerminalView: Sendable {
    struct Entry: Sendable {
        let ticket: Ticket
        let output: String
    }

    let outputs: OutputService
    let session: Session
    let hasMore: Bool

    func entries(_ tickets: [Ticket], budget: inout OutputBudget) async throws -> [Entry] {
        var entries: [Entry] = []
        for ticket in tickets {
            let excerpt = try await outputs.excerpt(of: ticket, stream: .combined, cap: budget.share)
            budget.spend(excerpt.head.count + excerpt.tail.count)
            entries.append(Entry(ticket: ticket, output: excerpt.text))
        }
        return entries
    }

    func text(_ entries: [Entry]) -> String {
        var text = ""
        for entry in entries {
            text += "[\(entry.ticket.id.number)] $ \(entry.ticket.command)\n\(entry.output)"
            if !entry.output.isEmpty, !entry.output.hasSuffix("\n") { text += "\n" }
            text += "[\(footer(entry.ticket))]\n\n"
        }
        if let last = entries.last, hasMore { text += "[more tickets: add after=\(last.ticket.id.number)]\n" }
        return text
    }

    func html(_ entries: [Entry]) -> String {
        var html = "<h1>Session <span class=\"mono-title\">\(session.name)</span></h1>\n"
        if entries.isEmpty {
            html += "<p class=\"lead\">No tickets yet: the first command makes one.</p>\n"
        }
        for entry in entries { html += card(entry).html }
        if let last = entries.last, hasMore {
            html +=
                "<p class=\"note\">There are more tickets: add <code>after=\(last.ticket.id.number)</code> to the address.</p>\n"
        }
        return html
    }

    private func card(_ entry: Entry) -> StaticCard {
        let ticket = entry.ticket
        let isOver = ticket.state.isTerminal
        return StaticCard(
            title: ticket.command,
            number: ticket.id.number,
            state: isOver ? SeedAnswers.ending(ticket) : ticket.state.word,
            tone: ticket.state == .exited(code: 0) ? .good : isOver ? .bad : .busy,
            facts: isOver ? [duration(ticket)].compactMap(\.self) : [],
            outputs: [StaticCard.Output(text: entry.output)]
        )
    }

    private func footer(_ ticket: Ticket) -> String {
        guard ticket.state.isTerminal else { return ticket.state.word }
        return ([SeedAnswers.ending(ticket)] + [duration(ticket)].compactMap(\.self)).joined(separator: ", ")
    }

    /// How long it ran, such as `1.250 s`; nil for what never ran.
    private func duration(_ ticket: Ticket) -> String? {
        guard let run = ticket.run, run.started != nil else { return nil }
        let milliseconds = run.wallTime.inMilliseconds
        return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst()) s"
    }
}
