internal import Core
internal import Domain

/// The counts and durations of tickets.
struct TicketMetrics: Sendable {
    let queued: Gauge
    let running: Gauge
    private let wall: Histogram
    private let wait: Histogram
    private let ended: [String: Counter]

    init(_ registry: MetricsRegistry) {
        queued = registry.gauge("deckhand_tickets_queued", help: "Tickets that wait for a running place.")
        running = registry.gauge("deckhand_tickets_running", help: "Tickets that hold a running place.")
        wall = registry.histogram("deckhand_ticket_run_seconds", help: "Wall-clock time of commands.")
        wait = registry.histogram("deckhand_ticket_wait_seconds", help: "Time from submission to start.")
        let words = ["exited", "killed", "timed_out", "cancelled", "lost", "failed", "denied", "expired"]
        ended = Dictionary(
            uniqueKeysWithValues: words.map { word in
                (
                    word,
                    registry.counter(
                        "deckhand_tickets_ended_total",
                        labels: "state=\"\(word)\"",
                        help: "Tickets by how they ended."
                    )
                )
            }
        )
    }

    func count(_ ticket: Ticket) {
        ended[ticket.state.word]?.add()
        guard let run = ticket.run else { return }
        wall.record(run.wallTime)
        if let started = run.started { wait.record(started - ticket.created) }
    }
}
