internal import Core
internal import Domain

/// Writes a conversation as the `messages` of Anthropic: roles in turn, a person first, results first after their calls.
struct AnthropicMessageEncoder {
    enum Role: String { case user, assistant, system }

    private struct Message {
        var role: Role
        var blocks: [[UInt8]]
    }

    private let contract: AnthropicContract
    private let takesImages: Bool
    /// The end of the conversation is marked for the prompt cache, so that the next call finds all before it.
    private let caches: Bool
    private var names = CallNames.wordLike()
    private var messages: [Message] = []

    /// What was said to be heeded before anybody spoke.
    private(set) var leadingSystem: [String] = []
    /// The functions that were called, each once.
    private(set) var calledFunctions: [String] = []
    /// The last answer made calls and did not think before.
    private(set) var loopLacksThoughts = false

    init(contract: AnthropicContract, takesImages: Bool, caches: Bool) {
        self.contract = contract
        self.takesImages = takesImages
        self.caches = caches
    }

    /// Bytes of the blocks.
    var size: Int { messages.reduce(0) { $0 + $1.blocks.reduce(64) { $0 + $1.count } } }

    /// The array as JSON text.
    var bytes: [UInt8] {
        var json = JSONWriter(capacity: size)
        json.array { json in
            for message in messages {
                json.object { json in
                    json.key("role")
                    json.string(message.role.rawValue)
                    json.key("content")
                    json.array { json in
                        for block in message.blocks { json.raw(block) }
                    }
                }
            }
        }
        return json.bytes
    }

    mutating func encode(_ transcript: Transcript) {
        for step in transcript.steps {
            switch step {
            case .system(let text): appendSystem(text)
            case .user(let parts):
                loopLacksThoughts = false
                append(role: .user, blocks: blocks(parts))
            case .answer(let answer): append(answer)
            }
        }
        // An answer at the end would be taken for the beginning of the next one.
        if messages.last?.role != .user { append(role: .user, blocks: [Self.text("Go on.")]) }
        if caches { markEnd() }
    }

    /// Adds blocks; to the last message if that has the same role.
    mutating func append(role: Role, blocks: [[UInt8]]) {
        guard !blocks.isEmpty else { return }
        if messages.isEmpty, role == .assistant {
            messages.append(Message(role: .user, blocks: [Self.text("(The beginning is left out.)")]))
        }
        if let last = messages.indices.last, messages[last].role == role {
            messages[last].blocks += blocks
        } else {
            messages.append(Message(role: role, blocks: blocks))
        }
    }

    private mutating func appendSystem(_ text: String) {
        guard !text.trimmed.isEmpty else { return }
        if messages.isEmpty {
            leadingSystem.append(text)
        } else if contract == .current {
            append(role: .system, blocks: [Self.text(text)])
        } else {
            append(role: .user, blocks: [Self.text("[System: \(text)]")])
        }
    }

    private mutating func append(_ answer: Transcript.Answer) {
        var blocks: [[UInt8]] = []
        var results: [[UInt8]] = []
        var calls = answer.calls[...]
        for item in answer.items {
            switch item.content {
            case .assistant(let text), .refusal(let text):
                if !text.trimmed.isEmpty { blocks.append(Self.text(text)) }
            case .reasoning:
                if let native = item.native, native.dialect == Anthropic.dialect {
                    blocks.append(native.json)
                }
            case .toolCall:
                guard let call = calls.popFirst() else { continue }
                let name = names.name(for: call)
                blocks.append(Self.toolUse(call, name))
                results.append(result(call.result, name))
                if !calledFunctions.contains(call.call.name) { calledFunctions.append(call.call.name) }
            case .user, .system, .toolResult: continue
            }
        }
        let hasThoughts = answer.items.contains { item in
            if case .reasoning = item.content { item.native?.dialect == Anthropic.dialect } else { false }
        }
        loopLacksThoughts = !results.isEmpty && !hasThoughts
        append(role: .assistant, blocks: blocks)
        append(role: .user, blocks: results)
    }

    private mutating func markEnd() {
        guard let message = messages.indices.last, let block = messages[message].blocks.indices.last,
            case .object(var members)? = try? LenientJSON.parse(messages[message].blocks[block])
        else { return }
        members["cache_control"] = .object(["type": .string("ephemeral")])
        messages[message].blocks[block] = JSONValue.object(members).bytes
    }
}

extension AnthropicMessageEncoder {
    fileprivate static func text(_ text: String) -> [UInt8] {
        var json = JSONWriter(capacity: text.utf8.count + 32)
        json.object { json in
            json.key("type")
            json.string("text")
            json.key("text")
            json.string(text)
        }
        return json.bytes
    }

    fileprivate func blocks(_ parts: [ContentPart]) -> [[UInt8]] {
        parts.compactMap { part in
            switch part {
            case .text(let text): text.trimmed.isEmpty ? nil : Self.text(text)
            case .image(let image): block(image)
            }
        }
    }

    private func block(_ image: ImageContent) -> [UInt8] {
        guard takesImages, Anthropic.imageTypes.contains(image.mediaType) else {
            return Self.text(ToolText.leftOut(image))
        }
        var json = JSONWriter(capacity: image.bytes.count * 4 / 3 + 128)
        json.object { json in
            json.key("type")
            json.string("image")
            json.key("source")
            json.object { json in
                json.key("type")
                json.string("base64")
                json.key("media_type")
                json.string(image.mediaType)
                json.key("data")
                json.string(image.base64)
            }
        }
        return json.bytes
    }

    fileprivate static func toolUse(_ call: Transcript.Call, _ name: String) -> [UInt8] {
        var members: [String: JSONValue] = [:]
        if let native = call.native, native.dialect == Anthropic.dialect,
            case .object(let block)? = try? LenientJSON.parse(native.json)
        {
            members = block
        }
        members["type"] = .string("tool_use")
        members["id"] = .string(name)
        members["name"] = .string(call.call.name)
        members["input"] = ToolText.arguments(of: call.call)
        return JSONValue.object(members).bytes
    }

    fileprivate func result(_ result: ToolResult, _ name: String) -> [UInt8] {
        var content: [[UInt8]]
        switch result.content {
        case .parts(let parts, _): content = blocks(parts)
        case .shell: content = [Self.text(ToolText.text(of: result))]
        }
        if content.isEmpty { content = [Self.text("(It gave nothing.)")] }
        var json = JSONWriter()
        json.object { json in
            json.key("type")
            json.string("tool_result")
            json.key("tool_use_id")
            json.string(name)
            json.key("content")
            json.array { json in
                for block in content { json.raw(block) }
            }
            json.key("is_error")
            json.bool(ToolText.isError(result))
        }
        return json.bytes
    }
}
