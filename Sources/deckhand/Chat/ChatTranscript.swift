/// Something to show: the assistant's words on standard output, all else on standard error.
enum ChatPiece: Sendable, Equatable {
    case answer(String)
    case note(String)
}

/// Turns the events of a chat into text, line by line and without moving back: pure.
struct ChatTranscript: Sendable {
    private static let shownLines = 10

    private let paint: TerminalPaint
    /// What the model thinks is shown too.
    private let showsReasoning: Bool
    /// What each step does.
    private var steps: [ChatEventView.Step: String] = [:]
    private var names: [ChatEventView.Step: String] = [:]
    /// The ticket and the state that were shown of each step last.
    private var tickets: [ChatEventView.Step: String] = [:]
    /// What the call of the model said so far.
    private var said = ""
    private var isLineOpen = false
    private var isThinking = false

    init(paint: TerminalPaint, showsReasoning: Bool) {
        self.paint = paint
        self.showsReasoning = showsReasoning
    }

    /// What is to be shown of an event.
    mutating func take(_ event: ChatEventView.Body) -> [ChatPiece] {
        switch event {
        case .turnStarted, .titled, .toolApproval, .other: return []
        case .contextTrimmed(let turns):
            return note(paint.faint("\(turns) earlier turns do not fit any more and are left out"))
        case .contextSummarised(let turns):
            return note(paint.faint("the first \(turns) turns are summarised for the model from here on"))
        case .modelStarted:
            said = ""
            return []
        case .text(_, let text): return answer(text)
        case .reasoning(let text): return reasoning(text)
        case .modelFinished(_, let text, let steps):
            self.steps.merge(steps) { $1 }
            return rest(of: text) + closed()
        case .modelInterrupted(let trouble):
            let why = trouble.map { ": " + TerminalText.line($0.message, limit: 500) } ?? ""
            return note(paint.attention("the answer was cut off\(why)"))
        case .toolStarted(let step, let name):
            names[step] = name
            return note(title(step, name))
        case .toolTicket(let step, let name, let state, _): return ticket(step, name, state)
        case .toolFinished(let step, let outcome): return note(result(outcome, tickets[step]))
        case .artifactMade(let id, let title, let mediaType):
            let name = TerminalText.line("\(title) (\(mediaType))", limit: 300)
            return note("file: \(name) at /v1/artifacts/\(id)/content")
        case .turnFinished(let state, let trouble, let input, let output):
            return end(state, trouble, input, output)
        }
    }

    /// A remark of the program.
    mutating func note(_ text: String) -> [ChatPiece] { closed() + [.note(text + "\n")] }

    // MARK: The assistant's words

    private mutating func answer(_ text: String) -> [ChatPiece] {
        guard !text.isEmpty else { return [] }
        var pieces: [ChatPiece] = []
        if isThinking { pieces = closed() }
        said += text
        let shown = TerminalText.readable(text)
        guard !shown.isEmpty else { return pieces }
        isLineOpen = !shown.hasSuffix("\n")
        return pieces + [.answer(shown)]
    }

    /// What of a complete answer was not shown yet: deltas may be missing.
    private mutating func rest(of text: String) -> [ChatPiece] {
        guard !text.isEmpty, text != said else { return [] }
        if text.hasPrefix(said) { return answer(String(text.dropFirst(said.count))) }
        let pieces = closed()
        said = ""
        return pieces + answer(text)
    }

    private mutating func reasoning(_ text: String) -> [ChatPiece] {
        guard showsReasoning, !text.isEmpty else { return [] }
        let before = isThinking ? [] : closed()
        isThinking = true
        let shown = TerminalText.readable(text)
        isLineOpen = !shown.hasSuffix("\n")
        return before + [.note(paint.faint(shown))]
    }

    /// Ends a line that is open.
    private mutating func closed() -> [ChatPiece] {
        defer {
            isLineOpen = false
            isThinking = false
        }
        guard isLineOpen else { return [] }
        return [isThinking ? .note("\n") : .answer("\n")]
    }

