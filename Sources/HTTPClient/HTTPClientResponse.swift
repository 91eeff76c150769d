/// The answer to a request.
public struct HTTPClientResponse: Sendable {
    /// The status code; codes of 400 and more are no errors here.
    public let status: Int
    /// The header fields.
    public let headers: HTTPClientHeaders
    /// The body as it arrives.
    public let body: HTTPClientBody
}

/// The body of a response: pieces of bytes as they arrive, to be read once.
///
/// Reading slowly holds the sender back. Ends with nil after the last byte; throws ``HTTPClientError`` when the
/// connection is lost before, and `CancellationError` when the reading task is cancelled.
public struct HTTPClientBody: AsyncSequence, Sendable {
    /// A piece of bytes, never empty.
    public typealias Element = [UInt8]

    /// Closes the connection when nobody can read the rest any more.
    final class Owner: Sendable {
        let transfer: Transfer
        private let client: HTTPClient
        init(_ transfer: Transfer, _ client: HTTPClient) {
            self.transfer = transfer
            self.client = client
        }
        deinit { transfer.cancel() }
    }

    /// Takes the pieces one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let owner: Owner

        /// The next piece; nil after the last one.
        public mutating func next() async throws -> [UInt8]? { try await owner.transfer.next() }
    }

    private let owner: Owner

    init(_ transfer: Transfer, _ client: HTTPClient) { owner = Owner(transfer, client) }

    /// Starts reading; the pieces are had once.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner: owner) }

    /// Says that nobody needs the rest, which is expected to be nothing but the end.
    ///
    /// The connection is used again if the end comes within half a second, and closed otherwise. The caller does not
    /// wait for that, and reads no more.
    public func release() { owner.transfer.release() }

    /// The whole body; throws `tooLarge` when there is more than `limit` bytes, and then closes the connection.
    public func collect(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.count <= limit else {
                owner.transfer.cancel()
                throw HTTPClientError(.tooLarge, "the body is larger than \(limit) bytes")
            }
            bytes += piece
        }
        return bytes
    }
}
