internal import Application
internal import Core
internal import Domain

/// Writes the array of /history.
struct HistoryWriter: Sendable {
    let outputs: OutputService

    func write(_ tickets: [Ticket], budget: inout OutputBudget, to writer: inout JSONWriter) async throws {
        // Outputs are read before anything is written, because reading suspends and the writer's closures do not.
        var entries: [(Ticket, ResultOutput)] = []
        entries.reserveCapacity(tickets.count)
        for ticket in tickets {
            var output = ResultOutput()
            if ticket.state.isTerminal {
                let share = budget.share
                let excerpt = try await outputs.excerpt(of: ticket, stream: .combined, cap: share / 2)
                output.output = excerpt.text
                output.omitted = excerpt.omitted
                if ticket.run?.stderrBytes ?? 0 == 0 {
                    output.stdout = output.output
                } else {
                    output.stdout = try await outputs.excerpt(of: ticket, stream: .stdout, cap: share / 4)
                        .text
                    output.stderr = try await outputs.excerpt(of: ticket, stream: .stderr, cap: share / 4)
                        .text
                }
                budget.spend(output.output.utf8.count + output.stdout.utf8.count + output.stderr.utf8.count)
            }
            entries.append((ticket, output))
        }
        writer.array { writer in
            for (ticket, output) in entries {
                if ticket.state.isTerminal {
                    SeedAnswers.writeResult(ticket, output: output, links: nil, to: &writer)
                } else {
                    SeedAnswers.writeWorking(ticket, to: &writer)
                }
            }
        }
    }
}
