internal import Core
internal import Domain

/// Puts together the calls of an answer from the pieces in which servers send them.
///
/// Servers leave out indices, repeat ids and names, number all calls 0, or send arguments as objects: the first non-empty
/// id and name of a call count, its arguments are joined, and a new id that comes with a name begins a new call.
struct ChatCallAssembler {
    struct Call {
        var wireIndex: Int64?
        var id = ""
        var name = ""
        var arguments = ""
        var extra: JSONValue?
        var isAnnounced = false
    }

    private(set) var calls: [Call] = []

    /// Takes one entry of `tool_calls`; once the answer is finished, only what cannot be a repetition.
    mutating func take(_ entry: JSONValue, isFinished: Bool = false) -> [ModelEvent] {
        guard entry.object != nil else { return [] }
        let id = entry["id"]?.string ?? ""
        let function = entry["function"] ?? .null
        let name = function["name"]?.string ?? ""
        let known = find(index: entry["index"]?.integer, id: id, name: name)
        if isFinished, known != nil {
            if let known, let extra = entry["extra_content"], calls[known].extra == nil {
                calls[known].extra = extra
            }
            return []
        }
        let position = known ?? calls.count
        if known == nil { calls.append(Call(wireIndex: entry["index"]?.integer)) }
        if calls[position].id.isEmpty { calls[position].id = id }
        if calls[position].name.isEmpty {
            calls[position].name = name
        } else if id.isEmpty, calls[position].arguments.isEmpty, calls[position].name != name {
            calls[position].name += name
        }
        if let extra = entry["extra_content"], extra != .null { calls[position].extra = extra }
        return take(arguments: function["arguments"], at: position)
    }

    private mutating func take(arguments: JSONValue?, at position: Int) -> [ModelEvent] {
        var piece = ""
        switch arguments {
        case .string(let text): piece = text
        case .object(let members) where calls[position].arguments.isEmpty:
            // A place-holder that is filled by later pieces looks like a call without arguments.
            if !members.isEmpty { piece = String(decoding: JSONValue.object(members).bytes, as: UTF8.self) }
        default: break
        }
        calls[position].arguments += piece
        var events: [ModelEvent] = []
        // A name may still grow until arguments come.
        if !calls[position].isAnnounced, !piece.isEmpty, !calls[position].name.isEmpty {
            calls[position].isAnnounced = true
            events.append(.toolCallBegan(index: position, name: calls[position].name))
            if calls[position].arguments.utf8.count > piece.utf8.count {
                events.append(
                    .toolCallDelta(index: position, command: nil, text: calls[position].arguments)
                )
                return events
            }
        }
        if calls[position].isAnnounced, !piece.isEmpty {
            events.append(.toolCallDelta(index: position, command: nil, text: piece))
        }
        return events
    }

    /// The call that an entry continues; nil for a new one.
    private func find(index: Int64?, id: String, name: String) -> Int? {
        if let index {
            guard let position = calls.lastIndex(where: { $0.wireIndex == index }) else { return nil }
            let isOther = !id.isEmpty && !calls[position].id.isEmpty && calls[position].id != id
            return isOther && !name.isEmpty ? calls.firstIndex { $0.id == id } : position
        }
        if !id.isEmpty {
            if let position = calls.firstIndex(where: { $0.id == id }) { return position }
            // An id that comes after the name belongs to the call that has none yet.
            if let last = calls.indices.last, calls[last].id.isEmpty, name.isEmpty { return last }
            return nil
        }
        guard let last = calls.indices.last else { return nil }
        return !name.isEmpty && Self.isObject(calls[last].arguments) ? nil : last
    }

    /// The complete calls as items.
    ///
    /// Of an answer that was cut off, those whose arguments are whole, but not an empty last one.
    mutating func items(isCut: Bool) -> (events: [ModelEvent], items: [ModelItem]) {
        var events: [ModelEvent] = []
        var items: [ModelItem] = []
        for position in calls.indices where !calls[position].name.isEmpty {
            let call = calls[position]
            if isCut, !Self.isObject(call.arguments) { continue }
            if !call.isAnnounced { events.append(.toolCallBegan(index: position, name: call.name)) }
            let pieces = Self.split(call.arguments)
            for (number, arguments) in pieces.enumerated() {
                let id = number == 0 && !call.id.isEmpty ? call.id : MadeCallID.make()
                let native = call.extra.map {
                    NativeItem(
                        dialect: ChatCompletions.dialect,
                        json: JSONValue.object(["extra_content": $0]).bytes
                    )
                }
                items.append(
                    ModelItem(
                        .toolCall(
                            ToolCall(id: id, request: .function(name: call.name, arguments: arguments))
                        ),
                        native: native
                    )
                )
            }
        }
        return (events, items)
    }

    private static func isObject(_ text: String) -> Bool {
        (try? JSONValue(parsing: Array(text.utf8)))?.object != nil
    }

    /// The arguments of the calls that one text stands for: some models write several objects one behind the other.
    static func split(_ text: String) -> [String] {
        let trimmed = text.trimmed
        if trimmed.isEmpty || trimmed == "null" { return ["{}"] }
        if isObject(trimmed) { return [trimmed] }
        var pieces: [String] = []
        var start = trimmed.startIndex
        for end in trimmed.indices where trimmed[end] == "}" {
            let piece = String(trimmed[start...end]).trimmed
            guard isObject(piece) else { continue }
            if !pieces.contains(piece) { pieces.append(piece) }
            start = trimmed.index(after: end)
            if pieces.count > 16 { break }
        }
        // What is no row of objects stays as it is, for the model to be told.
        return pieces.isEmpty || !String(trimmed[start...]).trimmed.isEmpty ? [text] : pieces
    }
}
