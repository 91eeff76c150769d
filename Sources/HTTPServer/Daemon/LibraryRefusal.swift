/// A request that libmicrohttpd refused by itself, such as one whose head does not fit into a connection's memory.
///
/// The library has no callback for it and sends a page of its own; what it did is told by a log message, before the target
/// of an endless request line is known (`transmit_error_response` in connection.c of 0.9.75).
struct LibraryRefusal: Equatable {
    /// What the message's format begins with.
    static let beginning = "Error processing request (HTTP response code is "

    /// The status code that the client gets.
    let status: Int

    /// Reads the message; nil when it is another one.
    init?(message: [UInt8]) {
        guard message.starts(with: Self.beginning.utf8) else { return nil }
        let digits = message.dropFirst(Self.beginning.utf8.count).prefix { (48...57).contains($0) }
        guard digits.count == 3, let status = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.status = status
    }

    /// What it counts as; nil when it is nothing of the client's.
    var reason: HTTPRejection.Reason? {
        switch status {
        case 400: .malformed
        case 413: .bodyTooLarge
        case 414: .targetTooLong
        case 431: .headersTooLarge
        case 501: .notImplemented
        default: nil
        }
    }
}
