import Core
import HTTPClient
import Testing
@testable import Domain
@testable import Providers

/// The vendors' sides of the interfaces: what they check, and how they say things.
enum Vendor: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chat, anthropic, gemini

    static let key = "key-for-tests-1"

    var testDescription: String { rawValue }
    var fixture: String { "\(rawValue)-1.sse" }

    func provider(at url: String, _ meter: RecordingMeter, client: HTTPClient, retries: Int = 0) throws
        -> any ModelProvider
    {
        let kind: ProviderKind =
            switch self {
            case .chat: .openAIChat
            case .anthropic: .anthropic
            case .gemini: .gemini
            }
        var settings = ProviderSettings(
            id: try ProviderID(rawValue),
            kind: kind,
            baseURL: self == .chat ? url + "/v1" : url,
            key: Secret(Self.key),
            keySource: "VENDOR_KEY"
        )
        settings.limits.retries = retries
        var policy = RetryPolicy()
        policy.pause = { _ in }
        let services = ProviderServices(client: client, meter: meter, retries: policy)
        return switch self {
        case .chat: makeChatCompletionsProvider(settings, services)
        case .anthropic: makeAnthropicProvider(settings, services)
        case .gemini: makeGeminiProvider(settings, services)
        }
    }

    // MARK: What they say

    /// A stream with one call of `run`; the number makes its id.
    func call(_ number: Int) -> [UInt8] {
        switch self {
        case .chat:
            return stream([
                #"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_\#(number)","type":"function","function":{"name":"run","arguments":"{\"cmd\":\"é\"}"}}]},"finish_reason":null}]}"#,
                #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#, "[DONE]",
            ])
        case .anthropic:
            return stream([
                #"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_\#(number)x","name":"run","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"cmd\":\"é\"}"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}"#,
                #"{"type":"message_stop"}"#,
            ])
        case .gemini:
            return stream([
                #"{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"fc-\#(number)x","name":"run","args":{"cmd":"é"}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP","index":0}]}"#
            ])
        }
    }

    /// A stream whose whole text is `All done.`.
    func text() -> [UInt8] {
        switch self {
        case .chat:
            return stream([
                #"{"id":"c","choices":[{"index":0,"delta":{"content":"All done."},"finish_reason":null}]}"#,
                #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, "[DONE]",
            ])
        case .anthropic:
            return stream([
                #"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"All done."}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}"#,
                #"{"type":"message_stop"}"#,
            ])
        case .gemini:
            return stream([
                #"{"candidates":[{"content":{"role":"model","parts":[{"text":"All done."}]},"finishReason":"STOP","index":0}]}"#
            ])
        }
    }

    private func stream(_ events: [String]) -> [UInt8] {
        Array(events.map { "data: \($0)\n\n" }.joined().utf8)
    }

    /// An error as the body of a refusal.
    func error(_ message: String) -> String {
        switch self {
        case .chat: #"{"error":{"message":"\#(message)","type":"x","param":null,"code":null}}"#
        case .anthropic: #"{"type":"error","error":{"type":"x","message":"\#(message)"},"request_id":"r"}"#
        case .gemini: #"{"error":{"code":null,"message":"\#(message)","status":"X"}}"#
        }
    }

    // MARK: What they check

    /// What is wrong with a request.
    func complaints(_ request: WireRequest) -> [String] {
        var complaints: [String] = []
        let must = { (holds: Bool, what: String) in if !holds { complaints.append(what) } }
        let place =
            switch self {
            case .chat: "/v1/chat/completions"
            case .anthropic: "/v1/messages"
            case .gemini: "/v1/models/m:streamGenerateContent?alt=sse"
            }
        must(request.line == "POST \(place) HTTP/1.1", "request line: \(request.line)")
        must(request.headers["content-type"] == "application/json", "content type")
        let known: Set<String>
        switch self {
        case .chat:
            must(request.headers["authorization"] == "Bearer \(Self.key)", "authorization")
            known = ["model", "messages", "stream", "stream_options", "tools"]
        case .anthropic:
            must(request.headers["authorization"] == "Bearer \(Self.key)", "authorization")
            must(request.headers["anthropic-version"] == "2026-10-21", "version")
            must((request.body["max_tokens"]?.integer ?? 0) > 0, "max_tokens")
            must(request.body["system"]?.array?.first?["text"] == .string("Be brief."), "system")
            known = ["model", "max_tokens", "stream", "system", "messages", "tools"]
        case .gemini:
            must(request.headers["x-goog-api-key"] == Self.key, "key")
            known = ["contents", "systemInstruction", "tools", "generationConfig"]
        }
        if self != .gemini {
            must(request.body["model"] == .string("m"), "model")
            must(request.body["stream"] == .bool(true), "stream")
        }
        let members = Set((request.body.object ?? [:]).keys)
        must(members.isSubset(of: known), "unknown members: \(members.subtracting(known))")
        let more =
            switch self {
            case .chat: Self.chatComplaints(request.body["messages"]?.array ?? [])
            case .anthropic: Self.anthropicComplaints(request.body["messages"]?.array ?? [])
            case .gemini: Self.geminiComplaints(request.body["contents"]?.array ?? [])
            }
        return complaints + more
    }

    /// Every call is answered by the messages right behind it, in order, and nothing else is.
    private static func chatComplaints(_ messages: [JSONValue]) -> [String] {
        var complaints: [String] = []
        if messages.first?["role"] != .string("system") { complaints.append("no system message first") }
        var due: [String] = []
        for message in messages {
            if message["role"] == .string("tool") {
                let id = message["tool_call_id"]?.string ?? ""
                if due.isEmpty || due.removeFirst() != id { complaints.append("result of \(id) misplaced") }
                if message["content"]?.string == nil { complaints.append("result without content") }
                continue
            }
            if !due.isEmpty { complaints.append("no results of \(due)") }
            due = []
            for call in message["tool_calls"]?.array ?? [] {
                due.append(call["id"]?.string ?? "")
                let arguments = call["function"]?["arguments"]?.string ?? ""
                if (try? JSONValue(parsing: Array(arguments.utf8)))?.object == nil {
                    complaints.append("arguments are no object")
                }
                if call["type"] != .string("function") { complaints.append("call without type") }
            }
        }
        return due.isEmpty ? complaints : complaints + ["no results of \(due)"]
    }

    /// Roles take turns, and the results of a message's calls begin the next one.
    private static func anthropicComplaints(_ messages: [JSONValue]) -> [String] {
        var complaints: [String] = []
        var due: [String] = []
        for (position, message) in messages.enumerated() {
            let role = position.isMultiple(of: 2) ? "user" : "assistant"
            if message["role"] != .string(role) { complaints.append("message \(position) is not of \(role)") }
            let blocks = message["content"]?.array ?? []
            if blocks.isEmpty { complaints.append("message \(position) is empty") }
            let results = blocks.prefix { $0["type"] == .string("tool_result") }
            if results.compactMap({ $0["tool_use_id"]?.string }) != due {
                complaints.append("message \(position) does not answer \(due)")
            }
            due = blocks.filter { $0["type"] == .string("tool_use") }.compactMap { $0["id"]?.string }
            for block in blocks where block["type"] == .string("tool_use") && block["input"]?.object == nil {
                complaints.append("input is no object")
            }
        }
        return due.isEmpty ? complaints : complaints + ["no results of \(due)"]
    }

    /// The responses to a content's calls are the next content, in order, and its first call is signed.
    private static func geminiComplaints(_ contents: [JSONValue]) -> [String] {
        var complaints: [String] = []
        var due: [JSONValue] = []
        for (position, content) in contents.enumerated() {
            let role = position.isMultiple(of: 2) ? "user" : "model"
            if content["role"] != .string(role) { complaints.append("content \(position) is not of \(role)") }
            let parts = content["parts"]?.array ?? []
            let responses = parts.compactMap { $0["functionResponse"] }
            if responses.compactMap({ $0["id"] }) != due.compactMap({ $0["functionCall"]?["id"] })
                || responses.compactMap({ $0["name"] }) != due.compactMap({ $0["functionCall"]?["name"] })
            {
                complaints.append("content \(position) does not answer its calls")
            }
            if responses.contains(where: { $0["response"]?.object == nil }) {
                complaints.append("response is no object")
            }
            due = parts.filter { $0["functionCall"] != nil }
            if let first = due.first, first["thoughtSignature"]?.string == nil {
                complaints.append("call without its signature")
            }
        }
        return due.isEmpty ? complaints : complaints + ["no responses"]
    }
}
