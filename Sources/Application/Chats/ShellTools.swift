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
    /// Types into a ticket for a model: asks a person first.
    let type: @Sendable (_ text: [UInt8], _ closing: Bool, TicketID, Principal) async throws -> String
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
        let steps = ShellSteps(
            context: context,
            tickets: tickets,
            outputs: outputs,
            settings: settings,
            cryptography: cryptography,
            approval: approval,
            type: type
        )
        return try await steps.run(step) { try await report(.ticket($0)) }
    }

    func end(_ started: [ToolReport], in context: ToolContext) async throws {
        for case .ticket(let ticket) in started {
            do { _ = try await tickets.cancel(ticket.ticket, as: context.principal) } catch is Failure {
                // It was removed meanwhile: there is nothing to end.
            }
        }
    }
}
