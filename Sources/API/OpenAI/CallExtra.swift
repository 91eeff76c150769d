internal import Core
internal import Domain

/// What a provider wants back with a call beside its name and arguments: the member `extra_content` of calls.
///
/// Source: https://ai.google.dev/gemini-api/docs/openai, "Thought signatures". Servers of that interface write it
/// themselves; a signature of Gemini's own interface is put into the same form, so that clients know it.
enum CallExtra {
    private static let interface = "chat-completions"
    private static let gemini = "gemini"

    /// What is written beside a call; nil for nothing.
    static func value(of native: NativeItem?) -> JSONValue? {
        guard let native, let json = try? JSONValue(parsing: native.json) else { return nil }
        switch native.dialect {
        case interface: return json["extra_content"]
        case gemini:
            guard let signature = (json["thoughtSignature"] ?? json["thought_signature"])?.string else {
                return nil
            }
            return .object(["google": .object(["thought_signature": .string(signature)])])
        default: return nil
        }
    }

    /// Writes the member, if there is something to write.
    static func write(_ native: NativeItem?, to json: inout JSONWriter) {
        guard let value = value(of: native) else { return }
        json.key("extra_content")
        value.write(to: &json)
    }

    /// The form in which providers find it again.
    static func native(of call: OpenAIFields) -> NativeItem? {
        guard let value = call["extra_content"], value.object != nil else { return nil }
        return NativeItem(dialect: interface, json: JSONValue.object(["extra_content": value]).bytes)
    }
}
