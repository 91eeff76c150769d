import Core
import Synchronization
import TestSupport

/// A server that speaks the Responses API, keeps what it is asked, and holds an answer back where it is told to.
///
/// Each answer counts 20 tokens of input and 10 of output. What says `draw` is answered by a picture.
final class MeteredVendor: Sendable {
    /// What an answer is for.
    enum Kind: String, Sendable, CaseIterable {
        case chat, title, summary
    }

    private struct State {
        var requests: [(kind: Kind, body: JSONValue)] = []
        var kindToHold: Kind?
        var held = 0
    }

    private final class Recorded: Sendable {
        let state = Mutex(State())
    }

    private static let picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    private let recorded: Recorded
    private let server: LoopbackServer

    init() {
        let recorded = Recorded()
        self.recorded = recorded
        server = LoopbackServer { peer in Self.serve(peer, recorded) }
    }

    deinit { server.stop() }

    /// What a provider's configuration says.
    var settings: String {
        "{ kind: \"openai-responses\", baseURL: \"\(server.url)/v1\", defaultModel: \"m\" }"
    }

    /// What it was asked for, in order.
    var requests: [(kind: Kind, body: JSONValue)] { recorded.state.withLock { $0.requests } }
    /// Answers that it began and did not go on with.
    var held: Int { recorded.state.withLock { $0.held } }

    /// The next answer of this kind is begun, and goes no further until its client leaves.
    func hold(next kind: Kind) { recorded.state.withLock { $0.kindToHold = kind } }

    private static func serve(_ peer: Peer, _ recorded: Recorded) {
        guard let head = peer.readHead() else { return }
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let size = length.flatMap { Int(String($0.drop { $0 != ":" }.dropFirst()).trimmed) } ?? 0
        guard head.hasPrefix("POST"), let bytes = peer.readExactly(size),
            let body = try? JSONValue(parsing: bytes)
        else { return peer.respond(#"{"data":[{"id":"m"}]}"#, headers: "Connection: close\r\n") }
        let kind = Self.kind(of: body)
        let isHeld = recorded.state.withLock { state in
            state.requests.append((kind, body))
            guard state.kindToHold == kind else { return false }
            state.kindToHold = nil
            return true
        }
        begin(peer)
        if isHeld {
            send(delta("Well, this is"), to: peer)
            recorded.state.withLock { $0.held += 1 }
            // The client's end of the connection.
            _ = peer.readExactly(1)
            return
        }
        finish(draws: kind == .chat && words(of: body).hasPrefix("draw"), to: peer)
    }

    private static func kind(of body: JSONValue) -> Kind {
        let instructions = body["instructions"]?.string ?? ""
        if instructions.hasPrefix("Give the conversation") { return .title }
        return instructions.hasPrefix("You write down") ? .summary : .chat
    }

    private static func words(of body: JSONValue) -> String {
        let last = body["input"]?.array?.last { $0["role"]?.string == "user" }
        return last?["content"]?.string ?? last?["content"]?.array?.first?["text"]?.string ?? ""
    }

    private static func delta(_ text: String) -> String {
        #"{"type":"response.output_text.delta","item_id":"m1","output_index":0,"content_index":0,"delta":"\#(text)"}"#
    }

    private static func finish(draws: Bool, to peer: Peer) {
        let item =
            draws
            ? #"{"id":"ig_1","type":"image_generation_call","status":"completed","result":"\#(picture)","output_format":"png"}"#
            : #"{"id":"m1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"An answer","annotations":[]}]}"#
        if !draws { send(delta("An answer"), to: peer) }
        send(#"{"type":"response.output_item.done","output_index":0,"item":\#(item)}"#, to: peer)
        let usage = #"{"input_tokens":20,"output_tokens":10,"total_tokens":30}"#
        send(
            #"{"type":"response.completed","response":{"id":"r","object":"response","status":"completed","output":[\#(item)],"usage":\#(usage)}}"#,
            to: peer
        )
        peer.write("0\r\n\r\n")
    }

    private static func begin(_ peer: Peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        peer.write("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        send(
            #"{"type":"response.created","response":{"id":"r","object":"response","status":"in_progress","output":[]}}"#,
            to: peer
        )
    }

    private static func send(_ data: String, to peer: Peer) {
        let event = "data: \(data)\n\n"
        peer.write(String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n")
    }
}
