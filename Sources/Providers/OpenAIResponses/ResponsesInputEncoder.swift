internal import Core
internal import Domain

/// Writes a conversation as the `input` of a response.
///
/// What the vendor gave is written as it was. Every call has exactly one result behind it, whatever was recorded, since
/// the vendor refuses anything else. Encrypted reasoning goes only where the item that it produced follows; without it
/// that item loses its id, which would point to reasoning that nobody has.
struct ResponsesInputEncoder {
    let takesImages: Bool

    func write(_ items: [ModelItem], to writer: inout JSONWriter) {
        writer.array { writer in
            var conversation = Conversation(items)
            for (position, item) in items.enumerated() {
                if item.endsResults(after: position > 0 ? items[position - 1] : nil) {
                    writeMissingResults(of: &conversation, to: &writer)
                }
                write(item, at: position, of: items, &conversation, to: &writer)
            }
            writeMissingResults(of: &conversation, to: &writer)
        }
    }

    /// What is known of the conversation while it is written.
    private struct Conversation {
        let results: Set<String>
        var calls: [String: ToolCall] = [:]
        /// Calls that nobody answered.
        var unanswered: [ToolCall] = []
        var answered: Set<String> = []
        /// The reasoning before this item could not be written.
        var lostReasoning = false

        init(_ items: [ModelItem]) {
            results = Set(
                items.compactMap { item in
                    if case .toolResult(let result) = item.content { result.callID } else { nil }
                }
            )
        }
    }

    private func write(
        _ item: ModelItem,
        at position: Int,
        of items: [ModelItem],
        _ conversation: inout Conversation,
        to writer: inout JSONWriter
    ) {
        let native = item.native.flatMap { $0.dialect == ResponsesDialect.name ? $0.json : nil }
        switch item.content {
        case .user(let parts):
            conversation.lostReasoning = false
            message("user", parts, to: &writer)
        case .system(let text):
            conversation.lostReasoning = false
            message("developer", [.text(text)], to: &writer)
        case .assistant(let text), .refusal(let text):
            if let native {
                writeNative(native, conversation, to: &writer)
            } else if !text.isEmpty {
                plainAnswer(text, to: &writer)
            }
        case .reasoning:
            guard let native else { return }
            guard canReplay(native), leadsToItem(items[(position + 1)...]) else {
                conversation.lostReasoning = true
                return
            }
            writer.raw(native)
        case .toolCall(let call):
            guard conversation.calls.updateValue(call, forKey: call.id) == nil else { return }
            if let native { writeNative(native, conversation, to: &writer) } else { write(call, to: &writer) }
            if !conversation.results.contains(call.id) { conversation.unanswered.append(call) }
        case .toolResult(let result):
            conversation.lostReasoning = false
            guard let call = conversation.calls[result.callID],
                conversation.answered.insert(result.callID).inserted
            else { return }
            write(result, of: call, to: &writer)
        }
    }

    /// Says whether what follows some reasoning is what it produced.
    private func leadsToItem(_ rest: ArraySlice<ModelItem>) -> Bool {
        for item in rest {
            guard item.isOfModel, let native = item.native, native.dialect == ResponsesDialect.name else {
                return false
            }
            guard case .reasoning = item.content else { return true }
            guard canReplay(native.json) else { return false }
        }
        return false
    }

    /// Reasoning without its encrypted content is known by its id only, to a vendor that was told not to store it.
    private func canReplay(_ native: [UInt8]) -> Bool {
        guard let json = try? LenientJSON.parse(native) else { return false }
        return json["type"]?.text != "reasoning" || json["encrypted_content"]?.text != nil
    }

    private func writeNative(_ native: [UInt8], _ conversation: Conversation, to writer: inout JSONWriter) {
        guard conversation.lostReasoning, case .object(var members) = try? LenientJSON.parse(native) else {
            return writer.raw(native)
        }
        members["id"] = nil
        JSONValue.object(members).write(to: &writer)
    }

    private func writeMissingResults(of conversation: inout Conversation, to writer: inout JSONWriter) {
        for call in conversation.unanswered {
            let result = ToolResult(
                callID: call.id,
                name: call.name,
                content: .parts([.text("This was not carried out.")], isError: true)
            )
            write(result, of: call, to: &writer)
        }
        conversation.unanswered = []
    }

