public import Domain
internal import Core

/// Rules for "always allow".
extension RulePolicy: RuleSuggestions {
    private static let longest = 2_000

    /// A rule that allows one simple command with exactly these arguments, as JSON text; nil when the command is more
    /// than that, or would be asked for all the same.
    public func suggestion(for question: PolicyQuestion) async -> String? {
        guard question.command.utf8.count <= Self.longest,
            case .tree(let tree) = await commands.parse(question.command),
            tree.constructs.isEmpty, tree.commands.count == 1, let command = tree.commands.first
        else { return nil }
        let words = command.words.compactMap(\.literal)
        guard let program = words.first?.split(separator: "/").last, words.count == command.words.count else {
            return nil
        }
        let body = JSONValue.object([
            "decision": .string("allow"),
            "program": .string(Self.escaped(String(program))),
            "args": .array(words.dropFirst().map { .string(Self.escaped($0)) }),
            // What the person allowed may write: that is why it was asked for.
            "fileSystem": .string("writable"),
            "reason": .string("A person allowed exactly this command for good."),
            "matches": .array([.string(question.command)]),
        ])
        guard let rules = try? rules.adding(id: "proposed", body: body) else { return nil }
        guard await judgement(question, .full, inForce(rules)).verdict == .allow else { return nil }
        return String(decoding: body.bytes, as: UTF8.self)
    }

    /// The text as a pattern for itself.
    private static func escaped(_ text: String) -> String {
        String(text.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })
    }
}
