internal import Application
internal import Core
internal import Domain
internal import Markdown

/// A stretch of a shared chat as a page for people: no script, and nothing loaded from elsewhere.
struct SharedPage: Sendable {
    /// Longer answers are shown as they were written, not rendered.
    private static let longestMarkdown = 256 << 10

    let opened: OpenedShare
    let piece: SharedPiece

    var html: String {
        let share = opened.share
        let extent = share.extent == .following ? "goes on with the conversation" : "shows it as it was then"
        var html = """
            <h1>\(HTMLText.escape(opened.title ?? "Shared conversation"))</h1>
            <p class="note">Shared \(day(share.created)), until \(day(share.expires)); \(extent).</p>

            """
        if piece.facts.isEmpty { html += "<p>There is nothing more to read here.</p>\n" }
        for fact in piece.facts { html += section(fact) }
        if let next = piece.next { html += "<p><a href=\"?after=\(next)\" rel=\"next\">Go on</a></p>\n" }
        return html
    }

    private func section(_ fact: SharedFact) -> String {
        switch fact.content {
        case .message(let parts, _): Self.section("message", "Question", parts.map(part).joined())
        case .answer(let text, let isComplete):
            Self.section(
                "answer",
                "Answer",
                Self.rendered(text) + (isComplete ? "" : "<p class=\"note\">It was cut off here.</p>\n")
            )
        case .call(let call): Self.section("ticket", "Step", called(call))
        case .result(_, let result): Self.section("ticket", "Result", ended(result))
        case .ended(let state): "<p class=\"note\">\(Self.sentence(state))</p>\n"
        }
    }

    private static func section(_ kind: StaticString, _ heading: StaticString, _ body: String) -> String {
        "<section class=\"\(kind)\"><h2>\(heading)</h2>\n\(body)</section>\n"
    }

    private func part(_ part: SharedPart) -> String {
        switch part {
        case .text(let text): Self.preformatted(text)
        case .image: "<p class=\"note\">An image, which is not shared.</p>\n"
        }
    }

    private func called(_ call: ToolCall) -> String {
        switch call.request {
        case .shell(let commands, _, _): commands.map { Self.preformatted("$ \($0)") }.joined()
        case .function(let name, let arguments): Self.preformatted("\(name) \(arguments)")
        }
    }

    private func ended(_ result: SharedResult) -> String {
        switch result {
        case .command(let outcome, let output):
            var html = ""
            for text in [output?.stdout, output?.stderr] {
                if let text, !text.isEmpty { html += Self.preformatted(text) }
            }
            switch outcome {
            case .exit(let code): html += "<p class=\"\(code == 0 ? "ok" : "bad")\">exit code \(code)</p>\n"
            case .timeout: html += "<p class=\"bad\">not over in time</p>\n"
            }
            return html
        case .text(let text, let isError):
            let shown = text.map(Self.preformatted) ?? ""
            return shown + "<p class=\"\(isError ? "bad" : "ok")\">\(isError ? "failed" : "done")</p>\n"
        }
    }

    private static func rendered(_ text: String) -> String {
        text.utf8.count > longestMarkdown ? preformatted(text) : renderHTML(markdown: text)
    }

    private static func preformatted(_ text: String) -> String { "<pre>\(HTMLText.escape(text))</pre>\n" }

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
