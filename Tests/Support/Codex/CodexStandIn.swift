public import Core
internal import FoundationEssentials
internal import Synchronization

/// The services that the Codex CLI talks to - login, accounts, models - on 127.0.0.1, as far as was observed of them.
///
/// Each login makes another account. What an answer is follows from the body of the request, so that it stands still when a server
/// is started again.
public final class CodexStandIn: Sendable {
    /// What becomes of logins.
    public enum LoginAnswer: Sendable {
        /// Confirmed at once.
        case confirmed
        /// Nobody does anything.
        case waiting
        /// The service says no.
        case denied
        /// The workspace does not allow it.
        case disabled
        /// It was confirmed, but the tokens are not given out.
        case withheld
    }

    /// What a model says to a request.
    public enum Answer: Sendable {
        /// Events of an answer, complete unless they end otherwise.
        case events([JSONValue])
        /// A beginning, and nothing more until the client leaves.
        case hanging([JSONValue])
        /// A refusal.
        case status(Int, headers: [String: String] = [:], body: String)
    }

    /// A request for an answer.
    public struct Request: Sendable {
        /// The body.
        public let body: JSONValue
        /// The account it is for.
        public let account: String
        /// What it was allowed by.
        public let authorization: String

        /// The last item of the conversation.
        public var last: JSONValue? { body["input"]?.array?.last }
        /// The text of the last item, if it has one.
        public var lastText: String { last?["content"]?.array?.first?["text"]?.string ?? "" }
    }

    private struct State {
        var login = LoginAnswer.confirmed
        var requests: [Request] = []
        var paths: [String] = []
        var left = 0
        var accounts = 0
    }

    /// What begins all secrets that it gives out.
    public static let secretMark = "standin-secret"

    private let state: Recorded
    private let server: LoopbackServer

    private final class Recorded: Sendable {
        let state = Mutex(State())
    }

    /// Answers models by this function.
    public init(_ answer: @escaping @Sendable (Request) -> Answer = CodexStandIn.usual) {
        let recorded = Recorded()
        state = recorded
        server = LoopbackServer { peer in Self.serve(peer, recorded, answer) }
    }

    deinit { server.stop() }

    /// Where it is.
    public var url: String { server.url }
    /// What becomes of logins from now on.
    public var login: LoginAnswer {
        get { state.state.withLock { $0.login } }
        set { state.state.withLock { $0.login = newValue } }
    }
    /// All requests for answers, in order.
    public var requests: [Request] { state.state.withLock { $0.requests } }
    /// Method and path of all requests.
    public var paths: [String] { state.state.withLock { $0.paths } }
    /// Clients that left in the middle of an answer.
    public var left: Int { state.state.withLock { $0.left } }
    /// Takes no more connections.
    public func stop() { server.stop() }

    // MARK: What models say

