internal import Core
internal import Domain

/// Puts together what a model is shown: earlier turns, and the one that works.
enum Conversation {
    /// The items of an earlier turn, from its events.
    static func items(of events: [ChatEvent]) throws -> [ModelItem] {
        guard let first = events.first, case .turnStarted(let draft) = try first.body() else { return [] }
        var machine = TurnMachine(draft, at: first.time, limits: TurnLimits(), price: nil)
        for event in events.dropFirst() where !event.kind.isDelta {
            machine.apply(try event.body(), at: event.time)
        }
        return machine.conversation
    }

    /// The conversation with an answer to every call, and without answers to calls that are not there.
    ///
    /// Providers refuse a conversation in which a call has no result; a turn that was ended leaves such calls.
    static func paired(_ items: [ModelItem]) -> [ModelItem] {
        var open: [String: Int] = [:]
        var answered: Set<Int> = []
        var orphans: Set<Int> = []
        for (index, item) in items.enumerated() {
            switch item.content {
            case .toolCall(let call): open[call.id] = index
            case .toolResult(let result):
                if let call = open.removeValue(forKey: result.callID) {
                    answered.insert(call)
                } else {
                    orphans.insert(index)
                }
            default: break
            }
        }
        var result: [ModelItem] = []
        result.reserveCapacity(items.count)
        for (index, item) in items.enumerated() where !orphans.contains(index) {
            result.append(item)
            if case .toolCall(let call) = item.content, !answered.contains(index) {
                result.append(ModelItem(.toolResult(notCarriedOut(call))))
            }
        }
        return result
    }

    /// The conversation for a provider whose own shell tool is not offered: its calls become those of our function.
    static func withoutNativeShell(_ items: [ModelItem]) -> [ModelItem] {
        var result: [ModelItem] = []
        result.reserveCapacity(items.count)
        for item in items {
            switch item.content {
            case .toolCall(let call):
                guard case .shell(let commands, _, _) = call.request else { break }
                // A provider's own form of a thought belongs to the call after it in that form.
                while case .reasoning = result.last?.content { result.removeLast() }
                let command = JSONValue.object(["command": .string(commands.joined(separator: "\n"))])
                let arguments = String(decoding: command.bytes, as: UTF8.self)
                let request = ToolCall.Request.function(name: call.name, arguments: arguments)
                result.append(ModelItem(.toolCall(ToolCall(id: call.id, request: request))))
                continue
            case .toolResult(let told):
                guard case .shell(let commands, _) = told.content else { break }
                let text = commands.map(\.asText).joined(separator: "\n")
                let plain = ToolResult(
                    callID: told.callID,
                    name: told.name,
                    content: .parts([.text(text)], isError: false)
                )
                result.append(ModelItem(.toolResult(plain)))
                continue
            default: break
            }
            result.append(item)
        }
        return result
    }

    private static func notCarriedOut(_ call: ToolCall) -> ToolResult {
        let text = "This was not carried out: the turn ended before."
        guard case .shell(let commands, _, let maximumOutput) = call.request else {
            return ToolResult(callID: call.id, name: call.name, content: .parts([.text(text)], isError: true))
        }
        let entry = ShellCommandResult(stdout: "", stderr: text, outcome: .exit(code: 125))
        return ToolResult(
            callID: call.id,
            name: call.name,
            content: .shell(commands.map { _ in entry }, maximumOutput: maximumOutput)
        )
    }
}

extension Conversation {
    /// About how many bytes of a request a conversation takes.
    static func size(of items: [ModelItem]) -> Int { items.reduce(0) { $0 + size(of: $1) } }

    /// The conversation within a budget: the results of the oldest calls are left out first, with a note in their place.
    ///
    /// Where that is not enough, of the newest only the beginning and the end are left.
    static func fitted(_ items: [ModelItem], maximumBytes: Int) -> [ModelItem] {
        var total = size(of: items)
        guard total > maximumBytes else { return items }
        var items = items
        // The newest results are what the model works with.
        for index in items.indices.dropLast(8) where total > maximumBytes {
            guard case .toolResult(let result) = items[index].content else { continue }
            let before = size(of: items[index])
            guard before > 512 else { continue }
            items[index].content = .toolResult(leftOut(result, bytes: before))
            total -= before - size(of: items[index])
        }
        return total > maximumBytes ? shortened(items, by: total - maximumBytes) : items
    }

