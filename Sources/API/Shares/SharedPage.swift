internal import Application
internal import Core
internal import Domain
internal import Markdown

/// A stretch of a shared chat as a page for people, drawn as the console draws it: no script, and nothing loaded from
/// elsewhere.
struct SharedPage: Sendable {
    /// Longer answers are shown as they were written, not rendered.
    private static let longestMarkdown = 256 << 10

    let opened: OpenedShare
    let piece: SharedPiece

    var html: String {
        let share = opened.share
        let extent = share.extent == .following ? "Goes on with the chat" : "As it was then"
        var html = """
            <h1>\(HTMLText.escape(opened.title ?? "Shared conversation"))</h1>
            <p class="lead">Shared on \(day(share.created)), readable until \(day(share.expires)). \(extent)\(share.includesOutput ? "" : ", without the output of commands").</p>

            """
        if piece.facts.isEmpty { html += "<p class=\"note\">There is nothing more to read here.</p>\n" }
        html += "<ol class=\"turns\">\n"
        var turn: TurnID?
        for (fact, result) in paired() {
            if fact.turn != turn {
                html += (turn == nil ? "" : "</li>\n") + "<li class=\"turn\">\n"
                turn = fact.turn
            }
            html += section(fact, result)
        }
        html += (turn == nil ? "" : "</li>\n") + "</ol>\n"
        if let next = piece.next {
            html +=
                "<p class=\"onward\"><a class=\"button\" href=\"?after=\(next)\" rel=\"next\">Go on reading</a></p>\n"
        }
        return html
    }

    // MARK: What belongs together

    /// A step of a call within its turn.
    private struct Step: Hashable {
        let turn: TurnID
        let id: ToolStepID
    }

    /// The facts, those that are results with their calls as far as these are on this page.
    private func paired() -> [(fact: SharedFact, results: [SharedResult?])] {
        var shown: [(fact: SharedFact, results: [SharedResult?])] = []
        var open: [Step: (entry: Int, step: Int)] = [:]
        for fact in piece.facts {
            switch fact.content {
            case .call(let call):
                let count = call.request.commands?.count ?? 1
                for index in 0..<count {
                    open[Step(turn: fact.turn, id: ToolStepID(call: call.id, index: index))] = (
                        shown.count, index
                    )
                }
                shown.append((fact, Array(repeating: nil, count: count)))
            case .result(let id, let result):
                if let place = open.removeValue(forKey: Step(turn: fact.turn, id: id)) {
                    shown[place.entry].results[place.step] = result
                } else {
                    shown.append((fact, []))
                }
            case .message, .answer, .ended: shown.append((fact, []))
            }
        }
        return shown
    }

    // MARK: Parts

    private func section(_ fact: SharedFact, _ results: [SharedResult?]) -> String {
        switch fact.content {
        case .message(let parts, _):
            let said = parts.map(part).joined(separator: "\n")
            return "<h2 class=\"hidden\">Question</h2>\n<div class=\"said\">\(said)</div>\n"
        case .answer(let text, let isComplete):
            let rest = isComplete ? "" : "<p class=\"marker\">It was cut off here.</p>\n"
            return
                "<h2 class=\"hidden\">Answer</h2>\n<div class=\"prose\"><div>\n\(Self.rendered(text))</div></div>\n\(rest)"
        case .call(let call): return cards(call, results)
        case .result(_, let result): return card("Result of an earlier step", isCommand: false, result).html
        case .ended(let state): return "<p class=\"marker\">\(Self.sentence(state))</p>\n"
        }
    }

    private func part(_ part: SharedPart) -> String {
        switch part {
        case .text(let text): HTMLText.escape(text)
        case .image: "<em>An image, which is not shared.</em>"
        }
    }

    private func cards(_ call: ToolCall, _ results: [SharedResult?]) -> String {
        switch call.request {
        case .shell(let commands, _, _):
            return zip(commands, results).map { card($0, isCommand: true, $1).html }.joined()
        case .function(let name, let arguments):
            let given = (try? JSONValue(parsing: Array(arguments.utf8)))?.object ?? [:]
            let command = given["command"]?.string
            var card = card(command ?? name, isCommand: command != nil, results.first ?? nil)
            if given.count > (command == nil ? 0 : 1) {
                card.arguments = renderHTML(code: arguments, language: "json")
            }
            return card.html
        }
    }

    private func card(_ title: String, isCommand: Bool, _ result: SharedResult?) -> StaticCard {
        switch result {
        case nil:
            return StaticCard(title: title, isCommand: isCommand, state: "No result here", tone: .plain)
        case .command(let outcome, let output):
            var outputs: [StaticCard.Output] = []
            if let output {
                outputs.append(StaticCard.Output(text: output.stdout))
                outputs.append(StaticCard.Output(label: "Errors and warnings", text: output.stderr))
            }
            switch outcome {
            case .exit(let code):
                return StaticCard(
                    title: title,
                    isCommand: isCommand,
                    state: code == 0 ? "Done" : "Failed",
                    tone: code == 0 ? .good : .bad,
                    facts: ["exit code \(code)"],
                    outputs: outputs
                )
            case .timeout:
                return StaticCard(
                    title: title,
                    isCommand: isCommand,
                    state: "Not over in time",
                    tone: .busy,
                    outputs: outputs
                )
            }
        case .text(let text, let isError):
            return StaticCard(
                title: title,
                isCommand: isCommand,
                state: isError ? "Failed" : "Done",
                tone: isError ? .bad : .good,
                outputs: text.map { [StaticCard.Output(text: $0)] } ?? []
            )
        }
    }

    private static func rendered(_ text: String) -> String {
        text.utf8.count > longestMarkdown
            ? "<pre>\(HTMLText.escape(text))</pre>\n" : renderHTML(markdown: text)
    }

    private static func sentence(_ state: TurnState) -> StaticString {
        switch state {
        case .working: "The assistant was still at work."
        case .completed: "The assistant was done."
        case .stopped: "The assistant was stopped here."
        case .failed: "The assistant could not go on here."
        case .cancelled: "The assistant was told to end here."
        }
    }

    /// The date in UTC.
    private func day(_ time: Timestamp) -> String { String(time.rfc3339.prefix(10)) }
}

extension ToolCall.Request {
    /// The commands of a call of the shell; nil for a function.
    fileprivate var commands: [String]? {
        if case .shell(let commands, _, _) = self { commands } else { nil }
    }
}
