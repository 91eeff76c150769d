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
        var html = "<h1>Session \(session.name)</h1>\n"
        if entries.isEmpty { html += "<p>No tickets yet.</p>\n" }
        for entry in entries {
            let mark =
                entry.ticket.state == .exited(code: 0) ? "ok" : entry.ticket.state.isTerminal ? "bad" : "busy"
            html += """
                <section class="ticket"><h2><span class="number">\(entry.ticket.id.number)</span> <code>$ \(HTMLText.escape(entry.ticket.command))</code></h2>
                <pre>\(HTMLText.escape(entry.output))</pre>
                <p class="\(mark)">\(HTMLText.escape(footer(entry.ticket)))</p></section>

                """
        }
        if let last = entries.last, hasMore {
            html += "<p>More tickets: add after=\(last.ticket.id.number)</p>\n"
        }
        return html
    }

    private func footer(_ ticket: Ticket) -> String {
        guard ticket.state.isTerminal else { return ticket.state.word }
        guard let run = ticket.run, run.started != nil else { return SeedAnswers.ending(ticket) }
        let milliseconds = run.wallTime.inMilliseconds
        return
            "\(SeedAnswers.ending(ticket)), \(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst()) s"
    }
}
