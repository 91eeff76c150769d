import Core
import Domain
import HTTPClient

/// Follows a ticket to its end over any number of connections.
struct TicketFollower: Sendable {
    /// How long a server may be away before following is given up; the ticket is not touched by that.
    private static let patience: Duration = .seconds(120)

    let client: ServerClient
    let path: TicketPath
    let console: any Console
    /// Prints each event as a line of JSON in place of the output itself.
    var printsJSON = false

    /// Shows the output as it comes and returns the ticket when it is over.
    ///
    /// Reconnects with the position it has reached. Cancellation ends the following, not the ticket.
    func follow() async throws -> TicketView {
        var cursor = EventCursor()
        var lastContact = ContinuousClock.now
        var delay = Duration.milliseconds(10)
        var isAway = false
        while true {
            let before = cursor.position
            do {
                let response = try await connect(from: before)
                if isAway { await console.say("deckhand: connected again") }
                isAway = false
                lastContact = .now
                if let ticket = try await read(response, &cursor) { return ticket }
            } catch  where ServerClient.isTransient(error) {
                if ContinuousClock.now - lastContact > Self.patience { throw client.explained(error) }
                if !isAway, cursor.position == before, console.isInteractive {
                    await console.say("deckhand: the connection is lost; trying again")
                    isAway = true
                }
            }
            delay = cursor.position > before ? .milliseconds(10) : min(delay * 2, .seconds(2))
            try await Task.sleep(for: delay)
        }
    }

    private func connect(from position: Int64) async throws -> HTTPClientResponse {
        var headers: [(name: String, value: String)] = [("Accept", "text/event-stream")]
        if position > 0 { headers.append(("Last-Event-ID", String(position))) }
        return try await client.send("GET", path.text + "/events", headers: headers)
    }

    /// Reads one connection's events; nil when it ended before the ticket did.
    private func read(_ response: HTTPClientResponse, _ cursor: inout EventCursor) async throws -> TicketView?
    {
        for try await event in response.body.events(limit: 16 << 20) {
            for action in cursor.take(event) {
                switch action {
                case .output(let stream, let bytes): try await show(bytes, stream, event)
                case .gap(let count):
                    await console.say("deckhand: \(count) bytes of output were not kept")
                case .state(let ticket):
                    if printsJSON { try await line(event) }
                    if ticket.state.isTerminal { return ticket }
                    if ticket.state == .awaitingApproval { await console.say("deckhand: waits for approval") }
                case .malformed: return nil
                }
            }
        }
        return nil
    }

    private func show(_ bytes: [UInt8], _ stream: EventCursor.Stream, _ event: ServerSentEvent) async throws {
        if printsJSON { return try await line(event) }
        switch stream {
        case .stdout: try await console.write(bytes)
        case .stderr: try await console.writeError(bytes)
        }
    }

    private func line(_ event: ServerSentEvent) async throws {
        var writer = JSONWriter(capacity: event.data.utf8.count + 32)
        writer.object { writer in
            writer.key("event")
            writer.string(event.event)
            writer.key("data")
            writer.raw(Array(event.data.utf8))
        }
        try await console.write(writer.bytes + [10])
    }
}
