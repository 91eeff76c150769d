internal import Core

// Whole texts and items without secrets.
extension MaskList {
    /// What stands in a secret's place.
    public static let replacement = "[redacted]"

    /// The text without secrets.
    public func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let shown = masked(bytes)
        return shown == bytes ? text : String(decoding: shown, as: UTF8.self)
    }

    /// The item without secrets.
    ///
    /// A vendor's own form that holds one is kept only where the vendor can still read it; thoughts are signed by
    /// some, so that theirs goes.
    public func masked(_ item: ModelItem) -> ModelItem {
        var item = item
        item.content = masked(item.content)
        guard let native = item.native else { return item }
        let json = masked(native.json)
        if json == native.json { return item }
        if case .reasoning = item.content {
            item.native = nil
        } else if (try? JSONValue(parsing: json)) == nil {
            item.native = nil
        } else {
            item.native = NativeItem(dialect: native.dialect, json: json)
        }
        return item
    }

    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        var masker = Masker(forms: search)
        return masker.mask(bytes[...]) + masker.flush()
    }

    private func masked(_ content: ModelItem.Content) -> ModelItem.Content {
        switch content {
        case .assistant(let text): .assistant(masked(text))
        case .refusal(let text): .refusal(masked(text))
        case .reasoning(let text): .reasoning(masked(text))
        case .toolCall(let call): .toolCall(masked(call))
        // Not said by a model.
        case .user, .system, .toolResult: content
        }
    }

    private func masked(_ call: ToolCall) -> ToolCall {
        let request: ToolCall.Request =
            switch call.request {
            case .function(let name, let arguments):
                .function(name: masked(name), arguments: maskedJSON(arguments))
            case .shell(let commands, let timeout, let maximumOutput):
                .shell(commands: commands.map(masked), timeout: timeout, maximumOutput: maximumOutput)
            }
        return ToolCall(id: masked(call.id), request: request)
    }

    /// Arguments stay JSON: a number that is a secret becomes a text.
    private func maskedJSON(_ text: String) -> String {
        let shown = masked(text)
        guard shown != text, let json = try? JSONValue(parsing: Array(text.utf8)),
            (try? JSONValue(parsing: Array(shown.utf8))) == nil
        else { return shown }
        let whole = String(decoding: masked(json).bytes, as: UTF8.self)
        // What lies across several values leaves nothing that could be told.
        return masked(whole) == whole ? whole : "{}"
    }

    private func masked(_ json: JSONValue) -> JSONValue {
        switch json {
        case .string(let text): return .string(masked(text))
        case .array(let values): return .array(values.map(masked))
        case .object(let members):
            return .object(
                Dictionary(members.map { (masked($0.key), masked($0.value)) }) { first, _ in first }
            )
        default:
            let text = String(decoding: json.bytes, as: UTF8.self)
            return masked(text) == text ? json : .string(Self.replacement)
        }
    }
}
