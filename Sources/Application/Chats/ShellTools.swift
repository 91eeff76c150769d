internal import Core
internal import Domain

/// The tools through which a model reaches this machine, for those who may reach it themselves.
struct ShellTools: TurnTools {
    let tickets: TicketService
    let outputs: OutputService
    let settings: AssistantSettings
    let cryptography: any Cryptography
    /// The decision that a ticket waits for.
    let approval: @Sendable (TicketID) async throws -> Int64?
    /// Types into tickets: asks a person first.
    let typing: any ModelTyping
    /// What commands can name.
    let secrets: @Sendable () -> [SecretName]

    func offered(in context: ToolContext) async throws -> [OfferedTool] {
        guard settings.shellIsOn else { return [] }
        return ShellToolForms.offered(
            to: context.principal,
            native: context.hasNativeShell,
            // A customer of a panel has none, and does not learn their names.
            secrets: context.principal.isCustomer ? [] : secrets(),
            // Typing waits for a person.
            typing: context.waitsForPeople,
            softLimit: settings.softLimit
        )
    }

    func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome {
        if let failure = maskedSecret(step.call, in: context) { return .refused(failure) }
        return try await steps(in: context).run(step, report)
    }

    /// What a model said of a secret was replaced before this server kept it: no command is run with the replacement.
    private func maskedSecret(_ call: ToolCall, in context: ToolContext) -> Failure? {
        guard tickets.secrets?.mask != nil else { return nil }
        let texts =
            switch call.request {
            case .shell(let commands, _, _): commands
            case .function(_, let arguments): [arguments]
            }
        guard texts.contains(where: { $0.contains(MaskList.replacement) }) else { return nil }
        let names = (context.principal.isCustomer ? [] : secrets()).map(\.rawValue).joined(separator: ", ")
        return Failure(
            .unprocessable,
            code: "command_has_secret",
            message: "This contains \(MaskList.replacement), which stands for a secret; nothing was run.",
            hint: names.isEmpty
                ? "Do without the value; it is a key of this server."
                : "Use a secret by its name: list it in secrets and write $NAME. There are: \(names)."
        )
    }

    private func steps(in context: ToolContext) -> ShellSteps {
        ShellSteps(
            context: context,
            tickets: tickets,
            outputs: outputs,
            settings: settings,
            cryptography: cryptography,
            approval: approval,
            typing: typing
        )
    }

    func end(_ started: [ToolReport], in context: ToolContext) async throws {
        for case .ticket(let ticket) in started {
            do {
                _ = try await tickets.cancel(ticket.ticket, as: context.principal)
            } catch let failure as Failure where failure.kind != .unavailable {
                // It was removed meanwhile: there is nothing to end.
            }
        }
        for case .object(let object) in started where object.kind == ApprovedTyping.objectKind {
            if let id = Int64(object.id) { try await typing.withdraw(ApprovalID(id)) }
        }
    }

    /// A ticket or a question is stored before its report is.
    func end(_ open: ToolStep, in context: ToolContext) async throws {
        try await steps(in: context).end(open)
    }
}
