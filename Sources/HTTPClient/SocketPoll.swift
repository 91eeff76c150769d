internal import CLinux

/// The sockets that the client's thread waits for (epoll(7)), and the means to end its wait (eventfd(2)).
///
/// Any thread may wake it up; everything else is for the client's thread.
final class SocketPoll: Sendable {
    /// What a socket is ready for.
    struct Readiness {
        let socket: Int32
        let reads: Bool
        let writes: Bool
        let isBroken: Bool
    }

    private static let room = 64
    private let poll: Int32
    private let bell: Int32

    init() {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(poll >= 0 && bell >= 0, "cannot wait for sockets: no file descriptors are left")
        _ = dh_epoll_set(poll, bell, EPOLLIN.rawValue)
    }

    deinit {
        _ = close(bell)
        _ = close(poll)
    }

    /// Ends the present or next ``wait(milliseconds:)``.
    func wakeUp() { _ = eventfd_write(bell, 1) }

    /// Waits for a socket from now on, until it is forgotten.
    func watch(_ socket: Int32, reads: Bool, writes: Bool) {
        _ = dh_epoll_set(poll, socket, (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0))
    }

    /// Waits no longer for a socket; one that is closed already is no error.
    func forget(_ socket: Int32) { _ = dh_epoll_remove(poll, socket) }

    /// Waits until sockets are ready, for `milliseconds` at most, and gives some of them.
    func wait(milliseconds: Int32) -> [Readiness] {
        unsafe withUnsafeTemporaryAllocation(of: dh_ready.self, capacity: Self.room) { ready in
            let count = unsafe dh_epoll_take(poll, ready.baseAddress, Int32(Self.room), milliseconds)
            guard count > 0 else { return [] }
            var found: [Readiness] = []
            found.reserveCapacity(Int(count))
            for index in 0..<Int(count) {
                let one = unsafe ready[index]
                guard one.fd != bell else {
                    var rings: eventfd_t = 0
                    _ = unsafe eventfd_read(bell, &rings)
                    continue
                }
                found.append(Readiness(one.fd, one.events))
            }
            return found
        }
    }
}

extension SocketPoll.Readiness {
    fileprivate init(_ socket: Int32, _ events: UInt32) {
        self.socket = socket
        reads = events & EPOLLIN.rawValue != 0
        writes = events & EPOLLOUT.rawValue != 0
        isBroken = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    }
}
