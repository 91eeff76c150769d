import Core

/// A decision that waits for a person, with everything that they must see.
struct ApprovalView: Sendable, Equatable {
    let id: Int64
    let isAwaiting: Bool
    let state: String
    /// Stands for all of it; it is sent back with the decision.
    let digest: String
    let command: String
    let directory: String?
    let user: String
    let host: String
    let reason: String
    let rule: String
    /// Variables that the command gets beside the usual ones.
    let environment: [String: String]
    /// Files that the command would run, with their digests; nil for one that is not there.
    let scripts: [(path: String, digest: String?)]
    /// What would be typed into the running command, or given to it as input; nil for nothing.
    let input: String?
    let isTyping: Bool
    /// The rule that "always" proposes; nil where there is none.
    let proposedRule: String?

    /// Nil when members are missing.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.integer, let digest = json["digest"]?.string, !digest.isEmpty,
            let command = json["command"]?.string, let state = json["state"]?.string
        else { return nil }
        self.id = id
        self.state = state
        isAwaiting = state == "awaiting"
        self.digest = digest
        self.command = command
        directory = json["cwd"]?.string
        user = json["user"]?.string ?? ""
        host = json["host"]?.string ?? ""
        reason = json["reason"]?.string ?? ""
        rule = json["rule"]?.string ?? ""
        environment = (json["env"]?.object ?? [:]).compactMapValues(\.string)
        scripts = (json["scripts"]?.array ?? []).map { ($0["path"]?.string ?? "", $0["sha256"]?.string) }
        let typed = json["typed"]
        isTyping = typed?.object != nil
        input = Self.input(typed) ?? Self.input(json["input"])
        proposedRule = json["proposed_rule"]?.string
    }

    static func == (left: ApprovalView, right: ApprovalView) -> Bool {
        left.id == right.id && left.digest == right.digest && left.state == right.state
    }

    private static func input(_ json: JSONValue?) -> String? {
        guard let json, json.object != nil else { return nil }
        if json["kind"]?.string == "open" { return "(stays open)" }
        let end = json["closes"]?.bool == true ? "\n(then the input ends)" : ""
        return (json["shown"]?.string ?? json["text"]?.string ?? "(bytes)") + end
    }

    /// The whole of it for the terminal; nothing that cannot be seen stays unseen.
    func text(_ paint: TerminalPaint) -> String {
        var lines = [
            paint.attention(isTyping ? "Approval \(id): input for a running command" : "Approval \(id)")
        ]
        lines += quoted(command).map { "  \(paint.bold("│")) \($0)" }
        if let input {
            lines.append(isTyping ? "  types:" : "  reads as input:")
            lines += quoted(input).map { "  \(paint.bold("│")) \($0)" }
        }
        lines.append(
            "  directory: "
                + (directory.map { TerminalText.line($0, limit: 4_096) } ?? "where the session stands")
        )
        lines.append("  user:      \(TerminalText.line(user)) on \(TerminalText.line(host))")
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            lines.append("  sets:      \(TerminalText.line(name))=\(TerminalText.line(value, limit: 4_096))")
        }
        for script in scripts {
            let digest = script.digest.map { "sha256 \(TerminalText.line($0))" } ?? "not there now"
            lines.append("  runs:      \(TerminalText.line(script.path, limit: 4_096)) (\(digest))")
        }
        lines.append("  reason:    \(TerminalText.line(reason, limit: 1_000)) (\(TerminalText.line(rule)))")
        return lines.joined(separator: "\n")
    }

    private func quoted(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { TerminalText.exact(String($0)) }
    }
}
