import Core
import Domain
import HTTPClient

/// Hands this process's standard input to a ticket whose input is open, piece by piece and in order.
struct InputFeeder: Sendable {
    /// The server takes 1 MiB at a time.
    private static let pieceBytes = 64 << 10

    let client: ServerClient
    let path: TicketPath
    var input = DescriptorStream(0, name: "stdin")
    /// In raw mode keys are the command's, except one to leave.
    var takesKeys = false

    /// Reads to the end of standard input and then closes the ticket's; returns early when the command has closed it.
    ///
    /// A piece that the server refused, or that never reached it, is sent again until the task is cancelled. One whose
    /// answer was lost is not, since it may have arrived: that throws. True means that a person wants to leave.
    func run() async throws -> Bool {
        var leaveKey = LeaveKey()
        while true {
            let bytes = try await input.read(upTo: Self.pieceBytes)
            if takesKeys, leaveKey.isPressed(in: bytes) { return true }
            guard try await send(bytes), !bytes.isEmpty else { return false }
        }
    }

    /// Says whether the input is still open.
    private func send(_ bytes: [UInt8]) async throws -> Bool {
        var delay = Duration.milliseconds(10)
        while true {
            do {
                let response = try await client.send(
                    "POST",
                    path.text + "/input" + (bytes.isEmpty ? "?close=1" : ""),
                    headers: [("Content-Type", "application/octet-stream")],
                    body: bytes
                )
                _ = try await response.body.collect(limit: 1 << 20)
                return true
            } catch let failure as Failure where failure.code == "input_closed" {
                return false
            } catch  where Self.wasNotTaken(error) {
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(1))
            }
        }
    }

    /// Says whether the piece certainly had no effect and may have one later: the command does not run yet, its input
    /// is full, or the server is away.
    static func wasNotTaken(_ error: any Error) -> Bool {
        switch error {
        case let failure as Failure:
            failure.code == "not_running" || failure.code == "ticket_not_running"
                || failure.kind == .rateLimited || failure.kind == .unavailable
        case let error as HTTPClientError: error.sentNothing && error.code != .invalidRequest
        default: false
        }
    }
}
