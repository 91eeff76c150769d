internal import Core
internal import Domain

/// The output items of a response while they arrive, by their place in the output.
struct ResponsesItems: Sendable {
    private struct Item: Sendable {
        var id: String?
        var type: String?
        /// Counts calls from 0, in the order of their appearance.
        var call: Int?
        /// What was shown of its text, and of the commands of a shell call.
        var text = ""
        var commands: [Int: String] = [:]
        var thinkingPart: Int?
        /// As the vendor completed it.
        var complete: JSONValue?
        var raw: [UInt8] = []
    }

    private var items: [Int: Item] = [:]
    private var last = 0
    private var calls = 0

    // MARK: Items

    /// Takes `response.output_item.added`.
    mutating func add(_ json: JSONValue) -> [ModelEvent] {
        // Old servers do not number items.
        let index = json["output_index"]?.count ?? items.keys.max().map { $0 + 1 } ?? 0
        last = index
        let item = json["item"] ?? .null
        items[index, default: Item()].id = item["id"]?.text
        items[index, default: Item()].type = item["type"]?.text
        switch item["type"]?.text {
        case "function_call": return begin(index, name: item["name"]?.string ?? "")
        case "shell_call": return begin(index, name: "shell")
        default: return []
        }
    }

    private mutating func begin(_ index: Int, name: String) -> [ModelEvent] {
        guard items[index]?.call == nil else { return [] }
        items[index, default: Item()].call = calls
        calls += 1
        return [.toolCallBegan(index: calls - 1, name: name)]
    }

    /// Takes `response.output_item.done`.
    mutating func complete(_ json: JSONValue, raw: [UInt8]?) {
        guard let item = json["item"], item.object != nil else { return }
        replace(place(json, id: item["id"]?.text), item, raw: raw ?? item.bytes)
    }

    /// Takes a complete item.
    mutating func replace(_ index: Int, _ item: JSONValue, raw: [UInt8]) {
        items[index, default: Item()].complete = item
        items[index, default: Item()].raw = raw
    }

    /// Forgets items that the end of the response does not know.
    mutating func keepFirst(_ count: Int) { items = items.filter { $0.key < count } }

    /// Where an event belongs: by its number, its item's id, or behind the last one.
    private func place(_ json: JSONValue, id: String?) -> Int {
        if let index = json["output_index"]?.count { return index }
        if let id, let index = items.first(where: { $0.value.id == id })?.key { return index }
        return last
    }

    // MARK: Deltas

    /// Takes any other event; those that are not known have no effect.
    mutating func take(_ type: String, _ json: JSONValue) -> [ModelEvent] {
        let index = place(json, id: json["item_id"]?.text)
        let delta = json["delta"]?.text
        switch type {
        case "response.output_text.delta":
            guard let delta else { return [] }
            items[index, default: Item()].text += delta
            return [.textDelta(delta)]
        case "response.refusal.delta":
            guard let delta else { return [] }
            items[index, default: Item()].text += delta
            return [.refusalDelta(delta)]
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
            "response.reasoning.delta":
            return think(index, json)
        case "response.function_call_arguments.delta":
            guard let delta else { return [] }
            items[index, default: Item()].text += delta
            let began = begin(index, name: "")
            return began + [.toolCallDelta(index: items[index]?.call ?? 0, command: nil, text: delta)]
        case "response.shell_call_command.added", "response.command.added",
            "response.shell_call_command.delta", "response.command.delta":
            guard let text = delta ?? json["command"]?.text else { return [] }
            return command(index, json, text)
        case "response.shell_call_command.done", "response.command.done":
            return endCommand(index, json)
        default: return []
        }
    }

    private mutating func think(_ index: Int, _ json: JSONValue) -> [ModelEvent] {
        guard let delta = json["delta"]?.text else { return [] }
        let part = json["summary_index"]?.count ?? json["content_index"]?.count ?? 0
        let before = items[index]?.thinkingPart
        items[index, default: Item()].thinkingPart = part
        guard let before, before != part else { return [.reasoningDelta(delta)] }
        return [.reasoningDelta("\n\n" + delta)]
    }

    private mutating func command(_ index: Int, _ json: JSONValue, _ text: String) -> [ModelEvent] {
        let number = json["command_index"]?.count ?? 0
        items[index, default: Item()].commands[number, default: ""] += text
        let began = begin(index, name: "shell")
        return began + [.toolCallDelta(index: items[index]?.call ?? 0, command: number, text: text)]
    }

    /// Shows what the deltas of a command left out.
    private mutating func endCommand(_ index: Int, _ json: JSONValue) -> [ModelEvent] {
        let shown = items[index]?.commands[json["command_index"]?.count ?? 0] ?? ""
        guard let whole = json["command"]?.text, whole.hasPrefix(shown), whole.count > shown.count else {
            return []
        }
        return command(index, json, String(whole.dropFirst(shown.count)))
    }

    // MARK: The end

    private var complete: [(index: Int, item: Item)] {
        items.filter { $0.value.complete != nil }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What complete items mean, in their order.
    func readings(isCut: Bool) -> [ResponsesItemReader.Reading] {
        complete.map { index, item in
            ResponsesItemReader.read(item.complete ?? .null, raw: item.raw, position: index, isCut: isCut)
        }
    }

    /// Deltas for text of which nothing was shown, because it came whole.
    func missingDeltas() -> [ModelEvent] {
        complete.flatMap { index, item -> [ModelEvent] in
            guard item.text.isEmpty,
                case .item(let read) = ResponsesItemReader.read(
                    item.complete ?? .null,
                    raw: [],
                    position: index,
                    isCut: false
                )
            else { return [] }
            switch read.content {
            case .assistant(let text) where !text.isEmpty: return [.textDelta(text)]
            case .refusal(let text) where !text.isEmpty: return [.refusalDelta(text)]
            case .reasoning(let text) where !text.isEmpty && item.thinkingPart == nil:
                return [.reasoningDelta(text)]
            default: return []
            }
        }
    }
}
