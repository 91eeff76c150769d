import Core
import Domain
import HTTPClient

/// Gives a ticket's terminal the size that the local one has, whenever that changes.
struct WindowFollower: Sendable {
    private static let attempts = 10

    let client: ServerClient
    let path: TicketPath
    let changes: AsyncStream<Void>

    /// Works until it is cancelled.
    func run() async {
        for await _ in changes {
            if let size = RawTerminal.size { await send(size) }
        }
    }

    /// A size that cannot be delivered is not worth a word: the next change comes, or the ticket is over.
    private func send(_ size: TerminalSize) async {
        let body = JSONValue.object([
            "columns": .integer(Int64(size.columns)), "rows": .integer(Int64(size.rows)),
        ])
        for _ in 0..<Self.attempts {
            do {
                let response = try await client.send(
                    "POST",
                    path.text + "/resize",
                    headers: [("Content-Type", "application/json")],
                    body: body.bytes
                )
                _ = try await response.body.collect(limit: 1 << 20)
                return
            } catch  where InputFeeder.wasNotTaken(error) {
                do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
            } catch {
                return
            }
        }
    }
}
