import Core
import Synchronization
import TestSupport

/// A server that speaks Chat Completions, and does what the last message says.
///
/// `answer`: a text. `hold`: a beginning, and nothing more until the client leaves. `refuse`: 429 once, then a text.
/// `run …`: a call of the function `shell`. After a result: a text.
final class WireVendor: Sendable {
    private struct State {
        var requests: [JSONValue] = []
        var refused = false
        var left = 0
    }
    private let state: Recorded
    private let server: LoopbackServer

    private final class Recorded: Sendable {
        let state = Mutex(State())
    }

    init() {
        let state = Recorded()
        self.state = state
        server = LoopbackServer { peer in Self.serve(peer, state) }
    }

    deinit { server.stop() }

    /// What a provider's configuration says.
    var settings: String {
        "{kind: \"openai-chat\", baseURL: \"\(server.url)/v1\", defaultModel: \"m\", retries: 2}"
    }
    /// The bodies of all requests for an answer.
    var requests: [JSONValue] { state.state.withLock { $0.requests } }
    /// Clients that left before the end.
    var left: Int { state.state.withLock { $0.left } }

    private static func serve(_ peer: Peer, _ recorded: Recorded) {
        guard let head = peer.readHead() else { return }
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let size = length.flatMap { Int(String($0.drop { $0 != ":" }.dropFirst()).trimmed) } ?? 0
        guard head.hasPrefix("POST"), let body = peer.readExactly(size),
            let json = try? JSONValue(parsing: body)
        else {
            peer.respond(#"{"data":[{"id":"m"}]}"#, headers: "Connection: close\r\n")
            return
        }
        recorded.state.withLock { $0.requests.append(json) }
        let last = json["messages"]?.array?.last
        let words = last?["content"]?.string ?? last?["content"]?.array?.first?["text"]?.string ?? ""
        if last?["role"]?.string == "tool" { return stream([text("Seen.")], "stop", to: peer) }
        switch words.split(separator: " ", maxSplits: 1).first {
        case "run":
            let arguments = JSONValue.object(["command": .string(String(words.dropFirst(4)))]).bytes
            let call = JSONValue.object([
                "tool_calls": .array([
                    .object([
                        "index": .integer(0), "id": .string("v"), "type": .string("function"),
                        "function": .object([
                            "name": .string("shell"),
                            "arguments": .string(String(decoding: arguments, as: UTF8.self)),
                        ]),
                    ])
                ])
            ])
            stream([call], "tool_calls", to: peer)
        case "hold":
            begin(peer)
            chunk([text("Well")], to: peer)
            // The client's end of the connection.
            if peer.readExactly(1) == nil { recorded.state.withLock { $0.left += 1 } }
        case "refuse":
            let isFirst = recorded.state.withLock { state in
                defer { state.refused = true }
                return !state.refused
            }
            guard isFirst else { return stream([text("At last.")], "stop", to: peer) }
            peer.respond(
                #"{"error":{"message":"slow down","type":"rate_limit_error","code":null}}"#,
                status: "429 Too Many Requests",
                headers: "Content-Type: application/json\r\nretry-after-ms: 1\r\nConnection: close\r\n"
            )
        default: stream([text("Hel"), text("lo")], "stop", to: peer)
        }
    }

    private static func text(_ text: String) -> JSONValue { .object(["content": .string(text)]) }

    private static func stream(_ deltas: [JSONValue], _ reason: String, to peer: Peer) {
        begin(peer)
        chunk(deltas, to: peer)
        let usage = #""usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#
        send(#"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}],\#(usage)}"#, to: peer)
        send("[DONE]", to: peer)
        peer.write("0\r\n\r\n")
    }

    private static func begin(_ peer: Peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        peer.write("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    }

    private static func chunk(_ deltas: [JSONValue], to peer: Peer) {
        for delta in deltas {
            let json = String(decoding: delta.bytes, as: UTF8.self)
            send(#"{"choices":[{"index":0,"delta":\#(json),"finish_reason":null}]}"#, to: peer)
        }
    }

    private static func send(_ data: String, to peer: Peer) {
        let event = "data: \(data)\n\n"
        peer.write(String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n")
    }
}
