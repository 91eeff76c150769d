internal import Core
internal import Domain

/// Actions, proposals and readings as JSON.
struct ActionFields: Sendable {
    let unit: CreditUnit

    func write(_ action: Action, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(action.name)
            writer.key("title")
            writer.string(action.title)
            writer.key("description")
            writer.string(action.description)
            writer.key("parameters")
            action.parameters.json.write(to: &writer)
            writer.key("needs")
            writer.string(action.needs.rawValue)
            writer.key("confirmation")
            writer.string(action.confirmation.rawValue)
            writer.key("price")
            writer.integer(action.price.minor)
        }
    }

    func write(_ proposal: ActionProposal, to writer: inout JSONWriter) {
        let draft = proposal.draft
        writer.object { writer in
            writer.key("id")
            writer.integer(proposal.id.rawValue)
            writer.key("action")
            writer.string(draft.action)
            writer.key("state")
            writer.string(proposal.state.rawValue)
            writer.key("arguments")
            writer.raw(Array(draft.arguments.utf8))
            writer.key("chat")
            writer.integer(draft.chat.rawValue)
            writer.key("turn")
            writer.integer(draft.turn.rawValue)
            // As the events of the turn name the call (`call_id` of `tool.started`).
            writer.key("call_id")
            writer.string(draft.step.call)
            writer.key("price")
            writer.integer(draft.price.minor)
            writer.key("decimals")
            writer.integer(unit.decimals)
            writer.key("preview")
            writer.optional(json: proposal.preview)
            writer.key("result")
            writer.optional(json: proposal.result)
            Self.writeCourse(of: proposal, to: &writer)
        }
    }

    func write(_ reading: ContextReading, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("source")
            writer.string(reading.source)
            writer.key("read")
            writer.time(reading.time)
            writer.key("missing")
            writer.optional(reading.missing)
            writer.key("left_out")
            writer.integer(reading.leftOut)
            writer.key("facts")
            writer.array { writer in
                for fact in reading.facts {
                    writer.object { writer in
                        writer.key("id")
                        writer.string(fact.id)
                        writer.key("text")
                        writer.string(fact.text)
                        writer.key("link")
                        writer.optional(fact.link)
                        writer.key("rule")
                        writer.string(fact.rule)
                    }
                }
            }
        }
    }

    /// Why it failed, and when it came to each step.
    static func writeCourse(of proposal: ActionProposal, to writer: inout JSONWriter) {
        writer.key("reason")
        writer.optional(proposal.reason)
        writer.key("created")
        writer.time(proposal.created)
        writer.key("expires")
        writer.time(proposal.draft.expires)
        writer.key("decided")
        writer.optional(proposal.decided)
        writer.key("executed")
        writer.optional(proposal.executed)
        writer.key("finished")
        writer.optional(proposal.finished)
    }
}
