import CLinux
import Core
import Glibc
import Synchronization

@testable import HTTPServer

struct ClientTimeout: Error {}

/// A response as it came over the wire.
struct RawResponse: Sendable {
    let status: Int
    let head: String
    let body: [UInt8]
    /// Whether the body came to its announced end.
    let isComplete: Bool

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                return String(parts[1]).trimmed
            }
        }
        return nil
    }
}

/// Speaks bytes over a socket; its blocking calls run on a thread of its own.
final class RawClient: Sendable {
    private let descriptor: Int32
    private let thread = DedicatedThread(name: "client")
    private let buffer = Mutex<[UInt8]>([])
    private let hasLeft = Mutex(false)

    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            _ = unsafe setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_RCVBUF,
                &size,
                socklen_t(MemoryLayout<Int32>.size)
            )
        }
        guard SocketCalls.connect(descriptor, SocketCalls.ip4Address([127, 0, 0, 1], port)) == 0 else {
            throw ClientTimeout()
        }
        setTimeout()
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard SocketCalls.connect(descriptor, SocketCalls.unixAddress(path)) == 0 else {
            throw ClientTimeout()
        }
        setTimeout()
    }

    deinit { leave() }

    private func setTimeout() {
        var time = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &time,
            socklen_t(MemoryLayout<timeval>.size)
        )
        _ = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_SNDTIMEO,
            &time,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    /// Closes, with a reset if something is unread; nothing else may be called any more.
    func leave() {
        let isFirst = hasLeft.withLock { hasLeft in
            defer { hasLeft = true }
            return !hasLeft
        }
        if isFirst { _ = Glibc.close(descriptor) }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends all bytes; false when the server has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        try await thread.run { [descriptor] in
            var offset = 0
            while offset < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[offset...])
                    return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return false }
                offset += count
            }
            return true
        }
    }

    /// Reads one response; a timeout throws, an early end gives what came, marked incomplete.
    func response(toHead: Bool = false) async throws -> RawResponse {
        try await thread.run { [self] in
            guard let end = try readUntil({ Self.find("\r\n\r\n", in: $0) }) else {
                let rest = buffer.withLock { $0 }
                return RawResponse(
                    status: 0,
                    head: String(decoding: rest, as: UTF8.self),
                    body: [],
                    isComplete: false
                )
            }
            let head = String(decoding: take(end + 4), as: UTF8.self)
            let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            let plain = RawResponse(status: status, head: head, body: [], isComplete: true)
            if status < 200 { return plain }
            if toHead || status == 204 || status == 304 { return plain }
            if plain.header("Transfer-Encoding") == "chunked" {
                let (body, complete) = try readChunks()
                return RawResponse(status: status, head: head, body: body, isComplete: complete)
            }
            if let length = plain.header("Content-Length").flatMap({ Int($0) }) {
                _ = try readUntil { $0.count >= length ? length : nil }
                let available = buffer.withLock { min($0.count, length) }
                return RawResponse(
                    status: status,
                    head: head,
                    body: take(available),
                    isComplete: available == length
                )
            }
            _ = try readUntil { _ in nil }
            return RawResponse(
                status: status,
                head: head,
                body: take(buffer.withLock { $0.count }),
                isComplete: true
            )
        }
    }

    /// Reads until some text has come; false when the connection ended before.
    func waitFor(_ text: String) async throws -> Bool {
        try await thread.run { [self] in try readUntil { Self.find(text, in: $0) } != nil }
    }

    /// Reads everything until the server closes.
    func rest() async throws -> [UInt8] {
        try await thread.run { [self] in
            _ = try readUntil { _ in nil }
            return take(buffer.withLock { $0.count })
        }
    }

    /// Reads at least so many bytes and forgets them; returns how many there were.
    func skip(atLeast count: Int) async throws -> Int {
        try await thread.run { [self] in
            var total = 0
            while total < count {
                guard let size = try fill() else { break }
                total += size
                buffer.withLock { $0 = [] }
            }
            return total
        }
    }

    /// Sends a request and reads its response.
    func get(_ target: String, headers: String = "", method: String = "GET") async throws -> RawResponse {
        try await send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
        return try await response(toHead: method == "HEAD")
    }

    // MARK: On the thread

    private func take(_ count: Int) -> [UInt8] {
        buffer.withLock { buffer in
            let head = Array(buffer.prefix(count))
            buffer.removeFirst(head.count)
            return head
        }
    }

    private func readUntil(_ condition: ([UInt8]) -> Int?) throws -> Int? {
        while true {
            if let found = buffer.withLock({ condition($0) }) { return found }
            if try fill() == nil { return nil }
        }
    }

    private func fill() throws -> Int? {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        if count < 0, dh_errno() == EAGAIN { throw ClientTimeout() }
        guard count > 0 else { return nil }
        buffer.withLock { $0 += bytes.prefix(count) }
        return count
    }

    private func readChunks() throws -> ([UInt8], Bool) {
        var body: [UInt8] = []
        while let end = try readUntil({ Self.find("\r\n", in: $0) }) {
            let line = String(decoding: take(end + 2), as: UTF8.self).trimmed
            guard let size = Int(line, radix: 16) else { return (body, false) }
            guard try readUntil({ $0.count >= size + 2 ? size : nil }) != nil else { return (body, false) }
            body += take(size)
            _ = take(2)
            if size == 0 { return (body, true) }
        }
        return (body, false)
    }

    private static func find(_ text: String, in bytes: [UInt8]) -> Int? {
        let pattern = Array(text.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (0...(bytes.count - pattern.count)).first { start in
            bytes[start] == pattern[0] && bytes[start..<(start + pattern.count)].elementsEqual(pattern)
        }
    }
}
