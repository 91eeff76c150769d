internal import Core
internal import Domain

/// Writes a conversation as the `messages` of Chat Completions.
struct ChatMessageEncoder {
    private let systemRole: ChatQuirks.SystemRole
    private let takesImages: Bool
    private var names: CallNames
    private var messages: [[UInt8]] = []

    init(systemRole: ChatQuirks.SystemRole, takesImages: Bool, names: CallNames) {
        self.systemRole = systemRole
        self.takesImages = takesImages
        self.names = names
    }

    /// The array as JSON text.
    var bytes: [UInt8] {
        var json = JSONWriter(capacity: size + 2)
        json.array { json in
            for message in messages { json.raw(message) }
        }
        return json.bytes
    }

    /// Bytes of the messages.
    var size: Int { messages.reduce(0) { $0 + $1.count + 1 } }

    mutating func encode(instructions: String?, _ transcript: Transcript) {
        if let instructions, !instructions.isEmpty { append(systemRole.rawValue, instructions) }
        for step in transcript.steps {
            switch step {
            case .system(let text): append(systemRole.rawValue, text)
            case .user(let parts): appendUser(parts)
            case .answer(let answer): append(answer)
            }
        }
    }

    private mutating func append(_ role: String, _ text: String) {
        appendMessage(role) { json in
            json.key("content")
            json.string(text)
        }
    }

    private mutating func appendMessage(_ role: String, _ members: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object { json in
            json.key("role")
            json.string(role)
            members(&json)
        }
        messages.append(json.bytes)
    }

    private mutating func appendUser(_ parts: [ContentPart]) {
        let texts = parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
        // Older servers take strings only.
        if texts.count == parts.count { return append("user", texts.joined(separator: "\n")) }
        let takesImages = takesImages
        appendMessage("user") { json in
            json.key("content")
            json.array { json in
                for part in parts {
                    switch part {
                    case .text(let text): Self.write(text, to: &json)
                    case .image(let image) where takesImages: Self.write(image, to: &json)
                    case .image(let image): Self.write(ToolText.leftOut(image), to: &json)
                    }
                }
            }
        }
    }

    private static func write(_ text: String, to json: inout JSONWriter) {
        json.object { json in
            json.key("type")
            json.string("text")
            json.key("text")
            json.string(text)
        }
    }

    private static func write(_ image: ImageContent, to json: inout JSONWriter) {
        json.object { json in
            json.key("type")
            json.string("image_url")
            json.key("image_url")
            json.object { json in
                json.key("url")
                json.string(image.dataURL)
            }
        }
    }

    /// One assistant message, then a tool message for each call, then what results show.
    private mutating func append(_ answer: Transcript.Answer) {
        let texts = answer.items.compactMap { item in
            switch item.content {
            case .assistant(let text), .refusal(let text): text.isEmpty ? nil : text
            default: nil
            }
        }
        guard !texts.isEmpty || !answer.calls.isEmpty else { return }
        let named = answer.calls.map { ($0, names.name(for: $0)) }
        appendMessage("assistant") { json in
            json.key("content")
            if texts.isEmpty { json.null() } else { json.string(texts.joined(separator: "\n\n")) }
            guard !named.isEmpty else { return }
            // DeepSeek refuses a call whose thoughts are not sent back with it.
            ChatThought.write(answer.items, to: &json)
            json.key("tool_calls")
            json.array { json in
                for (call, name) in named { Self.write(call, name, to: &json) }
            }
        }
        for (call, name) in named {
            let prefix = ToolText.isError(call.result) ? "Error: " : ""
            appendMessage("tool") { json in
                json.key("tool_call_id")
                json.string(name)
                json.key("content")
                json.string(prefix + ToolText.text(of: call.result))
            }
        }
        let images = answer.calls.flatMap { ToolText.images(of: $0.result) }
        guard !images.isEmpty else { return }
        appendUser([.text("Images that the tools gave:")] + images.map(ContentPart.image))
    }

    private static func write(_ call: Transcript.Call, _ name: String, to json: inout JSONWriter) {
        json.object { json in
            json.key("id")
            json.string(name)
            json.key("type")
            json.string("function")
            json.key("function")
            json.object { json in
                json.key("name")
                json.string(call.call.name)
                json.key("arguments")
                json.string(ToolText.argumentText(of: call.call))
            }
            if let native = call.native, native.dialect == ChatCompletions.dialect,
                let extra = try? JSONValue(parsing: native.json)["extra_content"]
            {
                json.key("extra_content")
                extra.write(to: &json)
            }
        }
    }
}

/// Names of the interface.
enum ChatCompletions {
    /// What native items of the interface are marked with.
    static let dialect = "chat-completions"
}

/// Thoughts go back under the name under which they came.
enum ChatThought {
    /// The names servers use.
    static let fields = ["reasoning_content", "reasoning"]

    /// What a thought's item remembers.
    static func native(field: String) -> NativeItem {
        NativeItem(
            dialect: ChatCompletions.dialect,
            json: JSONValue.object(["field": .string(field)]).bytes
        )
    }

    /// Writes the thoughts of an answer, if they came over this interface.
    static func write(_ items: [ModelItem], to json: inout JSONWriter) {
        var thoughts: [String: String] = [:]
        for item in items {
            guard case .reasoning(let text) = item.content, let native = item.native,
                native.dialect == ChatCompletions.dialect,
                let field = (try? JSONValue(parsing: native.json))?["field"]?.string, fields.contains(field)
            else { continue }
            thoughts[field, default: ""] += text
        }
        for field in fields {
            guard let text = thoughts[field] else { continue }
            json.key(dynamic: field)
            json.string(text)
        }
    }
}
