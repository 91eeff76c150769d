public import Core
public import Domain

/// Makes a rule set out of what operators wrote, and tries the rules on their own examples.
public struct PolicyLoader: Sendable {
    private let parser: any ShellParser

    /// Examples are read by this parser.
    public init(parser: any ShellParser) { self.parser = parser }

    /// The set of the built-in rules, the section `policy` of the configuration file and the rules of the database.
    ///
    /// Throws all mistakes together as one `Failure` with the code `policy_invalid`: rules that cannot be read, examples
    /// that a rule does not match, counterexamples that it matches, and examples that cannot be parsed.
    public func load(_ section: JSONValue?, stored: [StoredPolicyRule] = []) async throws(Failure)
        -> PolicyRuleSet
    {
        let rules: PolicyRuleSet
        do throws(PolicyMistakes) {
            rules = try PolicyRuleSet(json: section, stored: stored)
        } catch {
            throw Self.failure(error)
        }
        let mistakes = await mistakes(in: rules.rules.filter { $0.source != .builtIn })
        guard mistakes.isEmpty else { throw Self.failure(PolicyMistakes(mistakes)) }
        return rules
    }

    /// What is wrong with the rules' examples.
    public func mistakes(in rules: [PolicyRule]) async -> [PolicyMistakes.Mistake] {
        var mistakes: [PolicyMistakes.Mistake] = []
        for rule in rules {
            for (examples, isWanted) in [(rule.matches, true), (rule.mustNotMatch, false)] {
                let field = "rule \(rule.id), field \(isWanted ? "matches" : "mustNotMatch")"
                for example in examples {
                    if let message = await mistake(rule, example, isWanted) {
                        mistakes.append(.init(place: field, message: message))
                    }
                }
            }
        }
        return mistakes
    }

    private func mistake(_ rule: PolicyRule, _ example: String, _ isWanted: Bool) async -> String? {
        if let objection = ShellText.objection(to: example) { return "“\(example)”: \(objection)" }
        switch await parser.parse(example) {
        case .unparsable(let reason), .unavailable(let reason): return "“\(example)”: \(reason)"
        case .tree(let tree):
            guard rule.matches(tree) != isWanted else { return nil }
            return isWanted
                ? "the rule does not match its example “\(example)”"
                : "the rule matches “\(example)”, which it must not"
        }
    }

    static func failure(_ mistakes: PolicyMistakes) -> Failure {
        Failure(
            .unprocessable,
            code: "policy_invalid",
            message: mistakes.description,
            hint: "Correct the rules; deckhand policy test tries them without putting them into force."
        )
    }
}
