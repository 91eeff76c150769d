internal import CLinux
internal import Core
internal import Synchronization

/// Reads and drops what clients still send after they were refused, for a while.
///
/// A socket that is closed with unread input resets the connection, and the reset can overtake the refusal, so that the
/// client would see "connection reset" instead of it (RFC 9112 section 9.6). The library closes at once; a duplicate
/// of the descriptor keeps the connection open a little longer.
final class LingeringCloser: Sendable {
    private struct Socket {
        let descriptor: Int32
        let deadline: Int64
        var allowance: Int
    }
    private struct State {
        var sockets: [Socket] = []
        var isRunning = false
    }
    private let state = Mutex(State())
    private let thread = DedicatedThread(name: "http-linger")

    private static let mostSockets = 64
    private static let time: Duration = .seconds(3)
    private static let allowance = 128 << 20

    /// Keeps a connection that the library is about to close; does nothing when there are too many.
    func keep(_ descriptor: Int32) {
        let starts = state.withLock { state -> Bool in
            guard state.sockets.count < Self.mostSockets else { return false }
            let copy = dh_fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { return false }
            _ = CLinux.shutdown(copy, Int32(SHUT_WR))
            let deadline = MonotonicTime.now() + MonotonicTime.nanoseconds(Self.time)
            state.sockets.append(Socket(descriptor: copy, deadline: deadline, allowance: Self.allowance))
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { thread.perform { [self] in run() } }
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let sockets = state.withLock { state in
                if state.sockets.isEmpty { state.isRunning = false }
                return state.sockets
            }
            if sockets.isEmpty { return }
            var polled = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            // Short, so that sockets that are added meanwhile are seen soon.
            _ = unsafe poll(&polled, nfds_t(polled.count), 50)
            let now = MonotonicTime.now()
            for (socket, result) in zip(sockets, polled) {
                let count = result.revents == 0 ? 1 : unsafe recv(socket.descriptor, &buffer, buffer.count, 0)
                let isOver = count <= 0 || now > socket.deadline || socket.allowance < count
                settle(socket, taken: result.revents == 0 ? 0 : count, isOver: isOver)
            }
        }
    }

    private func settle(_ socket: Socket, taken: Int, isOver: Bool) {
        state.withLock { state in
            guard let index = state.sockets.firstIndex(where: { $0.descriptor == socket.descriptor }) else {
                return
            }
            if isOver {
                state.sockets.remove(at: index)
                _ = close(socket.descriptor)
            } else {
                state.sockets[index].allowance -= taken
            }
        }
    }
}