    /// The conversation with its longest results cut to one length.
    private static func shortened(_ items: [ModelItem], by excess: Int) -> [ModelItem] {
        let results = items.indices.filter { index in
            if case .toolResult = items[index].content { size(of: items[index]) > shortest } else { false }
        }
        let room = max(0, results.reduce(0) { $0 + size(of: items[$1]) } - excess)
        var left = room
        var share = 0
        let sizes = results.map { size(of: items[$0]) }.sorted()
        // What the short ones do not need the long ones get.
        for (index, size) in sizes.enumerated() {
            share = max(shortest, left / (sizes.count - index))
            if size > share { break }
            left -= size
        }
        var items = items
        for index in results where size(of: items[index]) > share {
            guard case .toolResult(let result) = items[index].content else { continue }
            items[index].content = .toolResult(cut(result, maximumBytes: share))
        }
        return items
    }

    /// About how many bytes of a request an item takes.
    static func size(of item: ModelItem) -> Int {
        let native = item.native?.json.count ?? 0
        switch item.content {
        case .user(let parts): return native + size(of: parts)
        case .system(let text), .assistant(let text), .refusal(let text), .reasoning(let text):
            return native + text.utf8.count
        case .toolCall(let call):
            switch call.request {
            case .function(_, let arguments): return native + arguments.utf8.count
            case .shell(let commands, _, _): return native + commands.reduce(0) { $0 + $1.utf8.count }
            }
        case .toolResult(let result):
            switch result.content {
            case .parts(let parts, _): return size(of: parts)
            case .shell(let commands, _):
                return commands.reduce(0) { $0 + $1.stdout.utf8.count + $1.stderr.utf8.count }
            }
        }
    }

    private static func size(of parts: [ContentPart]) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .text(let text): sum + text.utf8.count
            // What models count for a picture does not depend on its bytes; this is on the safe side.
            case .image: sum + 6_000
            }
        }
    }

    /// No result is cut to less.
    private static let shortest = 512

    private static func cut(_ result: ToolResult, maximumBytes: Int) -> ToolResult {
        switch result.content {
        case .parts(let parts, let isError):
            let texts = parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
            let pictures = parts.count - texts.count
            var text = cut(texts.joined(separator: "\n"), maximumBytes: maximumBytes)
            if pictures > 0 { text += "\n[\(pictures) pictures are left out here]" }
            return ToolResult(
                callID: result.callID,
                name: result.name,
                content: .parts([.text(text)], isError: isError)
            )
        case .shell(let commands, let maximumOutput):
            let share = maximumBytes / max(1, commands.count)
            let short = commands.map { command in
                let stderr = cut(command.stderr, maximumBytes: share / 2)
                return ShellCommandResult(
                    stdout: cut(command.stdout, maximumBytes: max(share / 2, share - stderr.utf8.count)),
                    stderr: stderr,
                    outcome: command.outcome
                )
            }
            return ToolResult(
                callID: result.callID,
                name: result.name,
                content: .shell(short, maximumOutput: maximumOutput)
            )
        }
    }

    /// The beginning and the end of a text, with a note between them.
    private static func cut(_ text: String, maximumBytes: Int) -> String {
        let bytes = text.utf8
        guard bytes.count > maximumBytes else { return text }
        let half = max(0, maximumBytes / 2 - 40)
        let left = bytes.count - 2 * half
        return String(decoding: bytes.prefix(half), as: UTF8.self)
            + "\n[\(left) bytes are left out here, read them again if they matter]\n"
            + String(decoding: bytes.suffix(half), as: UTF8.self)
    }

    private static func leftOut(_ result: ToolResult, bytes: Int) -> ToolResult {
        let note =
            "[\(bytes) bytes of this older result are left out here; run or read it again if they matter]"
        switch result.content {
        case .parts(_, let isError):
            return ToolResult(
                callID: result.callID,
                name: result.name,
                content: .parts([.text(note)], isError: isError)
            )
        case .shell(let commands, let maximumOutput):
            let short = commands.map { ShellCommandResult(stdout: note, stderr: "", outcome: $0.outcome) }
            return ToolResult(
                callID: result.callID,
                name: result.name,
                content: .shell(short, maximumOutput: maximumOutput)
            )
        }
    }
}
