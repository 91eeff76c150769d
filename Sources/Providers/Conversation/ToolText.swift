internal import Core
internal import Domain

/// Calls and results as text, for interfaces whose tools are functions only.
enum ToolText {
    /// The arguments of a call as a JSON object.
    ///
    /// Text that a model got wrong is wrapped, because vendors refuse a history with arguments that are no object.
    static func arguments(of call: ToolCall) -> JSONValue {
        switch call.request {
        case .function(_, let arguments):
            if arguments.trimmed.isEmpty { return .object([:]) }
            if let value = try? JSONValue(parsing: Array(arguments.utf8)), value.object != nil {
                return value
            }
            return .object(["invalid_arguments": .string(arguments)])
        case .shell(let commands, let timeout, let maximumOutput):
            var members: [String: JSONValue] = ["commands": .array(commands.map(JSONValue.string))]
            if let timeout { members["timeout_ms"] = .integer(Int64(timeout / .milliseconds(1))) }
            if let maximumOutput { members["max_output_length"] = .integer(Int64(maximumOutput)) }
            return .object(members)
        }
    }

    /// The arguments as JSON text: as the model wrote them where that is an object.
    static func argumentText(of call: ToolCall) -> String {
        if case .function(_, let text) = call.request,
            let value = try? JSONValue(parsing: Array(text.utf8)), value.object != nil
        {
            return text
        }
        return String(decoding: arguments(of: call).bytes, as: UTF8.self)
    }

    /// What a result says in words; images are counted, not shown.
    static func text(of result: ToolResult) -> String {
        switch result.content {
        case .parts(let parts, _):
            return parts.map { part in
                switch part {
                case .text(let text): text
                case .image(let image): "[an image, \(image.mediaType), follows]"
                }
            }.joined(separator: "\n")
        case .shell(let results, _):
            return results.map { result in
                let end =
                    switch result.outcome {
                    case .exit(let code): "[exit code \(code)]"
                    case .timeout: "[it did not end in time]"
                    }
                return [result.stdout, result.stderr, end].filter { !$0.isEmpty }.joined(separator: "\n")
            }.joined(separator: "\n")
        }
    }

    /// Says whether the tool could not do it.
    static func isError(_ result: ToolResult) -> Bool {
        if case .parts(_, let isError) = result.content { isError } else { false }
    }

    /// The images of a result.
    static func images(of result: ToolResult) -> [ImageContent] {
        guard case .parts(let parts, _) = result.content else { return [] }
        return parts.compactMap { if case .image(let image) = $0 { image } else { nil } }
    }

    /// What is said in place of an image that a model cannot see.
    static func leftOut(_ image: ImageContent) -> String {
        "[an image, \(image.mediaType), was left out: this model takes none of its kind]"
    }
}

extension [OfferedTool] {
    /// The functions; throws where the provider's own shell tool is among them, which these interfaces do not have.
    func functions(of provider: ProviderID) throws(Failure) -> [FunctionTool] {
        var functions: [FunctionTool] = []
        for tool in self {
            guard case .function(let function) = tool else {
                throw Failure(
                    .unprocessable,
                    code: "tool_unsupported",
                    message: "The provider \(provider) has no shell tool of its own.",
                    hint:
                        "Offer the shell as a function, or choose a model of the OpenAI Responses interface."
                )
            }
            functions.append(function)
        }
        return functions
    }
}
