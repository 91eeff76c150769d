/// A command, or a call of a function, as the console's card: here without a script.
struct StaticCard: Sendable {
    /// How an end is coloured.
    enum Tone: String, Sendable { case plain = "", good, bad, busy }

    /// Something that it printed or gave.
    struct Output: Sendable {
        /// What it is, where there is more than one.
        var label: String?
        let text: String
    }

    /// Shown at once; of more than a little beyond it the rest is folded away.
    private static let firstLines = 10
    private static let fewLines = 2

    /// The command, or what was called.
    let title: String
    var isCommand = true
    var number: Int?
    let state: String
    let tone: Tone
    var facts: [String] = []
    /// In a fold of its own, as JSON.
    var arguments: String?
    var outputs: [Output] = []

    var html: String {
        let shown = HTMLText.escape(title)
        let name = HTMLText.escape(String(title.prefix(200)))
        var html = "<article class=\"card\" aria-label=\"\(isCommand ? "Command " : "")\(name)\">\n"
        html += "<div class=\"card-head\">"
        if let number { html += "<span class=\"number\">\(number)</span>" }
        html += "<pre\(isCommand ? "" : " class=\"function\"")>\(shown)</pre></div>\n"
        let badge = tone == .plain ? "badge" : "badge \(tone.rawValue)"
        html += "<div class=\"card-state\"><span class=\"\(badge)\">"
        html += "<span class=\"dot\" aria-hidden=\"true\"></span>\(HTMLText.escape(state))</span>"
        for fact in facts { html += "<span>\(HTMLText.escape(fact))</span>" }
        html += "</div>\n"
        if let arguments {
            html += Self.fold("What it was given", "<pre class=\"output\">\(arguments)</pre>")
        }
        for output in outputs where !output.text.isEmpty { html += Self.shown(output) }
        return html + "</article>\n"
    }

    private static func shown(_ output: Output) -> String {
        let lines = TerminalLines.html(output.text)
        guard !lines.isEmpty else { return "" }
        let label = HTMLText.escape(output.label ?? "Output")
        let isLong = lines.count > firstLines + fewLines
        let first = isLong ? lines.prefix(firstLines) : lines[...]
        var html = output.label == nil ? "" : "<p class=\"card-label\">\(label)</p>\n"
        html += frame(first, label)
        if isLong {
            let rest = lines.dropFirst(firstLines)
            html += fold("\(rest.count) more lines", frame(rest, "\(label), the rest"))
        }
        return html
    }

    /// What scrolls is reached by keyboard, and has a name there.
    private static func frame(_ lines: ArraySlice<String>, _ label: String) -> String {
        "<div class=\"card-output\" tabindex=\"0\" role=\"region\" aria-label=\"\(label)\"><pre class=\"output\">\(lines.joined(separator: "\n"))</pre></div>\n"
    }

    private static func fold(_ words: String, _ inside: String) -> String {
        "<details class=\"fold\"><summary>\(words)</summary>\n\(inside)</details>\n"
    }
}
