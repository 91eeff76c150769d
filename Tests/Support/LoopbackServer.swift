internal import CLinux
internal import Core
internal import Synchronization

/// A server of raw bytes on 127.0.0.1 or a Unix socket: what it says, and when, is the test's business.
public final class LoopbackServer: Sendable {
    /// The port; 0 for a Unix socket.
    public let port: Int
    private let listener: Int32
    private let host: String
    private let connections = Atomic<Int>(0)

    /// Connections accepted so far.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// What URLs of the server begin with.
    public var url: String { "http://\(host):\(port)" }

    /// Listens, and calls the handler on a thread of its own for each connection, which ends with it.
    public init(unixPath: String? = nil, ipv6: Bool = false, handler: @escaping @Sendable (Peer) -> Void) {
        (listener, port) = ipv6 ? Self.listenOnIPv6() : Self.listen(unixPath: unixPath)
        host = ipv6 ? "[::1]" : "127.0.0.1"
        let listener = listener
        DedicatedThread(name: "accept").perform { [self] in
            while true {
                let descriptor = unsafe accept4(listener, __SOCKADDR_ARG(), nil, Int32(SOCK_CLOEXEC.rawValue))
                guard descriptor >= 0 else { return }
                connections.add(1, ordering: .relaxed)
                DedicatedThread(name: "peer").perform {
                    handler(Peer(descriptor: descriptor))
                    _ = close(descriptor)
                }
            }
        }
    }

    /// Ends the accepting thread; whoever connects from now on is refused.
    ///
    /// The descriptor stays open until the tests end, so that the port does not go to another test's server.
    public func stop() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    private static func listenOnIPv6() -> (Int32, Int) {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(
                    unsafe CLinux.bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), size) == 0
                )
                precondition(unsafe getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), &size) == 0)
            }
        }
        precondition(CLinux.listen(descriptor, 64) == 0)
        return (descriptor, Int(UInt16(bigEndian: address.sin6_port)))
    }

    private static func listen(unixPath: String?) -> (Int32, Int) {
        let family = unixPath == nil ? AF_INET : AF_UNIX
        var descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        precondition(descriptor >= 0)
        var port = 0
        if let unixPath {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: unixPath.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe CLinux.bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), size)
                }
            }
            precondition(result == 0)
        } else {
            let first = descriptor
            port = bind(first, toPort: 0)
            // A port that was asked for by its number stays taken after `shutdown`, unlike one that the kernel chose.
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            _ = bind(descriptor, toPort: port)
            _ = close(first)
        }
        precondition(CLinux.listen(descriptor, 64) == 0)
        return (descriptor, port)
    }

    private static func bind(_ descriptor: Int32, toPort port: Int) -> Int {
        var isOn: Int32 = 1
        let optionSize = socklen_t(MemoryLayout<Int32>.size)
        precondition(unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &isOn, optionSize) == 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(
                    unsafe CLinux.bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), size) == 0
                )
                precondition(unsafe getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), &size) == 0)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// One connection of a ``LoopbackServer``.
public struct Peer: Sendable {
    let descriptor: Int32

    /// Reads until the empty line; nil when the client closes before.
    public func readHead() -> String? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = readExactly(1) else { return nil }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads so many bytes; nil when the client closes before.
    public func readExactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max(count, 1))
        while bytes.count < count {
            let got = unsafe recv(descriptor, &buffer, count - bytes.count, 0)
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
    }

    /// Writes everything; false when the client is gone.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes everything; false when the client is gone.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Writes a whole response; `headers` are lines that end with CRLF.
    public func respond(_ body: String, status: String = "200 OK", headers: String = "") {
        write("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Says whether the peer takes bytes within the time.
    public func isWritable(within milliseconds: Int32) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&wait, 1, milliseconds) == 1
    }

    /// Returns when the client closes.
    public func waitForClose() {
        while let bytes = readExactly(1), !bytes.isEmpty {}
    }
}
