internal import Core
internal import Domain

/// What a model answers, put together from what arrives, in the form that both interfaces are written from.
///
/// A pure state machine: events of the provider go in, and what a follower is to be told comes out. Complete items count
/// more than the deltas before them.
struct AnswerAssembler: Sendable {
    /// One thing that the model said, thought, asked for or made.
    struct Output: Sendable, Equatable {
        enum Kind: Sendable, Equatable { case message, reasoning, function, shell, image }
        let kind: Kind
        /// Counts the calls of the answer from 0; nil for what is no call.
        let call: Int?
        /// The text of a message or thought, or the arguments of a function as JSON text.
        var text = ""
        /// What the model said when it declined.
        var refusal = ""
        /// The function's name.
        var name = ""
        var commands: [String] = []
        var timeout: Duration?
        var maximumOutput: Int?
        var image: ImageContent?
        /// The provider's own form, which a thought may need to be taken up again.
        var native: NativeItem?
        /// Nothing more comes.
        var isClosed = false
        /// The provider gave it whole.
        var isWhole = false
        /// Which of the provider's items it is; nil until it is whole.
        var rank: Int?
    }

    /// What a follower is to be told; the number is the output's position.
    enum Step: Sendable, Equatable {
        case opened(Int)
        /// More text of a message or thought, or more of a function's arguments.
        case text(Int, String)
        case refusal(Int, String)
        case command(Int, index: Int, String)
        case closed(Int)
    }

    /// The most text that one answer may have.
    static let maximumBytes = 32 << 20

    /// The caller offered the shell tool, so that calls named `shell` are calls of it.
    let offersShell: Bool
    private(set) var outputs: [Output] = []
    private(set) var usage = TokenUsage()
    private(set) var reason = FinishReason.other
    private var positions: [Int: Int] = [:]
    private var size = 0
    private var items = 0

    init(offersShell: Bool) { self.offersShell = offersShell }

    /// Takes an event in; throws `answer_too_large` beyond the bound.
    mutating func take(_ event: ModelEvent) throws(Failure) -> [Step] {
        var steps: [Step] = []
        switch event {
        case .started: break
        case .textDelta(let text):
            try grow(text)
            // What is said after a refusal is a message of its own, so that text comes before the refusal in each.
            let isAfterRefusal = outputs.last.map { !$0.refusal.isEmpty && !$0.isClosed } ?? false
            let position = isAfterRefusal ? open(.message, &steps) : speaking(.message, &steps)
            outputs[position].text += text
            steps.append(.text(position, text))
        case .refusalDelta(let text):
            try grow(text)
            let position = speaking(.message, &steps)
            outputs[position].refusal += text
            steps.append(.refusal(position, text))
        case .reasoningDelta(let text):
            try grow(text)
            let position = speaking(.reasoning, &steps)
            outputs[position].text += text
            steps.append(.text(position, text))
        case .toolCallBegan(let index, let name):
            positions[index] = open(isShell(name) ? .shell : .function, name: name, &steps)
        case .toolCallDelta(let index, let command, let text):
            try grow(text)
            guard let position = positions[index] else { break }
            more(text, command, position, &steps)
        case .item(let item):
            try grow(item.content)
            complete(item, &steps)
        case .image(let image):
            let position = open(.image, &steps)
            outputs[position].image = image
            close(position, &steps)
        case .usage(let usage): self.usage = usage
        case .finished(let reason):
            self.reason = reason
            for position in outputs.indices { close(position, &steps, isWhole: false) }
        }
        return steps
    }

    /// The calls that the provider gave whole.
    var hasCalls: Bool { outputs.contains { $0.call != nil && $0.isWhole } }

    // MARK: Outputs

    private func isShell(_ name: String) -> Bool { offersShell && name == "shell" }

    private mutating func open(_ kind: Output.Kind, name: String = "", _ steps: inout [Step]) -> Int {
        let isCall = kind == .function || kind == .shell
        let call = isCall ? outputs.count { $0.call != nil } : nil
        outputs.append(Output(kind: kind, call: call, name: name))
        steps.append(.opened(outputs.count - 1))
        return outputs.count - 1
    }

    /// What is being said: the last output if it is of this kind, otherwise a new one.
    private mutating func speaking(_ kind: Output.Kind, _ steps: inout [Step]) -> Int {
        if let last = outputs.last, last.kind == kind, !last.isClosed { return outputs.count - 1 }
        return open(kind, &steps)
    }

    private mutating func close(_ position: Int, _ steps: inout [Step], isWhole: Bool = true) {
        guard !outputs[position].isClosed else { return }
        outputs[position].isClosed = true
        if isWhole { outputs[position].rank = items }
        // Text counts as it came; a call that the provider did not give whole was cut.
        outputs[position].isWhole = isWhole || outputs[position].call == nil
        steps.append(.closed(position))
    }

