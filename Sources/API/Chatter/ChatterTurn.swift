internal import Application
internal import Core
internal import Domain

/// One thing that was said, as the panel assistant keeps it.
struct ChatterEntry: Sendable, Equatable {
    let chatKey: String
    let model: String
    let role: String
    let time: Timestamp
    let text: String

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("u")
            writer.string(chatKey)
            writer.key("m")
            writer.string(model)
            writer.key("t")
            writer.number(0.8)
            writer.key("p")
            writer.integer(1)
            writer.key("k")
            writer.integer(1)
            writer.key("r")
            writer.string(role)
            writer.key("d")
            writer.string(Self.date(time))
            writer.key("z")
            writer.string(text)
        }
    }

    /// `DD/MM/YYYY HH:mm:ss`, in UTC.
    static func date(_ time: Timestamp) -> String {
        let parts = time.rfc3339.split { "-T.".contains($0) }.map(String.init)
        return "\(parts[2])/\(parts[1])/\(parts[0]) \(parts[3])"
    }
}

/// Gathers what was said in one turn: what the person said, and one answer, for which commands stand if it had no text.
struct ChatterTurn: Sendable {
    private let chatKey: String
    /// The first turn of a chat begins with what the model was told.
    private let showsInstructions: Bool
    private var model = ""
    private var said: [ChatterEntry] = []
    private var text = ""
    private var commands: [String] = []
    private var answered: Timestamp?

    init(chatKey: String, showsInstructions: Bool) {
        self.chatKey = chatKey
        self.showsInstructions = showsInstructions
    }

    /// Takes in a fact of the turn.
    mutating func take(_ body: ChatEventBody, at time: Timestamp) {
        switch body {
        case .turnStarted(let draft):
            model = draft.options.model.model
            if showsInstructions, let instructions = draft.options.instructions {
                said.append(entry("system", instructions, time))
            }
            let message = ChatterMessage(role: .user, parts: draft.message)
            if !draft.message.isEmpty { said.append(entry("user", message.text, time)) }
        case .modelFinished(_, let items, _, _):
            answered = time
            for item in items {
                switch item.content {
                case .assistant(let more), .refusal(let more): answer(more)
                case .toolCall(let call): commands += ChatterConversation.commands(of: call) ?? []
                default: break
                }
            }
        default: break
        }
    }

    /// Takes in what a share shows of the turn.
    mutating func take(_ fact: SharedFact) {
        switch fact.content {
        case .message(let parts, let model):
            self.model = model.model
            let texts = parts.compactMap { part in if case .text(let text) = part { text } else { nil } }
            said.append(entry("user", texts.joined(separator: "\n"), fact.time))
        case .answer(let more, let isComplete):
            answered = fact.time
            if isComplete { answer(more) }
        case .call(let call):
            answered = fact.time
            commands += ChatterConversation.commands(of: call) ?? []
        case .result, .ended: break
        }
    }

    private mutating func answer(_ more: String) {
        text += text.isEmpty || more.isEmpty ? more : "\n\n" + more
    }

    /// What was said, in order.
    var entries: [ChatterEntry] {
        guard let answered else { return said }
        let blocks = commands.map { "```shell\n\($0)\n```" }.joined(separator: "\n")
        let answer = !text.isEmpty ? text : !blocks.isEmpty ? blocks : "(no text)"
        return said + [entry("assistant", answer, answered)]
    }

    private func entry(_ role: String, _ text: String, _ time: Timestamp) -> ChatterEntry {
        ChatterEntry(chatKey: chatKey, model: model, role: role, time: time, text: text)
    }
}
