internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/policy: the rules for commands, tried and compared before they are saved.
struct PolicyRoutes: Sendable {
    private static let longestRule = 64 << 10
    private let editor: PolicyEditor

    init(_ editor: PolicyEditor) { self.editor = editor }

    var routes: [Route] {
        let rule: StaticString = "/v1/admin/policy/rules/{id}"
        return [
            Route(.get, "/v1/admin/policy", access: .signIn(.admin, on: nil), overview),
            Route(.put, rule, access: .signIn(.admin, on: .policyRule), put),
            Route(.delete, rule, access: .signIn(.admin, on: .policyRule), remove),
            Route(.post, "/v1/admin/policy/try", access: .signIn(.admin, on: nil), tryCommand),
            Route(.post, "/v1/admin/policy/replay", access: .signIn(.admin, on: nil), replay),
            Route(.post, "/v1/admin/policy/reload", access: .signIn(.admin, on: nil), reload),
            Route(.get, "/v1/admin/policy/proposals", access: .signIn(.admin, on: nil), proposals),
            Route(
                .post,
                "/v1/admin/policy/proposals/{approval}/accept",
                access: .signIn(.admin, on: .proposal),
                accept
            ),
            Route(
                .delete,
                "/v1/admin/policy/proposals/{approval}",
                access: .signIn(.admin, on: .proposal),
                dismiss
            ),
        ]
    }

    // MARK: Rules

    private func overview(_ context: RequestContext) async throws -> HTTPResponse {
        let (rules, version) = (editor.rules, await editor.version)
        let stored = try await editor.stored()
        return NativeAnswers.json { PolicyFields.write(rules, stored, version: version, to: &$0) }
    }

    private func put(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["rule"])
        guard let rule = try Self.rule(body) else { throw body.wrong("rule", "a rule as JSON5 text") }
        let effect = try await editor.put(context.parameter("id"), rule, by: try context.caller().id)
        return Self.saved(context.parameter("id"), effect)
    }

    private func remove(_ context: RequestContext) async throws -> HTTPResponse {
        let effect = try await editor.remove(context.parameter("id"), by: try context.caller().id)
        return Self.saved(context.parameter("id"), effect)
    }

    private func reload(_ context: RequestContext) async throws -> HTTPResponse {
        let count = try await editor.reload(by: try context.caller().id)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("rules")
                writer.integer(count)
            }
        }
    }

    private static func saved(_ id: String, _ effect: PolicyEditor.Effect) -> HTTPResponse {
        NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("id")
                writer.string(id)
                writer.key("in_force")
                writer.bool(effect == .inForce)
            }
        }
    }

    // MARK: Trying

    private func tryCommand(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["command", "origin", "cwd", "id", "rule"])
        guard let command = try body.string("command"), !command.isEmpty else {
            throw body.wrong("command", "a command")
        }
        let question = PolicyQuestion(
            command: command,
            origin: try body.word("origin", TicketOrigin.self) ?? .assistant,
            principal: try context.caller().id,
            workingDirectory: try body.string("cwd"),
            environment: [:]
        )
        let found = try await editor.judgement(on: question, after: try Self.change(body))
        return NativeAnswers.json { PolicyFields.write(found.judgement, found.scope, to: &$0) }
    }

    private func replay(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["id", "rule"])
        guard let id = try body.string("id") else { throw body.wrong("id", "the id of a rule") }
        let change = try Self.change(body) ?? .remove(id: id)
        let outcome = try await context.whileClientStays { try await editor.replay(change) }
        return NativeAnswers.json { PolicyFields.write(outcome, to: &$0) }
    }

    /// The rule that is tried in the place of the one with its id; nil where none is sent.
    private static func change(_ body: BodyReader) throws(Failure) -> PolicyEditor.Change? {
        guard let rule = try rule(body) else { return nil }
        guard let id = try body.string("id") else { throw body.wrong("id", "the id of the rule") }
        return .put(id: id, body: rule)
    }

    private static func rule(_ body: BodyReader) throws(Failure) -> JSONValue? {
        guard let text = try body.string("rule") else { return nil }
        guard text.utf8.count <= longestRule,
            let value = try? JSONValue(parsing: Array(text.utf8), allowsJSON5: true), value.object != nil
        else {
            throw Failure(
                .unprocessable,
                code: "policy_invalid",
                message: "The rule is no object in JSON5 of 64 KiB at most.",
                hint: "Write it as: { decision: 'ask', program: 'reboot', reason: '…', matches: ['reboot'] }"
            )
        }
        return value
    }

    // MARK: Proposals

    private func proposals(_ context: RequestContext) async throws -> HTTPResponse {
        let all = try await editor.openProposals()
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("proposals")
                writer.array { writer in for proposal in all { PolicyFields.write(proposal, to: &writer) } }
            }
        }
    }

    private func accept(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["id"])
        let accepted = try await editor.accept(
            Self.approval(context),
            as: try body.string("id"),
            by: try context.caller().id
        )
        return Self.saved(accepted.id, accepted.effect)
    }

    private func dismiss(_ context: RequestContext) async throws -> HTTPResponse {
        try await editor.dismiss(Self.approval(context), by: try context.caller().id)
        return HTTPResponse(status: 204)
    }

    private static func approval(_ context: RequestContext) -> ApprovalID {
        ApprovalID(Int64(context.parameter("approval")) ?? 0)
    }
}
