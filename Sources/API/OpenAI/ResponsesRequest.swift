internal import Core
internal import Domain

/// What is asked for at `/v1/responses`.
///
/// Source: https://platform.openai.com/docs/api-reference/responses/create. Nothing is stored: the caller sends the whole
/// conversation each time.
struct ResponsesRequest: Sendable {
    /// The model, as the caller names it; nil for the standard one.
    let model: String?
    let streams: Bool
    /// What is asked of the model, whose own name is filled in later.
    let request: ModelRequest
    /// The caller takes thoughts in the provider's own form, to send them again.
    let includesReasoning: Bool
    /// The members of the request that an answer repeats.
    let echo: ResponseEcho

    init(_ body: OpenAIFields, for principal: PrincipalID, _ seal: ThoughtSeal) throws(FieldFailure) {
        model = try body.text("model")
        streams = try body.flag("stream") ?? false
        try Self.refuseStored(body)
        var items = ResponsesItemsReader(seal)
        try items.read(body)
        var request = ModelRequest(
            model: "",
            instructions: try body.text("instructions"),
            items: items.items,
            context: CallContext(principal: principal, door: .openai)
        )
        try OpenAIParts.steer(&request, body)
        request.maximumOutputTokens = try body.whole("max_output_tokens", 1...Int64(Int32.max))
        if let reasoning = try body.object("reasoning") {
            request.reasoning = try OpenAIParts.effort("effort", of: reasoning)
        }
        if let text = try body.object("text") {
            request.verbosity = try OpenAIParts.verbosity("verbosity", of: text)
            if let format = try text.object("format") { request.format = try Self.format(format) }
        }
        try Self.tools(body, &request)
        let included = (body["include"]?.array ?? []).compactMap(\.string)
        includesReasoning = included.contains("reasoning.encrypted_content")
        echo = ResponseEcho(body, request)
        self.request = request
    }

    /// What would need an earlier response, or one that goes on without its caller.
    private static func refuseStored(_ body: OpenAIFields) throws(FieldFailure) {
        if let previous = body["previous_response_id"] {
            throw body.refusal(
                "previous_response_id",
                code: "previous_response_not_found",
                "There is no stored response '\((previous.string ?? "").prefix(100))': this server stores none.",
                "Send the whole conversation as 'input', with the output items of earlier responses as they came."
            )
        }
        for name in ["conversation", "prompt"] where body.has(name) {
            throw body.unsupported(
                name,
                "This server stores no conversations and no prompts.",
                "Send the whole conversation as 'input'."
            )
        }
        if try body.flag("background") == true {
            throw body.unsupported(
                "background",
                "A response does not go on without its caller here.",
                "Leave 'background' out, and stream the response."
            )
        }
    }

    private static func format(_ format: OpenAIFields) throws(FieldFailure) -> ResponseFormat {
        switch try format.text("type") {
        case "text", nil: .text
        case "json_object": .jsonObject
        case "json_schema": try OpenAIParts.schema(format)
        default: throw format.wrong("type", "one of text, json_object, json_schema")
        }
    }

    private static func tools(_ body: OpenAIFields, _ request: inout ModelRequest) throws(FieldFailure) {
        for tool in try body.objects("tools", atMost: OpenAIParts.maximumTools) ?? [] {
            switch try tool.text("type") {
            case "function": request.tools.append(.function(try OpenAIParts.function(tool)))
            case "shell":
                guard try tool.object("environment")?.text("type") ?? "local" == "local" else {
                    throw tool.unsupported(
                        "environment",
                        "There are no containers here: the caller carries out the commands.",
                        "Send {\"type\": \"shell\", \"environment\": {\"type\": \"local\"}}."
                    )
                }
                if !request.tools.contains(.shell) { request.tools.append(.shell) }
            case let type:
                throw tool.unsupported(
                    "type",
                    "Tools of the type '\((type ?? "none").prefix(40))' are not taken.",
                    "Send functions, or the shell tool."
                )
            }
        }
        try choice(body, &request)
    }

    private static func choice(_ body: OpenAIFields, _ request: inout ModelRequest) throws(FieldFailure) {
        guard let choice = body["tool_choice"] else { return }
        switch choice.string {
        case "auto": request.toolChoice = .automatic
        case "none": request.toolChoice = .none
        case "required": request.toolChoice = .required
        case nil:
            guard let object = try body.object("tool_choice") else { return }
            switch try object.text("type") {
            case "function": request.toolChoice = .function(try object.requiredText("name"))
            case "shell": request.toolChoice = .function("shell")
            case "allowed_tools":
                let tools = try object.objects("tools", atMost: OpenAIParts.maximumTools) ?? []
                let names = Set(tools.compactMap { $0["name"]?.string ?? $0["type"]?.string })
                OpenAIParts.allow(try object.text("mode"), names, in: &request)
            default: throw object.wrong("type", "one of function, shell, allowed_tools")
            }
        default: throw body.wrong("tool_choice", "auto, none, required or a tool")
        }
    }
}
