internal import CLinux
internal import CMicroHTTPD
internal import Synchronization

/// What is known of one accepted connection for as long as it is open.
final class Connection: Sendable {
    let peer: HTTPPeer
    let descriptor: Int32
    /// When the client must have made progress, in nanoseconds of the monotonic clock; 0 for never.
    private let deadline = Atomic<Int64>(0)
    private let hasCompletedRequest = Atomic<Bool>(false)

    init(peer: HTTPPeer, descriptor: Int32) {
        self.peer = peer
        self.descriptor = descriptor
    }

    /// Whether no request was completed yet, so that the time for the head runs since the connection was accepted.
    var isFresh: Bool { !hasCompletedRequest.load(ordering: .relaxed) }

    func expect(by time: Int64) { deadline.store(time, ordering: .relaxed) }
    func expectNothing() { deadline.store(0, ordering: .relaxed) }
    func markCompleted() { hasCompletedRequest.store(true, ordering: .relaxed) }

    func isLate(at now: Int64) -> Bool {
        let time = deadline.load(ordering: .relaxed)
        return time != 0 && time < now
    }
}

/// The open connections, watched for clients that keep them busy without getting anywhere.
final class ConnectionRegistry: Sendable {
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    func add(_ connection: Connection) {
        connections.withLock { $0[ObjectIdentifier(connection)] = connection }
    }

    /// Forgets a connection; called before its descriptor is closed.
    func remove(_ connection: Connection) { connections.withLock { $0[ObjectIdentifier(connection)] = nil } }

    var count: Int { connections.withLock { $0.count } }

    /// Says whether the client has closed its end, as poll(2) tells without reading.
    func isClosedByClient(_ connection: Connection) -> Bool {
        connections.withLock { connections in
            guard connections[ObjectIdentifier(connection)] != nil else { return true }
            var look = pollfd(fd: connection.descriptor, events: Int16(POLLRDHUP), revents: 0)
            return unsafe poll(&look, 1, 0) == 1
        }
    }

    /// Shuts the late ones down and returns how many.
    ///
    /// Under the lock no descriptor can be closed and given to another connection.
    func shutLate(at now: Int64 = MonotonicTime.now()) -> Int {
        connections.withLock { connections in
            var count = 0
            for connection in connections.values where connection.isLate(at: now) {
                connection.expectNothing()
                _ = CLinux.shutdown(connection.descriptor, Int32(SHUT_RDWR))
                count += 1
            }
            return count
        }
    }
}

/// Nanoseconds of `CLOCK_MONOTONIC`.
enum MonotonicTime {
    static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func nanoseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    }
}