    /// What the last text says: `hold`, `refuse`, `status CODE`, `limit`, `call NAME ARGUMENTS`, or anything else, which is said back.
    @Sendable public static func usual(_ request: Request) -> Answer {
        if request.last?["type"]?.string == "function_call_output" {
            return .events(text("Seen: \(request.last?["output"]?.string ?? "?")"))
        }
        let words = request.lastText.split(separator: " ", maxSplits: 2).map(String.init)
        switch words.first {
        case "hold": return .hanging(beginning("Well"))
        case "refuse":
            return .events([
                event(
                    "response.output_item.done",
                    [
                        "item": message([
                            .object(["type": .string("refusal"), "refusal": .string("no")])
                        ])
                    ]
                )
            ])
        case "status":
            let code = Int(words[1]) ?? 500
            return .status(
                code,
                body: #"{"error":{"message":"\#(secretMark)-message","type":"x","code":"x"}}"#
            )
        case "limit":
            return .status(
                429,
                headers: [
                    "x-codex-primary-used-percent": "100", "x-codex-primary-window-minutes": "300",
                    "x-codex-primary-reset-at": "4102444800",
                ],
                body: #"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_at":4102444800}}"#
            )
        case "call": return .events([call("call_1", words[1], words.count > 2 ? words[2] : "{}")])
        case "twice":
            return .events([call("call_1", words[1], #"{"n":1}"#), call("call_2", words[1], #"{"n":2}"#)])
        default: return .events(text("You said: \(request.lastText)"))
        }
    }

    /// A message in two pieces.
    public static func text(_ text: String) -> [JSONValue] {
        let half = text.index(text.startIndex, offsetBy: text.count / 2)
        let item = message([.object(["type": .string("output_text"), "text": .string(text)])])
        return beginning(String(text[..<half])) + [delta(String(text[half...]))]
            + [event("response.output_item.done", ["item": item])]
    }

    /// A message that has begun.
    public static func beginning(_ text: String) -> [JSONValue] {
        [event("response.output_item.added", ["item": message([])]), delta(text)]
    }

    /// A call of a function.
    public static func call(_ id: String, _ name: String, _ arguments: String) -> JSONValue {
        event(
            "response.output_item.done",
            [
                "item": .object([
                    "type": .string("function_call"), "id": .string("fc_\(id)"), "call_id": .string(id),
                    "name": .string(name), "arguments": .string(arguments),
                ])
            ]
        )
    }

    /// A script of a model that calls tools from programs.
    public static func script(_ id: String, _ text: String) -> JSONValue {
        event(
            "response.output_item.done",
            [
                "item": .object([
                    "type": .string("custom_tool_call"), "call_id": .string(id),
                    "namespace": .string("functions"), "name": .string("exec"), "input": .string(text),
                ])
            ]
        )
    }

    private static func message(_ content: [JSONValue]) -> JSONValue {
        .object([
            "type": .string("message"), "id": .string("msg_1"), "role": .string("assistant"),
            "content": .array(content),
        ])
    }

    private static func delta(_ text: String) -> JSONValue {
        event(
            "response.output_text.delta",
            ["item_id": .string("msg_1"), "content_index": .integer(0), "delta": .string(text)]
        )
    }

    private static func event(_ type: String, _ members: [String: JSONValue]) -> JSONValue {
        var members = members
        members["type"] = .string(type)
        members["output_index"] = .integer(0)
        return .object(members)
    }

    // MARK: Serving

    private static func serve(
        _ peer: Peer,
        _ recorded: Recorded,
        _ answer: @Sendable (Request) -> Answer
    ) {
        guard let head = peer.readHead() else { return }
        let lines = head.split(separator: "\r\n").map(String.init)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            fields[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
        }
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count > 1 else { return }
        let path = words[1].split(separator: "?").first.map(String.init) ?? ""
        let body = peer.readExactly(Int(fields["content-length"] ?? "") ?? 0) ?? []
        recorded.state.withLock { $0.paths.append("\(words[0]) \(path)") }
        if words[0] == "POST", path.hasSuffix("/responses") {
            let request = Request(
                body: (try? JSONValue(parsing: body)) ?? .null,
                account: fields["chatgpt-account-id"] ?? "",
                authorization: fields["authorization"] ?? ""
            )
            recorded.state.withLock { $0.requests.append(request) }
            return write(answer(request), to: peer, recorded)
        }
        let (status, json) = recorded.state.withLock { state in
            Self.account(path, String(decoding: body, as: UTF8.self), fields, &state)
        }
        respond(peer, status, json.bytes, [:])
    }

    private static func write(_ answer: Answer, to peer: Peer, _ recorded: Recorded) {
        switch answer {
        case .status(let code, let headers, let body): respond(peer, code, Array(body.utf8), headers)
        case .events(let events):
            begin(peer)
            events.forEach { send($0, to: peer) }
            let usage =
                #"{"input_tokens":100,"input_tokens_details":{"cached_tokens":20},"output_tokens":10,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":110}"#
            let end = #"{"type":"response.completed","response":{"id":"resp_1","usage":\#(usage)}}"#
            if let json = try? JSONValue(parsing: Array(end.utf8)) { send(json, to: peer) }
        case .hanging(let events):
            begin(peer)
            events.forEach { send($0, to: peer) }
            // The client's end of the connection.
            if peer.readExactly(1) == nil { recorded.state.withLock { $0.left += 1 } }
        }
    }

    private static func begin(_ peer: Peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        let json = #"{"type":"response.created","response":{"id":"resp_1"}}"#
        peer.write("event: response.created\ndata: \(json)\n\n")
    }

    private static func send(_ event: JSONValue, to peer: Peer) {
        let data = String(decoding: event.bytes, as: UTF8.self)
        peer.write("event: \(event["type"]?.string ?? "")\ndata: \(data)\n\n")
    }

    private static func respond(_ peer: Peer, _ status: Int, _ body: [UInt8], _ headers: [String: String]) {
        let more = headers.map { "\($0): \($1)\r\n" }.joined()
        peer.write("HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nConnection: close\r\n")
        peer.write("Content-Length: \(body.count)\r\n\(more)\r\n")
        peer.write(body)
    }

    // MARK: Accounts

    private static func account(
        _ path: String,
        _ body: String,
        _ fields: [String: String],
        _ state: inout State
    ) -> (Int, JSONValue) {
        let nothing = JSONValue.object([:])
        if path.hasSuffix("/deviceauth/usercode") {
            if case .disabled = state.login { return (404, nothing) }
            state.accounts += 1
            return (
                200,
                .object([
                    "device_auth_id": .string("device-\(state.accounts)"),
                    "user_code": .string("CODE-\(state.accounts)"), "interval": .string("1"),
                ])
            )
        }
        if path.hasSuffix("/deviceauth/token") {
            switch state.login {
            case .waiting: return (403, nothing)
            case .denied: return (400, nothing)
            default: break
            }
            let device = (try? JSONValue(parsing: Array(body.utf8)))?["device_auth_id"]?.string ?? ""
            return (
                200,
                .object([
                    "authorization_code": .string(device), "code_challenge": .string("c"),
                    "code_verifier": .string("v"),
                ])
            )
        }
        if path.hasSuffix("/oauth/token") {
            if case .withheld = state.login { return (403, nothing) }
            let name = body.firstRange(of: "device-").map { range in
                "acct-" + body[range.upperBound...].prefix { $0.isNumber }
            }
            return (200, tokens(of: name ?? "acct-\(state.accounts)"))
        }
        if path.hasSuffix("/accounts/check") {
            let account = fields["chatgpt-account-id"] ?? "acct-\(state.accounts)"
            return (200, check(account))
        }
        if path.hasSuffix("/wham/usage") {
            let json =
                #"{"plan_type":"plus","rate_limit":{"allowed":true,"limit_reached":false,"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_after_seconds":100,"reset_at":2000000000},"secondary_window":null},"credits":null}"#
            return (200, (try? JSONValue(parsing: Array(json.utf8))) ?? nothing)
        }
        if path.hasSuffix("/responses") { return (426, nothing) }
        if path.hasSuffix("/oauth/revoke") { return (200, nothing) }
        return (404, nothing)
    }

    private static func tokens(of account: String) -> JSONValue {
        let claims =
            #""https://api.openai.com/auth":{"chatgpt_account_id":"\#(account)","chatgpt_plan_type":"plus","chatgpt_user_id":"user-\#(account)"}"#
        let expiry = Int(Date().timeIntervalSince1970) + 3_600
        return .object([
            "id_token": .string(token(#"{"email":"\#(account)@example.com","exp":\#(expiry),\#(claims)}"#)),
            "access_token": .string(token(#"{"exp":\#(expiry),\#(claims)}"#)),
            "refresh_token": .string("\(secretMark)-refresh-\(account)"),
        ])
    }

    private static func token(_ claims: String) -> String {
        func part(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-")
                .replacing("/", with: "_")
        }
        return part(#"{"alg":"none"}"#) + "." + part(claims) + "." + part("\(secretMark)-signature")
    }

    private static func check(_ account: String) -> JSONValue {
        .object([
            "accounts": .array([
                .object([
                    "id": .string(account), "name": .string("Personal"), "structure": .string("personal"),
                    "plan_type": .string("plus"), "profile_picture_url": .null,
                    "workspace_backend_origin": .string("https://chatgpt.com"),
                    "account_routing_override": .string("NO_CONSTRAINT"),
                ])
            ]), "account_ordering": .array([.string(account)]), "default_account_id": .string(account),
        ])
    }
}
