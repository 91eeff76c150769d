import CLinux
import Core
import Synchronization

/// A socket that listens before a server does, as a service manager has it (systemd.socket(5)).
final class ListeningSocket: Sendable {
    let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, .init(__sockaddr__: $0), size)
            }
        }
        guard descriptor >= 0, bound == 0, listen(descriptor, 64) == 0 else {
            throw TestTrouble("the socket cannot listen: \(dh_errno())")
        }
    }

    deinit { _ = close(descriptor) }

    /// Says whether a connection waits to be accepted.
    var hasWaiting: Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&polled, 1, 0) == 1
    }
}

/// The socket that a service manager gets notices on (sd_notify(3)).
final class NoticeSocket: Sendable {
    private let descriptor: Int32
    private let notices = Mutex<[String]>([])

    init(_ path: String) throws {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, type, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, .init(__sockaddr__: $0), size)
            }
        }
        guard descriptor >= 0, bound == 0 else { throw TestTrouble("no notices: \(dh_errno())") }
    }

    deinit { _ = close(descriptor) }

    /// All notices so far, in order.
    var received: [String] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return notices.withLock(\.self) }
            notices.withLock { $0.append(String(decoding: buffer[..<count], as: UTF8.self)) }
        }
    }
}