    // MARK: Tools

    private func title(_ step: ChatEventView.Step, _ name: String) -> String {
        let isCommand = name == "shell"
        let text = steps[step] ?? ""
        let mark = isCommand ? "$" : TerminalText.line(name, limit: 64)
        var lines = TerminalText.lines(TerminalText.exact(text))
        let more = lines.count - Self.shownLines
        if more > 0 { lines = Array(lines.prefix(Self.shownLines)) }
        var shown = lines.map { line in line.count <= 1_000 ? String(line) : String(line.prefix(1_000)) + "…"
        }
        if more > 0 { shown.append("… (\(Self.count(more, "more line")))") }
        let first = shown.first ?? ""
        let others = shown.dropFirst().map { "\n    " + $0 }.joined()
        return paint.bold("▸ \(mark) \(first)\(others)")
    }

    private mutating func ticket(_ step: ChatEventView.Step, _ name: String, _ state: String) -> [ChatPiece] {
        let name = TerminalText.line(name, limit: 100)
        let text = "\(name) \(Self.words(state))"
        guard tickets[step] != text else { return [] }
        tickets[step] = text
        // What is over is told by the result.
        guard ["queued", "starting", "running", "awaiting_approval"].contains(state) else { return [] }
        return note(paint.faint("  ticket \(name): \(Self.words(state))"))
    }

    private static func words(_ state: String) -> String {
        TerminalText.line(String(state.map { $0 == "_" ? " " : $0 }), limit: 40)
    }

    private func result(_ outcome: ChatEventView.Outcome, _ ticket: String?) -> String {
        switch outcome {
        case .command(let stdout, let stderr, let exitCode):
            let shown = output(stdout, mark: "│") + output(stderr, mark: "!")
            let end = exitCode.map(ending) ?? paint.bad("  ✗ not over in time")
            return (shown + [end]).joined(separator: "\n")
        case .text(let text, let isError, let exitCode):
            let shown = output(text, mark: isError ? "!" : "│")
            let end = isError ? paint.bad("  ✗ refused") : exitCode.map(ending) ?? paint.good("  ✓ done")
            return (shown + [end]).joined(separator: "\n")
        }
    }

    private func ending(_ exitCode: Int64) -> String {
        exitCode == 0 ? paint.good("  ✓ exit 0") : paint.bad("  ✗ exit \(exitCode)")
    }

    /// The first lines of an output.
    private func output(_ text: String, mark: String) -> [String] {
        let lines = TerminalText.lines(TerminalText.readable(text))
        var shown = lines.prefix(Self.shownLines).map { line in
            "  \(mark) " + (line.count <= 500 ? String(line) : String(line.prefix(500)) + "…")
        }
        let more = lines.count - Self.shownLines
        if more > 0 { shown.append(paint.faint("  \(mark) … (\(Self.count(more, "more line")))")) }
        return shown
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    // MARK: The end

    private mutating func end(
        _ state: String,
        _ trouble: ChatEventView.Trouble?,
        _ input: Int64,
        _ output: Int64
    ) -> [ChatPiece] {
        var lines: [String] = []
        if state != "completed" {
            let why = trouble.map { ": " + TerminalText.line($0.message, limit: 1_000) } ?? ""
            lines.append(paint.bad("the turn \(Self.ending(state))\(why)"))
            if let hint = trouble?.hint { lines.append("  → " + TerminalText.line(hint, limit: 1_000)) }
        }
        if showsReasoning { lines.append(paint.faint("(\(input) tokens in, \(output) out)")) }
        return lines.isEmpty ? closed() : note(lines.joined(separator: "\n"))
    }

    private static func ending(_ state: String) -> String {
        switch state {
        case "stopped": "was stopped"
        case "failed": "failed"
        case "cancelled": "was cancelled"
        default: "ended (\(TerminalText.line(state, limit: 40)))"
        }
    }
}
