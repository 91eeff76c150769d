import Core
import Synchronization
import TestSupport

/// A server that speaks OpenAI's Responses and Images, answers everything, and counts: each call has tokens of its own.
final class CountingVendor: Sendable {
    /// A call as the vendor would bill it.
    struct Call: Hashable, Sendable {
        var path: String
        var input: Int
        var output: Int
    }

    private let calls = Counted()
    private let server: LoopbackServer

    private final class Counted: Sendable {
        let all = Mutex<[Call]>([])
    }

    init() {
        let calls = calls
        server = LoopbackServer { peer in Self.serve(peer, calls) }
    }

    deinit { server.stop() }

    /// What a provider's configuration says.
    var settings: String {
        "{ kind: \"openai-responses\", baseURL: \"\(server.url)/v1\", defaultModel: \"m\", retries: 2 }"
    }

    /// All calls that were seen.
    var seen: [Call] { calls.all.withLock { $0 } }

    private static func serve(_ peer: Peer, _ calls: Counted) {
        guard let head = peer.readHead() else { return }
        let lines = head.split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
        let size = length.flatMap { Int(String($0.drop { $0 != ":" }.dropFirst()).trimmed) } ?? 0
        let words = lines.first?.split(separator: " ") ?? []
        guard words.first == "POST", let body = peer.readExactly(size) else {
            return peer.respond(#"{"data":[{"id":"m"}]}"#, headers: "Connection: close\r\n")
        }
        let call = calls.all.withLock { all in
            // Powers of two and their neighbours: no two calls could be taken for one another, nor sums of them.
            all.append(Call(path: String(words[1]), input: 1 << (all.count + 4), output: 3 + all.count))
            return all[all.count - 1]
        }
        let usage = #"{"input_tokens":\#(call.input),"output_tokens":\#(call.output)}"#
        if call.path.contains("/images/") {
            let picture = #"{"created":1,"data":[{"b64_json":"iVBORw0KGgo="}],"usage":\#(usage)}"#
            return peer.respond(picture, headers: "Content-Type: application/json\r\nConnection: close\r\n")
        }
        if call.output == 3 {
            // The first one is to be asked again.
            return peer.respond(
                #"{"error":{"message":"slow down","type":"rate_limit_error","code":null}}"#,
                status: "429 Too Many Requests",
                headers: "Content-Type: application/json\r\nretry-after-ms: 1\r\nConnection: close\r\n"
            )
        }
        answer(usage, asked: String(decoding: body, as: UTF8.self), to: peer)
    }

    /// A text; or a call, when a person has just asked for one.
    private static func answer(_ usage: String, asked: String, to peer: Peer) {
        var item =
            #"{"id":"i","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"All is well.","annotations":[]}]}"#
        if asked.contains("look once"), asked.contains("\"tools\":"), !asked.contains("_call_output") {
            item =
                #"{"id":"i","type":"function_call","call_id":"c","name":"ticket_output","arguments":"{\"ticket\":\"none/1\"}","status":"completed"}"#
        }
        let events = [
            #"{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}"#,
            #"{"type":"response.completed","response":{"id":"r","status":"completed","output":[\#(item)],"usage":\#(usage)}}"#,
        ]
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for event in events { peer.write("data: \(event)\n\n") }
    }
}