    // MARK: Messages

    private func plainAnswer(_ text: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("role")
            writer.string("assistant")
            writer.key("content")
            writer.string(text)
        }
    }

    private func message(_ role: String, _ parts: [ContentPart], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("role")
            writer.string(role)
            writer.key("content")
            content(parts, to: &writer)
        }
    }

    private func content(_ parts: [ContentPart], to writer: inout JSONWriter) {
        writer.array { writer in
            for part in parts {
                writer.object { writer in
                    writer.key("type")
                    switch part {
                    case .image(let image) where takesImages:
                        writer.string("input_image")
                        writer.key("image_url")
                        writer.string(image.dataURL)
                        writer.key("detail")
                        writer.string("auto")
                    case .image:
                        writer.string("input_text")
                        writer.key("text")
                        writer.string("[An image was left out: this model takes none.]")
                    case .text(let text):
                        writer.string("input_text")
                        writer.key("text")
                        writer.string(text)
                    }
                }
            }
        }
    }

    // MARK: Calls and results

    private func write(_ call: ToolCall, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            switch call.request {
            case .function(let name, let arguments):
                writer.string("function_call")
                writer.key("call_id")
                writer.string(Self.wireID(call.id))
                writer.key("name")
                writer.string(name)
                writer.key("arguments")
                writer.string(arguments)
            case .shell(let commands, let timeout, let maximumOutput):
                writer.string("shell_call")
                writer.key("call_id")
                writer.string(Self.wireID(call.id))
                writer.key("status")
                writer.string("completed")
                writer.key("action")
                writer.object { writer in
                    writer.key("commands")
                    writer.array { writer in for command in commands { writer.string(command) } }
                    writer.key("timeout_ms")
                    if let timeout { writer.integer(timeout.inMilliseconds) } else { writer.null() }
                    writer.key("max_output_length")
                    if let maximumOutput { writer.integer(maximumOutput) } else { writer.null() }
                }
            }
        }
    }

    private func write(_ result: ToolResult, of call: ToolCall, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            switch call.request {
            case .function:
                writer.string("function_call_output")
                writer.key("call_id")
                writer.string(Self.wireID(call.id))
                writer.key("output")
                functionOutput(result, to: &writer)
            case .shell(let commands, _, let maximumOutput):
                writer.string("shell_call_output")
                writer.key("call_id")
                writer.string(Self.wireID(call.id))
                if let maximumOutput {
                    writer.key("max_output_length")
                    writer.integer(maximumOutput)
                }
                writer.key("output")
                let output = ShellOutput(result, commands: commands.count, maximum: maximumOutput)
                output.write(to: &writer)
            }
        }
    }

    private func functionOutput(_ result: ToolResult, to writer: inout JSONWriter) {
        guard case .parts(let parts, _) = result.content else {
            return writer.string(ShellOutput(result, commands: 0, maximum: nil).text)
        }
        let texts = parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
        if texts.count == parts.count {
            writer.string(texts.joined(separator: "\n"))
        } else {
            content(parts, to: &writer)
        }
    }

    /// The vendor takes names of 64 characters at most; those of another vendor may be longer.
    private static func wireID(_ id: String) -> String {
        guard id.utf8.count > 64 || id.isEmpty else { return id }
        // FNV-1a of 64 bits: the same name for a call and its result.
        let hash = id.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "call_" + String(hash, radix: 16)
    }
}

extension ModelItem {
    /// It was said, thought or asked for by the model.
    fileprivate var isOfModel: Bool {
        switch content {
        case .assistant, .refusal, .reasoning, .toolCall: true
        case .user, .system, .toolResult: false
        }
    }

    /// No more results of the calls before it follow, so that missing ones have their place here.
    fileprivate func endsResults(after previous: ModelItem?) -> Bool {
        switch content {
        case .user, .system: true
        case .toolResult: false
        case .assistant, .refusal, .reasoning, .toolCall:
            if case .toolResult = previous?.content { true } else { false }
        }
    }
}
