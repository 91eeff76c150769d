internal import Core
internal import Domain

/// Reads what both interfaces write alike: parts of messages, functions, and what steers an answer.
enum OpenAIParts {
    static let maximumItems = 10_000
    static let maximumTools = 512
    private static let imageTypes: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    /// Content that is a text, or parts of texts and images.
    static func content(_ name: String, of fields: OpenAIFields) throws(FieldFailure) -> [ContentPart] {
        if let text = fields[name]?.string { return [.text(text)] }
        var parts: [ContentPart] = []
        for part in try fields.objects(name, atMost: maximumItems) ?? [] {
            switch try part.text("type") {
            case "text", "input_text", "output_text": parts.append(.text(try part.requiredText("text")))
            case "refusal": parts.append(.text(try part.requiredText("refusal")))
            case "image_url":
                // The newer interface has a text here, the older one an object.
                if part["image_url"]?.object != nil, let nested = try part.object("image_url") {
                    parts.append(.image(try image(try nested.requiredText("url"), part, "image_url")))
                } else {
                    parts.append(.image(try image(try part.requiredText("image_url"), part, "image_url")))
                }
            case "input_image":
                parts.append(.image(try image(try part.requiredText("image_url"), part, "image_url")))
            case let type:
                throw part.unsupported(
                    "type",
                    "Parts of the type '\((type ?? "none").prefix(40))' are not taken.",
                    "Send text, and images as data: URLs."
                )
            }
        }
        return parts
    }

    /// The texts of a content, joined.
    static func text(_ name: String, of fields: OpenAIFields) throws(FieldFailure) -> String {
        try content(name, of: fields).compactMap { part in
            if case .text(let text) = part { text } else { nil }
        }.joined(separator: "\n")
    }

    /// The image of a `data:` URL (RFC 2397); addresses are never fetched.
    private static func image(_ url: String, _ part: OpenAIFields, _ name: String) throws(FieldFailure)
        -> ImageContent
    {
        guard url.prefix(5).lowercased() == "data:", let comma = url.firstIndex(of: ",") else {
            throw part.refusal(
                name,
                code: "invalid_image_url",
                "The image is not a data: URL. Addresses in messages are not fetched by this server.",
                "Send the image itself: data:image/png;base64,…"
            )
        }
        let words = url[..<comma].dropFirst(5).lowercased().split(separator: ";").map(String.init)
        guard words.last == "base64", let type = words.first, imageTypes.contains(type) else {
            throw part.refusal(
                name,
                code: "image_type_unsupported",
                "Images of this type are not taken.",
                "Send PNG, JPEG, GIF or WebP in base64."
            )
        }
        guard let bytes = Base64.decode(String(url[url.index(after: comma)...])), !bytes.isEmpty else {
            throw part.wrong(name, "an image in base64")
        }
        return ImageContent(mediaType: type, bytes: bytes)
    }

    /// A function; `fields` are those that hold its name.
    static func function(_ fields: OpenAIFields) throws(FieldFailure) -> FunctionTool {
        let name = try fields.requiredText("name")
        guard (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x2D || $0 == 0x5F
            })
        else { throw fields.wrong("name", "1 to 64 letters, digits, dashes or underscores") }
        let parameters =
            fields["parameters"] ?? .object(["type": .string("object"), "properties": .object([:])])
        guard parameters.object != nil else { throw fields.wrong("parameters", "a JSON Schema") }
        return FunctionTool(
            name: name,
            description: try fields.text("description") ?? "",
            parameters: parameters,
            isStrict: try fields.flag("strict") ?? false
        )
    }

    /// How much to think.
    static func effort(_ name: String, of fields: OpenAIFields) throws(FieldFailure) -> ReasoningEffort? {
        guard let word = try fields.text(name) else { return nil }
        // The most that any interface of ours can be asked for.
        if word == "max" { return .xhigh }
        guard let effort = ReasoningEffort(rawValue: word) else {
            throw fields.wrong(name, "one of none, minimal, low, medium, high, xhigh, max")
        }
        return effort
    }

    /// How long to answer.
    static func verbosity(_ name: String, of fields: OpenAIFields) throws(FieldFailure) -> Verbosity? {
        guard let word = try fields.text(name) else { return nil }
        guard let verbosity = Verbosity(rawValue: word) else {
            throw fields.wrong(name, "one of low, medium, high")
        }
        return verbosity
    }

    /// What steers both interfaces alike.
    static func steer(_ request: inout ModelRequest, _ body: OpenAIFields) throws(FieldFailure) {
        request.temperature = try body.number("temperature", 0...2)
        request.topP = try body.number("top_p", 0...1)
        request.parallelToolCalls = try body.flag("parallel_tool_calls")
        request.cacheKey = try body.text("prompt_cache_key")
    }

    /// The tools that the choice leaves, by the mode and names of an `allowed_tools` choice.
    static func allow(_ mode: String?, _ names: Set<String>, in request: inout ModelRequest) {
        request.tools = request.tools.filter { tool in
            switch tool {
            case .function(let function): names.contains(function.name)
            case .shell: names.contains("shell")
            }
        }
        request.toolChoice = mode == "required" ? .required : .automatic
    }

    /// A format that holds the answer to a schema; `fields` are those that hold the schema.
    static func schema(_ fields: OpenAIFields) throws(FieldFailure) -> ResponseFormat {
        let schema = fields["schema"] ?? .object([:])
        guard schema.object != nil else { throw fields.wrong("schema", "a JSON Schema") }
        return .jsonSchema(
            name: try fields.requiredText("name"),
            schema: schema,
            isStrict: try fields.flag("strict") ?? false
        )
    }
}
