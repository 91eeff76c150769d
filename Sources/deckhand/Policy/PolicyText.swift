import Core
import Domain

/// Rules and verdicts for people and programs.
enum PolicyText {
    static func rule(_ verdict: PolicyVerdict) -> String {
        switch verdict {
        case .allow: ""
        case .ask(_, let rule), .deny(_, let rule, _): rule
        }
    }

    static func list(_ rules: [PolicyRule]) -> String {
        TextTable.text(
            ["ID", "DECISION", "FROM", "REASON"],
            rules.map { [$0.id, $0.decision.rawValue, $0.source.rawValue, $0.reason] }
        )
    }

    static func json(_ rules: [PolicyRule]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            for rule in rules {
                writer.object { writer in
                    writer.key("id")
                    writer.string(rule.id)
                    writer.key("decision")
                    writer.string(rule.decision.rawValue)
                    writer.key("source")
                    writer.string(rule.source.rawValue)
                    writer.key("reason")
                    writer.string(rule.reason)
                    write(rule.matches, "matches", &writer)
                    write(rule.mustNotMatch, "must_not_match", &writer)
                }
            }
        }
        return writer.line()
    }

    private static func write(_ texts: [String], _ name: StaticString, _ writer: inout JSONWriter) {
        writer.key(name)
        writer.array { writer in
            for text in texts { writer.string(text) }
        }
    }

    static func text(_ judgement: PolicyJudgement) -> String {
        TextTable.text(
            ["DECISION", "RULE", "COMMAND", "REASON"],
            judgement.findings.map { [$0.decision.rawValue, $0.rule, $0.subject, $0.reason] }
        )
    }

    static func json(_ judgement: PolicyJudgement, scope: PolicyScope) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("verdict")
            writer.string(judgement.verdict.word)
            writer.key("scope")
            writer.string(scope.rawValue)
            writer.key("findings")
            writer.array { writer in
                for finding in judgement.findings {
                    writer.object { writer in
                        writer.key("command")
                        writer.string(finding.subject)
                        writer.key("decision")
                        writer.string(finding.decision.rawValue)
                        writer.key("rule")
                        writer.string(finding.rule)
                        writer.key("reason")
                        writer.string(finding.reason)
                        if let hint = finding.hint {
                            writer.key("hint")
                            writer.string(hint)
                        }
                    }
                }
            }
        }
        return writer.line()
    }
}
