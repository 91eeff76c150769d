internal import Core
internal import Domain
internal import HTTPServer

/// What the panel assistant asks with `POST /openai`.
struct ChatterRequest: Sendable {
    /// The model's name, as people write it.
    let model: String
    /// What the model is to heed; nil for the configured instructions.
    let instructions: String?
    /// What was said before.
    let earlier: [ChatterMessage]
    /// What the person says now; empty when only results of commands are brought.
    let message: [ContentPart]
    /// Results of commands that the client carried out.
    let results: CommandResults
    /// The call that the results belong to, if the client knows.
    let callID: String?
    /// The client's name for the chat.
    let chatKey: String?
    let reasoning: ReasoningEffort?
    let verbosity: Verbosity?
    let wantsShell: Bool
    let isStreamed: Bool
    /// A picture is asked for in place of an answer.
    let wantsPicture: Bool
    let pictureSize: String
    let pictureQuality: String

    /// Reads a body; `fields_missing` without model or messages, `bad_request` for members of other types.
    init(_ request: HTTPRequest) throws(Failure) {
        let fields = try ChatterFields(request)
        guard let model = try fields.text("model"), !model.isEmpty, let values = try fields.list("messages")
        else { throw ChatterFailures.fieldsMissing }
        self.model = model
        try Self.checkIgnored(fields)
        var messages: [ChatterMessage] = []
        for value in values { messages.append(try ChatterMessage(value)) }
        let spoken = messages.filter { !$0.isInstruction }
        let system = messages.filter(\.isInstruction).map(\.text).joined(separator: "\n\n")
        let given = system.isEmpty ? try fields.text("system") ?? "" : system
        instructions = given.isEmpty ? nil : given
        results = try CommandResults(
            try fields.list("cmdResults") ?? [],
            maximumOutput: try fields.number("shellMaxOutputLength", 0...100_000_000).map { Int($0) }
        )
        callID = try fields.text("shellCallId").flatMap { $0.isEmpty ? nil : $0 }
        let prompt = try fields.text("prompt") ?? ""
        var parts: [ContentPart]
        (earlier, parts) = Self.split(spoken, prompt: prompt, hasResults: !results.isEmpty)
        if try fields.flag("imgInput") ?? true {
            for value in try fields.list("images") ?? [] {
                parts.append(.image(try ChatterMessage.image(value)))
            }
        }
        message = parts
        let keys = [try fields.text("uniqueChatID"), try fields.text("chatId")].compactMap(\.self)
        chatKey = keys.first { !$0.isEmpty }
        reasoning = try fields.word("reasoning", ReasoningEffort.self)
        verbosity = try fields.word("verbosity", Verbosity.self)
        wantsShell = try Self.wantsShell(try fields.list("responseTools") ?? [])
        isStreamed = try fields.flag("stream") ?? false
        wantsPicture = try fields.flag("imgOutput") ?? false
        pictureSize = try fields.text("imgSize") ?? "1024x1024"
        pictureQuality = try fields.text("imgQuality") ?? "medium"
        guard !message.isEmpty || !results.isEmpty else {
            throw ChatterFailures.badRequest(
                "There is no message: send 'prompt', or a last message of the user."
            )
        }
    }

    /// Divides the messages into what was said before and what is said now.
    ///
    /// Clients send what is said now as the last message and once more as `prompt`, which is empty when they only bring
    /// results.
    private static func split(_ messages: [ChatterMessage], prompt: String, hasResults: Bool)
        -> (earlier: [ChatterMessage], now: [ContentPart])
    {
        let wanted = prompt.trimmed
        if let last = messages.last, last.role == .user {
            let isSaidNow = wanted.isEmpty ? !hasResults : last.text.contains(wanted)
            if isSaidNow { return (Array(messages.dropLast()), last.parts) }
        }
        return (messages, wanted.isEmpty ? [] : [.text(prompt)])
    }

    private static func wantsShell(_ tools: [JSONValue]) throws(Failure) -> Bool {
        var found = false
        for tool in tools {
            guard let name = tool.string ?? tool["type"]?.string ?? tool["name"]?.string else {
                throw ChatterFields.wrong("responseTools", "an array of strings or objects")
            }
            if name == "shell" || name == "local_shell" { found = true }
        }
        return found
    }

    /// What has no effect here must nevertheless be what the contract says.
    private static func checkIgnored(_ fields: ChatterFields) throws(Failure) {
        _ = try fields.number("temperature", 0...1)
        _ = try fields.number("top_p", 0...1)
        _ = try fields.number("top_k", 1...20)
        _ = try fields.list("thread")
        _ = try fields.text("serverUsername")
    }
}
