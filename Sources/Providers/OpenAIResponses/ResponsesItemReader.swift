internal import Core
internal import Domain

/// Makes our items of the vendor's complete output items.
enum ResponsesItemReader {
    /// What an output item amounts to.
    enum Reading: Equatable {
        case item(ModelItem)
        case image(ImageContent)
        /// A call that was cut or that failed, and items without meaning to anybody.
        case nothing
    }

    /// Reads an item; `raw` is its JSON as the vendor wrote it.
    ///
    /// In an answer that was cut, calls count only if the vendor says that they are complete.
    static func read(_ item: JSONValue, raw: [UInt8], position: Int, isCut: Bool) -> Reading {
        let native = NativeItem(dialect: ResponsesDialect.name, json: raw)
        switch item["type"]?.text {
        case "message": return .item(ModelItem(message(item), native: native))
        case "reasoning": return .item(ModelItem(.reasoning(reasoning(item)), native: native))
        case "function_call", "shell_call":
            guard isWhole(item, isCut: isCut), let call = call(item, position: position) else {
                return .nothing
            }
            return .item(ModelItem(.toolCall(call), native: native))
        case "image_generation_call":
            guard let text = item["result"]?.text,
                let image = ImageContent(
                    base64: text,
                    mediaType: item["output_format"]?.text.map { "image/\($0)" }
                )
            else { return .nothing }
            return .image(image)
        case nil: return .nothing
        default:
            // Kept for the vendor, who may want it again.
            return .item(ModelItem(.reasoning(""), native: native))
        }
    }

    private static func message(_ item: JSONValue) -> ModelItem.Content {
        let parts = item["content"]?.array ?? []
        let text = parts.compactMap { $0["type"]?.string == "refusal" ? nil : $0["text"]?.string }.joined()
        let refusals = parts.compactMap { $0["type"]?.string == "refusal" ? $0["refusal"]?.string : nil }
        guard !refusals.isEmpty else { return .assistant(text) }
        return .refusal(([text] + refusals).filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }

    private static func reasoning(_ item: JSONValue) -> String {
        let summary = item["summary"]?.array ?? []
        let parts = summary.isEmpty ? item["content"]?.array ?? [] : summary
        return parts.compactMap { $0["text"]?.text }.joined(separator: "\n\n")
    }

    private static func isWhole(_ item: JSONValue, isCut: Bool) -> Bool {
        switch item["status"]?.text {
        case "completed": true
        case nil: !isCut
        default: false
        }
    }

    /// The call of an item; nil when its arguments are no JSON object, or it has no commands.
    static func call(_ item: JSONValue, position: Int) -> ToolCall? {
        let id = item["call_id"]?.text ?? item["id"]?.text ?? "call_\(position)"
        if item["type"]?.text == "shell_call" {
            let action = item["action"]
            guard let commands = action?["commands"]?.array?.compactMap(\.string), !commands.isEmpty else {
                return nil
            }
            let timeout = action?["timeout_ms"]?.count.flatMap { $0 > 0 ? Duration.milliseconds($0) : nil }
            let most = action?["max_output_length"].flatMap(\.count)
            return ToolCall(
                id: id,
                request: .shell(commands: commands, timeout: timeout, maximumOutput: most)
            )
        }
        guard let name = item["name"]?.text else { return nil }
        // Some servers write the object itself in place of its text.
        if let object = item["arguments"], object.object != nil {
            let text = String(decoding: object.bytes, as: UTF8.self)
            return ToolCall(id: id, request: .function(name: name, arguments: text))
        }
        let arguments = item["arguments"]?.string?.trimmed ?? ""
        if arguments.isEmpty { return ToolCall(id: id, request: .function(name: name, arguments: "{}")) }
        guard (try? LenientJSON.parse(arguments)) != nil else { return nil }
        return ToolCall(id: id, request: .function(name: name, arguments: arguments))
    }
}
