internal import Core
internal import Domain

/// A conversation as items of the Responses API, which a fresh thread of the program is filled with.
struct CodexHistory {
    /// What came before.
    private(set) var items: [JSONValue] = []
    /// What the turn begins with; nothing when the conversation does not end with a person.
    private(set) var input: [JSONValue] = []

    init(_ conversation: [ModelItem]) {
        var names = CallNames.wordLike()
        var steps = Transcript(conversation).steps[...]
        if case .user(let parts) = steps.last {
            steps = steps.dropLast()
            input = parts.map(Self.input)
        }
        for step in steps {
            switch step {
            case .system(let text): items.append(Self.message("developer", "input_text", text))
            case .user(let parts):
                items.append(
                    .object([
                        "type": .string("message"), "role": .string("user"),
                        "content": .array(parts.map(Self.content)),
                    ])
                )
            case .answer(let answer): add(answer, &names)
            }
        }
    }

    private mutating func add(_ answer: Transcript.Answer, _ names: inout CallNames) {
        for item in answer.items {
            switch item.content {
            case .assistant(let text), .refusal(let text):
                items.append(Self.message("assistant", "output_text", text))
            default: break
            }
        }
        var results: [JSONValue] = []
        for call in answer.calls {
            let id = JSONValue.string(names.name(for: call))
            items.append(
                .object([
                    "type": .string("function_call"), "call_id": id, "name": .string(call.call.name),
                    "arguments": .string(ToolText.argumentText(of: call.call)),
                ])
            )
            results.append(
                .object([
                    "type": .string("function_call_output"), "call_id": id,
                    "output": .string(ToolText.text(of: call.result)),
                ])
            )
        }
        items += results
    }

    private static func message(_ role: String, _ type: String, _ text: String) -> JSONValue {
        .object([
            "type": .string("message"), "role": .string(role),
            "content": .array([.object(["type": .string(type), "text": .string(text)])]),
        ])
    }

    private static func content(_ part: ContentPart) -> JSONValue {
        switch part {
        case .text(let text): .object(["type": .string("input_text"), "text": .string(text)])
        case .image(let image):
            .object(["type": .string("input_image"), "image_url": .string(image.dataURL)])
        }
    }

    private static func input(_ part: ContentPart) -> JSONValue {
        switch part {
        case .text(let text): .object(["type": .string("text"), "text": .string(text)])
        case .image(let image): .object(["type": .string("image"), "url": .string(image.dataURL)])
        }
    }
}

extension ToolResult {
    /// The result as the program wants it in answer to its request.
    var codexAnswer: JSONValue {
        .object([
            "contentItems": .array([
                .object(["type": .string("inputText"), "text": .string(ToolText.text(of: self))])
            ]),
            "success": .bool(!ToolText.isError(self)),
        ])
    }
}
