internal import Core
internal import Domain

/// Approvals as they stand in JSON.
enum ApprovalFields {
    private static let summaryBytes = 1_000

    /// What a list needs; it is not enough to decide on, and has no digest.
    static func writeSummary(_ shown: ShownApproval, to writer: inout JSONWriter) {
        writer.object { writer in
            let command = shown.approval.contents.command
            writeState(shown, to: &writer)
            writer.key("command")
            var beginning = Array(command.utf8.prefix(summaryBytes))
            beginning.removeLast(beginning.incompleteUTF8Tail)
            writer.string(VisibleText.text(beginning))
            writer.key("command_bytes")
            writer.integer(command.utf8.count)
            writeCircumstances(shown.approval.contents, to: &writer)
        }
    }

    /// Everything that a person must see, and the digest that stands for it.
    static func write(_ shown: ShownApproval, to writer: inout JSONWriter) {
        writer.object { writer in
            let contents = shown.approval.contents
            writeState(shown, to: &writer)
            writer.key("digest")
            writer.string(shown.digest)
            writer.key("command")
            writer.string(contents.command)
            writer.key("command_bytes")
            writer.integer(contents.command.utf8.count)
            writer.key("command_shown")
            writer.string(VisibleText.text(contents.command.utf8))
            writeCircumstances(contents, to: &writer)
            writeInput(shown.approval, to: &writer)
            writer.key("carries_over")
            writer.bool(contents.carriesOver)
            writer.key("env")
            writer.object { writer in
                for (name, value) in contents.environment.sorted(by: { $0.key < $1.key }) {
                    writer.key(dynamic: name)
                    writer.string(VisibleText.text(value.utf8, marksLineEnds: true))
                }
            }
            writer.key("scripts")
            writer.array { writer in
                for script in contents.scripts {
                    writer.object { writer in
                        writer.key("path")
                        writer.string(script.path)
                        writer.key("sha256")
                        writer.optional(script.digest)
                    }
                }
            }
            writer.key("policy_version")
            writer.string(contents.policyVersion)
            writer.key("proposed_rule")
            writer.optional(contents.proposedRule)
            if let used = shown.approval.used {
                writer.key("used")
                writer.time(used)
            }
        }
    }

    private static func writeState(_ shown: ShownApproval, to writer: inout JSONWriter) {
        let approval = shown.approval
        writer.key("id")
        writer.integer(approval.id.rawValue)
        writer.key("state")
        writer.string(approval.state.word)
        if let reason = approval.state.reason {
            writer.key("voided_because")
            writer.string(reason)
        }
        writer.key("subject")
        writer.string(approval.subject.word)
        writer.key("session_id")
        writer.integer(approval.subject.ticket.session.rawValue)
        if let ticket = shown.ticket {
            writer.key("session")
            writer.string(ticket.sessionName.rawValue)
            writer.key("ticket_state")
            writer.string(ticket.state.word)
        }
        writer.key("ticket")
        writer.integer(approval.subject.ticket.number)
        writer.key("requested_by")
        writer.string(approval.requestedBy.rawValue)
        writer.key("origin")
        writer.string(approval.origin.rawValue)
        if let reference = approval.reference {
            writer.key("reference")
            writer.string(reference)
        }
        writer.key("created")
        writer.time(approval.created)
        writer.key("expires")
        writer.time(approval.expires)
        writer.key("decision")
        write(approval.decision, to: &writer)
        writer.key("change")
        writer.integer(approval.change)
        writer.key("link")
        writer.string(shown.link)
    }

    private static func write(_ decision: ApprovalDecision?, to writer: inout JSONWriter) {
        guard let decision else {
            writer.null()
            return
        }
        writer.object { writer in
            writer.key("by")
            if let by = decision.by { writer.string(by.rawValue) } else { writer.null() }
            writer.key("at")
            writer.time(decision.at)
            if let note = decision.note {
                writer.key("note")
                writer.string(note)
            }
        }
    }

    private static func writeCircumstances(_ contents: ApprovalContents, to writer: inout JSONWriter) {
        writer.key("cwd")
        writer.optional(contents.workingDirectory)
        writer.key("user")
        writer.string(contents.user)
        writer.key("host")
        writer.string(contents.host)
        writer.key("reason")
        writer.string(contents.reason)
        writer.key("rule")
        writer.string(contents.rule)
    }

    /// What the command reads, and for approvals of input what would be typed.
    private static func writeInput(_ approval: Approval, to writer: inout JSONWriter) {
        writer.key("input")
        switch approval.contents.input {
        case .none: writer.null()
        case .open: writer.object { $0.writeKind("open") }
        case .bytes(let bytes): writer.object { $0.writeInput(bytes) }
        }
        guard case .input(_, let bytes, let closing) = approval.subject else { return }
        writer.key("typed")
        writer.object { writer in
            writer.writeInput(bytes)
            writer.key("closes")
            writer.bool(closing)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func writeKind(_ kind: String) {
        key("kind")
        string(kind)
    }

    /// The exact bytes, and how they look.
    fileprivate mutating func writeInput(_ bytes: [UInt8]) {
        writeKind("bytes")
        key("bytes")
        integer(bytes.count)
        if let text = String(strictUTF8: bytes) {
            key("text")
            string(text)
        } else {
            key("base64")
            string(Base64.encode(bytes))
        }
        key("shown")
        string(VisibleText.text(bytes, marksLineEnds: true))
    }
}

extension ApprovalCursor {
    /// Reads the text that stood in `next`; throws `Failure` `invalid_parameter`.
    init(text: String) throws(Failure) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let part = ApprovalPart(rawValue: String(parts[0])), let id = Int64(parts[1])
        else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter 'after' is not a place in this list.",
                hint: "Send what stood in 'next' of the page before."
            )
        }
        self.init(isAwaiting: part == .awaiting, id: ApprovalID(id))
    }

    /// The place behind an approval, as it stands in `next`.
    static func text(behind approval: Approval) -> String {
        let part = approval.state == .awaiting ? ApprovalPart.awaiting : .settled
        return "\(part.rawValue)-\(approval.id)"
    }
}

/// The parts of the list of approvals.
enum ApprovalPart: String, CaseIterable {
    case awaiting, settled
}