    private mutating func more(_ text: String, _ command: Int?, _ position: Int, _ steps: inout [Step]) {
        guard let command else {
            outputs[position].text += text
            if outputs[position].kind == .function { steps.append(.text(position, text)) }
            return
        }
        guard (0..<256).contains(command) else { return }
        while outputs[position].commands.count <= command { outputs[position].commands.append("") }
        outputs[position].commands[command] += text
        steps.append(.command(position, index: command, text))
    }

    // MARK: Complete items

    private mutating func complete(_ item: ModelItem, _ steps: inout [Step]) {
        defer { items += 1 }
        switch item.content {
        case .assistant(let text): completeText(text, .message, item.native, &steps)
        case .reasoning(let text): completeText(text, .reasoning, item.native, &steps)
        case .refusal(let text): completeRefusal(text, &steps)
        case .toolCall(let call): completeCall(call, item.native, &steps)
        case .user, .system, .toolResult: break
        }
    }

    private mutating func completeText(
        _ text: String,
        _ kind: Output.Kind,
        _ native: NativeItem?,
        _ steps: inout [Step]
    ) {
        let open = outputs.firstIndex { $0.kind == kind && !$0.isClosed && $0.refusal.isEmpty }
        guard open != nil || !text.isEmpty || (kind == .reasoning && native != nil) else { return }
        let position = open ?? self.open(kind, &steps)
        let before = outputs[position].text
        if text.count > before.count, text.hasPrefix(before) {
            steps.append(.text(position, String(text.dropFirst(before.count))))
        }
        if !text.isEmpty { outputs[position].text = text }
        outputs[position].native = native
        close(position, &steps)
    }

    private mutating func completeRefusal(_ text: String, _ steps: inout [Step]) {
        let open = outputs.firstIndex { $0.kind == .message && !$0.isClosed }
        let position = open ?? self.open(.message, &steps)
        if outputs[position].refusal.isEmpty {
            outputs[position].refusal = text
            steps.append(.refusal(position, text))
        }
        close(position, &steps)
    }

    private mutating func completeCall(_ call: ToolCall, _ native: NativeItem?, _ steps: inout [Step]) {
        let kind: Output.Kind
        switch call.request {
        case .shell: kind = .shell
        case .function(let name, _): kind = isShell(name) ? .shell : .function
        }
        let position = open(call, kind) ?? self.open(kind, name: call.name, &steps)
        outputs[position].native = native
        switch call.request {
        case .function(_, let arguments) where kind == .function:
            let before = outputs[position].text
            if before.isEmpty {
                steps.append(.text(position, arguments))
            } else if arguments.utf8.count > before.utf8.count, arguments.hasPrefix(before) {
                steps.append(.text(position, String(arguments.dropFirst(before.count))))
            }
            outputs[position].text = arguments
        case .function(_, let arguments):
            let shell = ShellFunction(arguments: arguments)
            set(shell.commands, shell.timeout, shell.maximumOutput, position, &steps)
        case .shell(let commands, let timeout, let maximumOutput):
            set(commands, timeout, maximumOutput, position, &steps)
        }
        close(position, &steps)
    }

    /// The call that began to appear and is complete now: by its name and text, since calls that were cut are left out.
    private func open(_ call: ToolCall, _ kind: Output.Kind) -> Int? {
        let same = outputs.indices.filter {
            outputs[$0].kind == kind && !outputs[$0].isClosed && outputs[$0].name == call.name
        }
        if case .function(_, let arguments) = call.request {
            return same.first { outputs[$0].text == arguments } ?? same.first
        }
        return same.first
    }

    private mutating func set(
        _ commands: [String],
        _ timeout: Duration?,
        _ maximumOutput: Int?,
        _ position: Int,
        _ steps: inout [Step]
    ) {
        for (index, command) in commands.enumerated()
        where !outputs[position].commands.indices.contains(index) {
            steps.append(.command(position, index: index, command))
        }
        outputs[position].commands = commands
        outputs[position].timeout = timeout
        outputs[position].maximumOutput = maximumOutput
    }

    // MARK: Bounds

    private mutating func grow(_ text: String) throws(Failure) {
        size += text.utf8.count
        guard size <= 2 * Self.maximumBytes else {
            throw Failure(
                .tooLarge,
                code: "answer_too_large",
                message: "The model's answer is longer than this server hands on.",
                hint: "Ask for less at a time, or set the most tokens it may produce."
            )
        }
    }

    private mutating func grow(_ content: ModelItem.Content) throws(Failure) {
        switch content {
        case .assistant(let text), .reasoning(let text), .refusal(let text): try grow(text)
        case .toolCall(let call):
            switch call.request {
            case .function(_, let arguments): try grow(arguments)
            case .shell(let commands, _, _): for command in commands { try grow(command) }
            }
        case .user, .system, .toolResult: break
        }
    }
}
