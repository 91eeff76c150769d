import Core
import TestSupport

/// A request as it came over the wire.
struct WireRequest: Sendable {
    var line: String
    /// Names in lower case.
    var headers: [String: String]
    var body: JSONValue
}

/// What is answered to one request, on a connection that is closed then.
enum WireReply: Sendable {
    /// A stream in chunks of seven bytes, which cut lines and characters.
    case stream([UInt8])
    /// The beginning of a stream, and then nothing.
    case cut([UInt8])
    case refusal(status: String, headers: String, body: String)
}

/// A vendor on 127.0.0.1: real sockets, and a strict look at every request.
final class WireServer: Sendable {
    private let received = Recorder<WireRequest>()
    private let found = Recorder<String>()
    private let server: LoopbackServer

    /// Replies in this order; `check` says what is wrong with a request.
    init(_ replies: [WireReply], check: @escaping @Sendable (WireRequest) -> [String]) {
        let received = received
        let found = found
        server = LoopbackServer { peer in
            guard let request = Self.read(peer) else { return }
            let number = received.all.count
            received.record(request)
            check(request).forEach(found.record)
            guard replies.indices.contains(number) else { return found.record("one request too many") }
            Self.write(replies[number], to: peer)
        }
    }

    deinit { server.stop() }

    var url: String { server.url }
    var requests: [WireRequest] { received.all }
    /// What was wrong with requests.
    var complaints: [String] { found.all }

    private static func read(_ peer: Peer) -> WireRequest? {
        guard let head = peer.readHead() else { return nil }
        let lines = head.split(separator: "\r\n").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        guard let size = headers["content-length"].flatMap(Int.init), let body = peer.readExactly(size),
            let json = try? JSONValue(parsing: body)
        else { return nil }
        return WireRequest(line: lines.first ?? "", headers: headers, body: json)
    }

    private static func write(_ reply: WireReply, to peer: Peer) {
        switch reply {
        case .stream(let bytes):
            writeChunks(bytes, to: peer)
            peer.write("0\r\n\r\n")
        case .cut(let bytes): writeChunks(bytes, to: peer)
        case .refusal(let status, let headers, let body):
            peer.respond(
                body,
                status: status,
                headers: "Content-Type: application/json\r\nConnection: close\r\n\(headers)"
            )
        }
    }

    private static func writeChunks(_ bytes: [UInt8], to peer: Peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
        peer.write("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(7)
            peer.write("\(piece.count)\r\n")
            peer.write(Array(piece))
            peer.write("\r\n")
            rest = rest.dropFirst(7)
        }
    }
}
