internal import Application
internal import Core
internal import Domain

/// Rules, verdicts and comparisons as they stand in JSON.
enum PolicyFields {
    /// So many commands of a comparison are listed; the rest is counted.
    private static let mostChanges = 500

    static func write(
        _ rules: PolicyRuleSet,
        _ stored: [StoredPolicyRule],
        version: String,
        to writer: inout JSONWriter
    ) {
        let bodies = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        writer.object { writer in
            writer.key("version")
            writer.string(version)
            writer.key("default")
            writer.string(rules.defaultDecision.rawValue)
            writer.key("api")
            writer.string(rules.apiScope.rawValue)
            writer.key("rules")
            writer.array { writer in
                for rule in rules.rules { write(rule, bodies[rule.id], to: &writer) }
            }
            // What is stored and not in force shows that a rule is wrong beside a changed file.
            writer.key("not_in_force")
            writer.array { writer in
                for rule in stored where !rules.rules.contains(where: { $0.id == rule.id }) {
                    writer.string(rule.id)
                }
            }
        }
    }

    private static func write(_ rule: PolicyRule, _ stored: StoredPolicyRule?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.string(rule.id)
            writer.key("decision")
            writer.string(rule.decision.rawValue)
            writer.key("source")
            writer.string(rule.source.rawValue)
            writer.key("reason")
            writer.string(rule.reason)
            writer.key("hint")
            writer.optional(rule.hint)
            write("programs", rule.match.programs.map(\.text), to: &writer)
            write("matches", rule.matches, to: &writer)
            write("must_not_match", rule.mustNotMatch, to: &writer)
            if let stored, rule.source == .database {
                writer.key("body")
                writer.raw(stored.body.bytes)
                writer.key("created_by")
                writer.string(stored.createdBy.rawValue)
                writer.key("created")
                writer.time(stored.created)
            }
        }
    }

    static func write(_ judgement: PolicyJudgement, _ scope: PolicyScope, to writer: inout JSONWriter) {
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
                        writer.key("hint")
                        writer.optional(finding.hint)
                    }
                }
            }
        }
    }

    static func write(_ outcome: PolicyReplay.Outcome, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("judged")
            writer.integer(outcome.judged)
            writer.key("changed")
            writer.integer(outcome.changes.count + outcome.moreChanges)
            writer.key("changes")
            writer.array { writer in
                for change in outcome.changes.prefix(mostChanges) {
                    writer.object { writer in
                        writer.key("command")
                        writer.string(change.command.command)
                        writer.key("origin")
                        writer.string(change.command.origin.rawValue)
                        writer.key("before")
                        writer.string(change.before.word)
                        writer.key("after")
                        writer.string(change.after.word)
                    }
                }
            }
        }
    }

    static func write(_ proposal: RuleProposal, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("approval")
            writer.integer(proposal.approval.rawValue)
            writer.key("rule")
            writer.string(proposal.rule)
            writer.key("command")
            writer.string(proposal.command)
            writer.key("proposed_by")
            writer.string(proposal.proposedBy.rawValue)
            writer.key("created")
            writer.time(proposal.created)
        }
    }

    private static func write(_ name: StaticString, _ texts: [String], to writer: inout JSONWriter) {
        writer.key(name)
        writer.array { writer in for text in texts { writer.string(text) } }
    }
}
