import CLinux
import Core
import Synchronization

/// Requests byte by byte over a plain socket, for what a well-behaved client would not send.
enum Wire {
    /// Sends bytes and reads until the server closes; the request must ask for that.
    static func exchange(port: UInt16, _ request: [UInt8]) async throws -> [UInt8] {
        try await DedicatedThread(name: "wire").run {
            let connection = try WireConnection(port: port)
            try connection.send(request)
            let answer = connection.receiveAll()
            // An answer that was cut off is another thing than none.
            if answer.isEmpty, let error = connection.error { throw TestTrouble("recv: error \(error)") }
            return answer
        }
    }

    /// A request with this target, as it stands; the answer's status, head and body.
    static func get(
        port: UInt16,
        target: String,
        method: String = "GET",
        host: String? = nil,
        headers: String = ""
    ) async throws -> (status: Int, head: String, body: [UInt8]) {
        let text =
            "\(method) \(target) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\n\(headers)Connection: close\r\n\r\n"
        let bytes = try await exchange(port: port, Array(text.utf8))
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw TestTrouble("no complete head: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let words = head.split(separator: " ", maxSplits: 2)
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0, head, Array(bytes[end.upperBound...]))
    }
}

/// A connected socket; its calls block, with limits of 60 seconds.
final class WireConnection: Sendable {
    private let descriptor: Int32
    private let lastError = Mutex<Int32?>(nil)

    /// The number of the error that ended reading, if one did (errno(3)).
    var error: Int32? { lastError.withLock { $0 } }

    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestTrouble("socket: \(dh_errno())") }
        if var size = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, .init(__sockaddr__: $0), size)
            }
        }
        guard connected == 0 else {
            _ = close(descriptor)
            throw TestTrouble("connect: \(dh_errno())")
        }
    }

    deinit { _ = close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let sent = unsafe bytes[offset...].withUnsafeBytes {
                unsafe CLinux.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0, dh_errno() == EINTR { continue }
            guard sent > 0 else { return }  // The server may refuse early; its answer is still to be read.
            offset += sent
        }
    }

    /// Some bytes; empty at the end, on an error, or when nothing came in time.
    func receive(upTo count: Int = 65_536) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        while true {
            let received = unsafe recv(descriptor, &piece, count, 0)
            let error = dh_errno()
            if received < 0, error == EINTR { continue }
            if received < 0 { lastError.withLock { $0 = error } }
            return received > 0 ? Array(piece.prefix(received)) : []
        }
    }

    func receiveAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = receive()
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }
}

/// Ports for the servers of this test run: outside the kernel's ephemeral range, each given once.
actor Ports {
    static let shared = Ports()
    private var next = UInt16.random(in: 10_000..<31_000)

    func take() throws -> UInt16 {
        for _ in 0..<5_000 {
            next = next >= 31_999 ? 10_000 : next + 1
            if Self.isFree(next) { return next }
        }
        throw TestTrouble("no port is free")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, .init(__sockaddr__: $0), size) == 0
            }
        }
    }
}
