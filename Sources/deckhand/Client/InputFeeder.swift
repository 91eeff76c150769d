import Core
import Domain
import HTTPClient

/// Hands this process's standard input to a ticket whose input is open, piece by piece and in order.
struct InputFeeder: Sendable {
    let client: ServerClient
    let path: TicketPath

    /// Reads to the end of standard input and then closes the ticket's.
    ///
    /// A piece whose connection was refused is sent again; one whose answer was lost is not, since it may have
    /// arrived: that throws.
    func run() async throws {
        let input = DescriptorStream(0, name: "stdin")
        while true {
            let bytes = try await input.read(upTo: 64 << 10)
            try await send(bytes)
            if bytes.isEmpty { return }
        }
    }

    private func send(_ bytes: [UInt8]) async throws {
        var delay = Duration.milliseconds(50)
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            do {
                let query = bytes.isEmpty ? "?close=1" : ""
                let response = try await client.send(
                    "POST",
                    path.text + "/input" + query,
                    headers: [("Content-Type", "application/octet-stream")],
                    body: bytes
                )
                _ = try await response.body.collect(limit: 1 << 20)
                return
            } catch let error as HTTPClientError where error.sentNothing && ContinuousClock.now < deadline {
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(2))
            }
        }
    }
}
