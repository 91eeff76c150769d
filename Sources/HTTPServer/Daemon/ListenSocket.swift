internal import CLinux
internal import Glibc

/// A bound, listening, non-blocking socket.
struct ListenSocket: Sendable {
    let descriptor: Int32
    let kind: HTTPListenerKind
    let bound: BoundListener
    /// Whether the service manager made it, and keeps it: a path of its own is not ours to remove.
    let isInherited: Bool

    /// Whether only this machine can reach it.
    var isOnLoopback: Bool {
        kind != .unix && (bound.address == "::1" || bound.address.hasPrefix("127."))
    }

    /// Binds and listens.
    init(_ listener: HTTPListener) throws(HTTPServerError) {
        if case .inherited = listener { isInherited = true } else { isInherited = false }
        switch listener {
        case .tcp(let host, let port):
            (descriptor, bound) = try Self.bindIP(host, port, .tcp)
            kind = .tcp
        case .tls(let host, let port, _, _):
            (descriptor, bound) = try Self.bindIP(host, port, .tls)
            kind = .tls
        case .unix(let path, let mode):
            descriptor = try Self.bindUnix(path, mode)
            bound = BoundListener(kind: .unix, address: path, port: 0)
            kind = .unix
        case .inherited(let descriptor):
            guard let address = SocketAddress(localOf: descriptor) else {
                throw HTTPServerError(reason: "inherited descriptor \(descriptor) is no listening socket")
            }
            self.descriptor = descriptor
            kind = address.isUnix ? .unix : .tcp
            bound = BoundListener(kind: kind, address: address.address, port: address.port)
            _ = dh_fcntl(descriptor, F_SETFL, Int(dh_fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK))
            _ = dh_fcntl(descriptor, F_SETFD, Int(FD_CLOEXEC))
        }
    }

    private static func bindIP(
        _ host: String,
        _ port: UInt16,
        _ kind: HTTPListenerKind
    ) throws(HTTPServerError) -> (Int32, BoundListener) {
        guard let bytes = AddressNetwork.bytes(of: host == "localhost" ? "127.0.0.1" : host) else {
            throw HTTPServerError(reason: "cannot listen on \(host): not an IP address")
        }
        let descriptor = SocketCalls.open(bytes.count == 4 ? AF_INET : AF_INET6, SOCK_STREAM)
        var on: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let result =
            bytes.count == 4
            ? SocketCalls.bind(descriptor, SocketCalls.ip4Address(bytes, port))
            : SocketCalls.bind(descriptor, SocketCalls.ip6Address(bytes, port))
        guard result == 0, listen(descriptor, 4_096) == 0, let address = SocketAddress(localOf: descriptor)
        else {
            let code = dh_errno()
            _ = close(descriptor)
            throw HTTPServerError(reason: "cannot listen on \(host):\(port): \(message(code))")
        }
        return (descriptor, BoundListener(kind: kind, address: address.address, port: address.port))
    }

    /// Binds under a temporary name and moves it into place, so that clients never find a half-made socket.
    private static func bindUnix(_ path: String, _ mode: UInt32) throws(HTTPServerError) -> Int32 {
        guard path.utf8.count <= 103, !path.isEmpty else {
            throw HTTPServerError(reason: "cannot listen on \(path): the path is longer than 103 bytes")
        }
        try checkNobodyListens(path)
        let temporary = path + ".new"
        _ = unsafe unlink(temporary)
        let descriptor = SocketCalls.open(AF_UNIX, SOCK_STREAM)
        guard SocketCalls.bind(descriptor, SocketCalls.unixAddress(temporary)) == 0,
            unsafe chmod(temporary, mode_t(mode)) == 0, listen(descriptor, 4_096) == 0,
            unsafe rename(temporary, path) == 0
        else {
            let code = dh_errno()
            _ = close(descriptor)
            _ = unsafe unlink(temporary)
            throw HTTPServerError(reason: "cannot listen on \(path): \(message(code))")
        }
        return descriptor
    }

    private static func checkNobodyListens(_ path: String) throws(HTTPServerError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & 0o170000 == 0o140000 else {
            throw HTTPServerError(reason: "cannot listen on \(path): there is a file that is not a socket")
        }
        let probe = SocketCalls.open(AF_UNIX, SOCK_STREAM)
        defer { _ = close(probe) }
        let result = SocketCalls.connect(probe, SocketCalls.unixAddress(path))
        guard result != 0, dh_errno() == ECONNREFUSED else {
            throw HTTPServerError(reason: "cannot listen on \(path): another server listens there")
        }
    }

    private static func message(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
