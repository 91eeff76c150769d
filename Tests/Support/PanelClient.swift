public import Core

/// The panel assistant's widget, as far as its protocol goes: written from what was observed of that program, and of
/// nothing here.
///
/// It keeps what its user sees: messages, and commands that the model wants run.
public actor PanelClient {
    /// An answer as it comes off the wire.
    public struct Reply: Sendable {
        /// The status code.
        public var status: Int
        /// The body.
        public var body: [UInt8]
        /// The header fields, names in lower case.
        public var headers: [String: String]

        /// Makes a reply.
        public init(status: Int, body: [UInt8], headers: [String: String] = [:]) {
            self.status = status
            self.body = body
            self.headers = headers
        }

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The body as JSON; null when it is none.
        public var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    /// Posts a body to a path, with header fields.
    public typealias Transport = @Sendable (String, [String: String], [UInt8]) async throws -> Reply

    /// What the widget made of one answer.
    public struct Reading: Sendable {
        /// The text that it shows.
        public var text = ""
        /// The commands that it queues.
        public var commands: [String] = []
        /// The types of the events, in order.
        public var types: [String] = []
        /// The end of the stream was announced.
        public var isComplete = false
    }

    private let user: String
    private let post: Transport
    private var token = ""
    /// What the user sees: roles and texts.
    public private(set) var messages: [(role: String, text: String)] = []
    /// The history that came with the last check-in.
    public private(set) var history: [String: JSONValue] = [:]

    /// Makes a widget for a user.
    public init(user: String, _ post: @escaping Transport) {
        self.user = user
        self.post = post
    }

    /// Signs in; keeps token and history.
    @discardableResult public func checkIn(_ passphrase: String) async throws -> Reply {
        let reply = try await send(
            "/checkin",
            .object([
                "serverUsername": .string(user), "serverPassphrase": .string(passphrase),
                "sessionHash": .string("s1"),
            ])
        )
        token = reply.json["token"]?.string ?? ""
        history = reply.json["userChatHistory"]?.object ?? [:]
        return reply
    }

    /// Takes another token.
    public func use(token: String) { self.token = token }

    /// The messages of the history, as the widget shows them after a check-in.
    public func restoreMessages() {
        messages = (0..<history.count).compactMap { index in
            guard let entry = history["i_\(index)"], let role = entry["r"]?.string,
                let text = entry["z"]?.string
            else { return nil }
            return (role, text)
        }
    }

    /// Says something, streamed, and reads the answer.
    public func say(_ prompt: String, _ more: [String: JSONValue] = [:]) async throws -> Reading {
        messages.append(("user", prompt))
        let reply = try await ask(prompt, ["stream": .bool(true)].merging(more) { $1 })
        return take(Self.read(reply.text))
    }

    /// Brings results of commands, streamed, and reads the answer.
    public func bring(_ results: [JSONValue], _ more: [String: JSONValue] = [:]) async throws -> Reading {
        let fields: [String: JSONValue] = ["stream": .bool(true), "cmdResults": .array(results)]
        let reply = try await ask("", fields.merging(more) { $1 })
        return take(Self.read(reply.text))
    }

    private func take(_ reading: Reading) -> Reading {
        let blocks = reading.commands.map { "```shell\n\($0)\n```" }.joined(separator: "\n")
        messages.append(("assistant", reading.text.isEmpty ? blocks : reading.text))
        return reading
    }

    /// Posts to /openai with the messages so far.
    public func ask(_ prompt: String, _ more: [String: JSONValue]) async throws -> Reply {
        let system = JSONValue.object([
            "role": .string("system"),
            "content": .array([.object(["type": .string("text"), "text": .string("You help with servers.")])]
            ),
        ])
        let said = messages.map { message in
            JSONValue.object([
                "role": .string(message.role),
                "content": .array([
                    .object(["type": .string("text"), "text": .string(message.text)])
                ]),
            ])
        }
        let body: [String: JSONValue] = [
            "model": .string("model"), "messages": .array([system] + said), "prompt": .string(prompt),
            "system": .string("You help with servers."), "reasoning": .string("low"),
            "verbosity": .string("medium"), "responseTools": .array([.string("shell")]),
            "uniqueChatID": .string("float-\(user)"), "serverUsername": .string(user),
            "temperature": .number(0.8), "top_p": .integer(1), "top_k": .integer(1), "thread": .array([]),
            "context": .array([]), "chatId": .string("float-\(user)"), "sentOne": .bool(true),
        ]
        return try await send(
            "/openai",
            .object(body.merging(more) { $1 }),
            ["authorization": "Bearer \(token)"]
        )
    }

    /// Runs a command through the bridge.
    public func run(_ command: String) async throws -> Reply {
        try await send(
            "/bridge",
            .object(["shellCmd": .string(command)]),
            ["authorization": "Bearer \(token)"]
        )
    }

    /// Posts anything.
    public func send(_ path: String, _ body: JSONValue, _ headers: [String: String] = [:]) async throws
        -> Reply
    {
        try await post(path, headers.merging(["content-type": "application/json"]) { $1 }, body.bytes)
    }

    /// Reads a stream as the widget does: by what the types of the events end in.
    public static func read(_ stream: String) -> Reading {
        var reading = Reading()
        var command: String?
        for block in stream.split(separator: "\n\n") {
            let lines = block.split(separator: "\n")
            let isEnd = lines.contains("event: end")
            for line in lines where line.hasPrefix("data: ") {
                let data = String(line.dropFirst(6))
                if data == "[DONE]" {
                    reading.isComplete = isEnd
                    continue
                }
                guard let event = try? JSONValue(parsing: Array(data.utf8)),
                    let type = event["type"]?.string
                else { continue }
                reading.types.append(type)
                if type.hasSuffix("command.added") {
                    command = ""
                } else if type.hasSuffix("command.done") {
                    if let command { reading.commands.append(command) }
                    command = nil
                } else if type.hasSuffix("delta"), let delta = event["delta"]?.string {
                    if command != nil { command? += delta } else { reading.text += delta }
                }
            }
        }
        return reading
    }
}
