internal import CLinux
internal import CMicroHTTPD
internal import Synchronization

/// The bounded buffer between the producer of a streamed response and its connection.
///
/// The connection is suspended while there is nothing to send; the producer is suspended while the buffer is full.
final class ResponseStream: Sendable {
    /// How a producer ends.
    enum End { case complete, failed }

    private struct Waiter {
        let id: UInt64
        let size: Int
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var chunks: [[UInt8]] = []
        var offset = 0
        var buffered = 0
        var written: Int64 = 0
        var sent: Int64 = 0
        var end: End?
        var isClientGone = false
        var suspended: ConnectionHandle?
        var waiters: [Waiter] = []
        var nextWaiter: UInt64 = 0
        var sentSinceIdle = Int.max
        var lastWrite = ContinuousClock.now
    }
    /// A task that may be cancelled from any thread, as ``Task`` may; it is spoken of only while it runs the body.
    @safe private struct Producer: @unchecked Sendable {
        let task: UnsafeCurrentTask
    }
    private let state = Mutex(State())
    /// The task of the producer while it is to be cancelled when the client leaves; apart from the state, because
    /// what cancellation calls takes that lock.
    private let producer = Mutex<Producer?>(nil)
    private let capacity: Int
    let length: Int64?

    init(capacity: Int, length: Int64?) {
        self.capacity = capacity
        self.length = length
    }

    /// What waits to be sent, in bytes.
    var buffered: Int { state.withLock { $0.buffered } }
    /// What was taken by the connection so far, in bytes.
    var sent: Int64 { state.withLock { $0.sent } }
    /// Whether a producer waits for room.
    var isProducerWaiting: Bool { state.withLock { !$0.waiters.isEmpty } }

    // MARK: The producer's side

    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        if bytes.isEmpty { return }
        while true {
            let isDone = try state.withLock { state in
                guard state.waiters.isEmpty || state.isClientGone else { return false }
                return try append(bytes, to: &state)
            }
            if isDone { return }
            try await waitForRoom(bytes.count)
            let isAppended = try state.withLock { try append(bytes, to: &$0) }
            if isAppended { return }
        }
    }

    /// Says that nothing more comes.
    func finish(_ end: End) {
        state.withLock { state in
            var end = end
            if let length, state.written < length { end = .failed }
            state.end = end
            wakeConnection(&state)
        }
    }

    /// Writes a heartbeat if nothing was written for so long and nothing waits to be sent.
    func beat(afterSilence silence: Duration) {
        state.withLock { state in
            guard state.buffered == 0, state.end == nil, ContinuousClock.now - state.lastWrite >= silence
            else { return }
            // A client that has left is told to the producer by other means.
            _ = try? append(SSE.heartbeat, to: &state)
        }
    }

    /// Runs the producer's body, and cancels the task it runs in when the client has left.
    ///
    /// No task of its own watches: thousands of streams may be idle, and a task is the larger part of one.
    func whileRead(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await unsafe withUnsafeCurrentTask { @Sendable task in
            let found = unsafe task.map { unsafe Producer(task: $0) }
            producer.withLock { $0 = found }
            // Waits for a cancellation that is under way, so that the task is there as long as it is spoken of.
            defer { producer.withLock { $0 = nil } }
            if state.withLock({ $0.isClientGone }) { throw HTTPStreamError.clientGone }
            try await body()
        }
    }

    private func append(_ bytes: [UInt8], to state: inout State) throws -> Bool {
        if let length, state.written + Int64(bytes.count) > length { throw HTTPStreamError.tooLong }
        if state.isClientGone { throw HTTPStreamError.clientGone }
        guard hasRoom(bytes.count, state) else { return false }
        state.lastWrite = .now
        state.chunks.append(bytes)
        state.buffered += bytes.count
        state.written += Int64(bytes.count)
        wakeConnection(&state)
        return true
    }

    private func hasRoom(_ size: Int, _ state: State) -> Bool {
        state.buffered == 0 || state.buffered + size <= capacity
    }

    private func wakeConnection(_ state: inout State) {
        guard let connection = state.suspended else { return }
        state.suspended = nil
        connection.resume()
    }

    private func waitForRoom(_ size: Int) async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isClientGone { return .failure(HTTPStreamError.clientGone) }
                    if state.waiters.isEmpty, hasRoom(size, state) { return .success(()) }
                    state.waiters.append(Waiter(id: id, size: size, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    // MARK: The connection's side

    /// Says that nobody reads any more.
    func clientLeft() {
        let waiters = state.withLock { state in
            state.isClientGone = true
            state.suspended = nil
            state.chunks = []
            state.buffered = 0
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: HTTPStreamError.clientGone) }
        producer.withLock { unsafe $0?.task.cancel() }
    }

    /// Fills the library's buffer, or suspends the connection when there is nothing to send.
    func read(into buffer: UnsafeMutableRawBufferPointer, of connection: ConnectionHandle) -> Int {
        let (count, waiter) = state.withLock { state -> (Int, Waiter?) in
            let count = unsafe take(from: &state, into: buffer)
            if count == 0 {
                switch state.end {
                case .complete: return (dh_mhd_end_of_stream, nil)
                case .failed:
                    connection.shut()
                    return (dh_mhd_end_with_error, nil)
                case nil: break
                }
                // Under the lock, so that the producer cannot resume before this is done.
                unsafe releasePages(of: buffer, &state)
                connection.suspend()
                state.suspended = connection
            }
            guard let first = state.waiters.first, hasRoom(first.size, state) else { return (count, nil) }
            return (count, state.waiters.removeFirst())
        }
        waiter?.continuation.resume()
        return count
    }

    private func take(from state: inout State, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        var used = 0
        for chunk in state.chunks {
            let part = min(chunk.count - state.offset, buffer.count - count)
            if part == 0 { break }
            unsafe chunk.withUnsafeBytes { bytes in
                let source = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[state.offset..<(state.offset + part)]
                )
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: source)
            }
            count += part
            state.offset += part
            if state.offset < chunk.count { break }
            state.offset = 0
            used += 1
        }
        state.chunks.removeFirst(used)
        if state.chunks.isEmpty { state.chunks = [] }
        state.buffered -= count
        state.sent += Int64(count)
        if state.sentSinceIdle < .max - count { state.sentSinceIdle += count }
        return count
    }

    /// Gives the memory of an idle stream back: the library's buffer holds nothing between two reads.
    private func releasePages(of buffer: UnsafeMutableRawBufferPointer, _ state: inout State) {
        let page = 4_096
        guard state.sentSinceIdle >= page, let base = buffer.baseAddress else { return }
        state.sentSinceIdle = 0
        let start = (Int(bitPattern: base) + page - 1) / page * page
        let end = (Int(bitPattern: base) + buffer.count) / page * page
        guard end > start, let first = unsafe UnsafeMutableRawPointer(bitPattern: start) else { return }
        _ = unsafe madvise(first, end - start, Int32(MADV_DONTNEED))
    }
}
