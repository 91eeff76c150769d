internal import Core
internal import Domain

/// One message as the panel assistant sends it.
struct ChatterMessage: Sendable, Equatable {
    enum Role: String {
        case user, assistant, system, developer
    }

    let role: Role
    let parts: [ContentPart]

    /// All its text.
    var text: String {
        parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
            .joined(separator: "\n")
    }

    /// Heeded like instructions.
    var isInstruction: Bool { role == .system || role == .developer }

    /// What a model is shown of it.
    var item: ModelItem {
        switch role {
        case .user: ModelItem(.user(parts))
        case .assistant: ModelItem(.assistant(text))
        case .system, .developer: ModelItem(.system(text))
        }
    }

    init(role: Role, parts: [ContentPart]) {
        self.role = role
        self.parts = parts
    }

    /// Reads `{role, content}`; content is a text, or parts of text and images.
    init(_ value: JSONValue) throws(Failure) {
        guard let role = value["role"]?.string.flatMap(Role.init(rawValue:)) else {
            throw ChatterFields.wrong("messages[].role", "user, assistant or system")
        }
        self.role = role
        switch value["content"] {
        case .string(let text): parts = [.text(text)]
        case .array(let values):
            var parts: [ContentPart] = []
            for value in values { parts.append(try Self.part(value)) }
            self.parts = parts
        default: throw ChatterFields.wrong("messages[].content", "an array of parts")
        }
    }

    private static func part(_ value: JSONValue) throws(Failure) -> ContentPart {
        switch value["type"]?.string {
        case "text", "input_text", "output_text":
            guard let text = value["text"]?.string else {
                throw ChatterFields.wrong("messages[].content[].text", "a string")
            }
            return .text(text)
        case "image", "inlineData", "image_url", "input_image":
            return .image(try image(value))
        default:
            throw ChatterFields.wrong(
                "messages[].content[].type",
                "text, image, image_url or inlineData"
            )
        }
    }

    /// Reads `{data, mimeType}`, or a `url` that holds the bytes itself (RFC 2397): addresses are not fetched.
    static func image(_ value: JSONValue) throws(Failure) -> ImageContent {
        let inner = value["image_url"]
        let url = value["url"]?.string ?? inner?["url"]?.string ?? inner?.string
        guard let text = value["data"]?.string ?? url else {
            throw ChatterFields.wrong("image", "an object with 'data' and 'mimeType'")
        }
        var encoded = text[...]
        var mediaType = value["mimeType"]?.string
        if text.hasPrefix("data:") {
            guard let comma = text.firstIndex(of: ","), text[..<comma].hasSuffix(";base64") else {
                throw ChatterFields.wrong("image", "base64 data")
            }
            mediaType = String(text[..<comma].dropFirst(5).prefix { $0 != ";" })
            encoded = text[text.index(after: comma)...]
        } else if value["data"]?.string == nil {
            throw ChatterFailures.badRequest(
                "Images are not fetched from addresses; send their bytes as 'data' in base64 with 'mimeType'."
            )
        }
        guard let mediaType, let bytes = Base64.decode(String(encoded)), !bytes.isEmpty else {
            throw ChatterFields.wrong("image", "an object with 'data' in base64 and 'mimeType'")
        }
        return ImageContent(mediaType: mediaType.lowercased(), bytes: bytes)
    }
}
