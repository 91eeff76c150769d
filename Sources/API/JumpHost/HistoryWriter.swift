internal import Application
internal import Core
internal import Domain

/// Shares the cap on an answer between the tickets of a page: what short outputs leave is there for the next ones.
struct OutputBudget: Sendable {
    private var left: Int
    private var count: Int

    init(total: Int, count: Int) {
        left = total
        self.count = max(count, 1)
    }

    /// Bytes for the next ticket, at least 256.
    var share: Int { max(256, left / count) }

    /// Takes what a ticket used.
    mutating func spend(_ bytes: Int) {
        left = max(0, left - bytes)
        count = max(1, count - 1)
    }
}

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
