internal import Core
internal import Domain

/// Writes a conversation as the `contents` of Gemini: every part of an answer goes back as it came, signatures included.
struct GeminiContentEncoder {
    private enum Role: String { case user, model }

    private let takesImages: Bool
    private var contents: [(role: Role, parts: [[UInt8]])] = []
    /// What was said to be heeded before anybody spoke.
    private(set) var leadingSystem: [String] = []

    init(takesImages: Bool) { self.takesImages = takesImages }

    /// Bytes of the parts.
    var size: Int { contents.reduce(0) { $0 + $1.parts.reduce(64) { $0 + $1.count } } }

    /// The array as JSON text.
    var bytes: [UInt8] {
        var json = JSONWriter(capacity: size)
        json.array { json in
            for content in contents {
                json.object { json in
                    json.key("role")
                    json.string(content.role.rawValue)
                    json.key("parts")
                    json.array { json in
                        for part in content.parts { json.raw(part) }
                    }
                }
            }
        }
        return json.bytes
    }

    mutating func encode(_ transcript: Transcript) {
        for step in transcript.steps {
            switch step {
            case .system(let text) where contents.isEmpty: leadingSystem.append(text)
            case .system(let text): append(.user, [Self.text("[System: \(text)]")])
            case .user(let parts): append(.user, parts.map(part))
            case .answer(let answer): append(answer)
            }
        }
        if contents.last?.role != .user { append(.user, [Self.text("Go on.")]) }
    }

    /// Answers must follow something that a person said; otherwise contents stay apart, so that results stand alone.
    private mutating func append(_ role: Role, _ parts: [[UInt8]]) {
        guard !parts.isEmpty else { return }
        if contents.isEmpty, role == .model {
            contents.append((.user, [Self.text("(The beginning is left out.)")]))
        }
        if role == .model, let last = contents.indices.last, contents[last].role == .model {
            contents[last].parts += parts
        } else {
            contents.append((role, parts))
        }
    }

    private mutating func append(_ answer: Transcript.Answer) {
        var parts: [[UInt8]] = []
        var responses: [[UInt8]] = []
        var calls = answer.calls[...]
        // Signatures are wanted for the first call of an answer; calls of other models have none.
        var needsSignature = !answer.calls.contains {
            $0.native?.dialect == Gemini.dialect || Self.signature(of: $0) != nil
        }
        for item in answer.items {
            let native = item.native?.dialect == Gemini.dialect ? item.native?.json : nil
            switch item.content {
            case .assistant(let text), .refusal(let text):
                if let native { parts.append(native) } else if !text.isEmpty { parts.append(Self.text(text)) }
            case .reasoning:
                if let native { parts.append(native) }
            case .toolCall:
                guard let call = calls.popFirst() else { continue }
                let signature = Self.signature(of: call) ?? (needsSignature ? Gemini.foreignSignature : nil)
                parts.append(native ?? Self.functionCall(call, signature))
                needsSignature = false
                let id = native.flatMap { try? LenientJSON.parse($0) }?["functionCall"]?["id"]?.string
                responses.append(Self.response(call, id: id))
            case .user, .system, .toolResult: continue
            }
        }
        append(.model, parts)
        append(.user, responses)
        let images = answer.calls.flatMap { ToolText.images(of: $0.result) }
        guard !images.isEmpty else { return }
        append(.user, [Self.text("Images that the tools gave:")] + images.map { part(.image($0)) })
    }
}

extension GeminiContentEncoder {
    private static func text(_ text: String) -> [UInt8] {
        var json = JSONWriter(capacity: text.utf8.count + 32)
        json.object { json in
            json.key("text")
            json.string(text)
        }
        return json.bytes
    }

    private func part(_ part: ContentPart) -> [UInt8] {
        switch part {
        case .text(let text): return Self.text(text)
        case .image(let image):
            guard takesImages, Gemini.imageTypes.contains(image.mediaType) else {
                return Self.text(ToolText.leftOut(image))
            }
            var json = JSONWriter(capacity: image.bytes.count * 4 / 3 + 128)
            json.object { json in
                json.key("inlineData")
                json.object { json in
                    json.key("mimeType")
                    json.string(image.mediaType)
                    json.key("data")
                    json.string(image.base64)
                }
            }
            return json.bytes
        }
    }

    /// The signature of a call whose conversation was kept by a caller in the form of Chat Completions.
    private static func signature(of call: Transcript.Call) -> String? {
        guard let native = call.native, native.dialect == ChatCompletions.dialect else { return nil }
        let extra = (try? LenientJSON.parse(native.json))?["extra_content"]
        return extra?["google"]?["thought_signature"]?.text
    }

    private static func functionCall(_ call: Transcript.Call, _ signature: String?) -> [UInt8] {
        var part: [String: JSONValue] = [
            "functionCall": .object([
                "name": .string(call.call.name), "args": ToolText.arguments(of: call.call),
            ])
        ]
        if let signature { part["thoughtSignature"] = .string(signature) }
        return JSONValue.object(part).bytes
    }

    /// The name goes with the one that Gemini gave to the call; ids that we made mean nothing to it.
    private static func response(_ call: Transcript.Call, id: String?) -> [UInt8] {
        let key = ToolText.isError(call.result) ? "error" : "output"
        var response: [String: JSONValue] = [
            "name": .string(call.call.name),
            "response": .object([key: .string(ToolText.text(of: call.result))]),
        ]
        if let id, !id.isEmpty { response["id"] = .string(id) }
        return JSONValue.object(["functionResponse": .object(response)]).bytes
    }
}
