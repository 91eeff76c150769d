import Application
import Core
import Domain

/// `deckhand policy add`.
struct PolicyAddCommand: PolicyChangeCommand {
    static let specification = CommandSpecification(
        name: "policy add",
        summary: "Add a rule to the database, after trying it; a running server takes it in within a second.",
        operands: [.init(name: "ID"), .init(name: "RULE")],
        options: [CommandSpecification.dataDirectory],
        details:
            "RULE is JSON5: { decision: 'ask', program: 'reboot', reason: 'It stops the machine.', matches: ['reboot'] }"
    )

    let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func change(_ service: PolicyService, _ console: any Console) async throws -> String {
        let id = arguments.operand(0)
        let body = try PolicyAccess.parse(Array(arguments.operand(1).utf8), "The rule")
        try await service.add(id, body, by: TokenText.principal)
        return "Rule \(id) is in force."
    }
}

/// `deckhand policy remove`.
struct PolicyRemoveCommand: PolicyChangeCommand {
    static let specification = CommandSpecification(
        name: "policy remove",
        summary: "Remove a rule from the database.",
        operands: [.init(name: "ID")],
        options: [CommandSpecification.dataDirectory]
    )

    let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func change(_ service: PolicyService, _ console: any Console) async throws -> String {
        let id = arguments.operand(0)
        try await service.remove(id, by: TokenText.principal)
        return "Rule \(id) is gone."
    }
}

/// `deckhand policy proposals`.
struct PolicyProposalsCommand: Command {
    static let specification = CommandSpecification(
        name: "policy proposals",
        summary:
            "List the rules that people proposed with “always allow”; none is in force before it is accepted.",
        options: [CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        try await PolicyAccess.withService(of: try program.configuration(arguments).configuration) {
            service in
            let rows = try await service.openProposals().map { proposal in
                [
                    "\(proposal.approval.rawValue)", proposal.proposedBy.rawValue, proposal.command,
                    proposal.rule,
                ]
            }
            try await console.write(Array(TextTable.text(["APPROVAL", "BY", "COMMAND", "RULE"], rows).utf8))
        }
        return 0
    }
}

/// `deckhand policy accept`.
struct PolicyAcceptCommand: PolicyChangeCommand {
    static let specification = CommandSpecification(
        name: "policy accept",
        summary: "Put a proposed rule into force.",
        operands: [.init(name: "APPROVAL")],
        options: [
            .init(flag: "--id", placeholder: "ID", summary: "The rule's id; approved-APPROVAL without this."),
            CommandSpecification.dataDirectory,
        ]
    )

    let arguments: ParsedArguments
    private let approval: ApprovalID

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        approval = try PolicyOptions.approval(arguments.operand(0))
    }

    func change(_ service: PolicyService, _ console: any Console) async throws -> String {
        let id = try await service.accept(approval, as: arguments["--id"], by: TokenText.principal)
        return "Rule \(id) is in force."
    }
}

/// `deckhand policy dismiss`.
struct PolicyDismissCommand: PolicyChangeCommand {
    static let specification = CommandSpecification(
        name: "policy dismiss",
        summary: "Take a proposed rule off the list.",
        operands: [.init(name: "APPROVAL")],
        options: [CommandSpecification.dataDirectory]
    )

    let arguments: ParsedArguments
    private let approval: ApprovalID

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        approval = try PolicyOptions.approval(arguments.operand(0))
    }

    func change(_ service: PolicyService, _ console: any Console) async throws -> String {
        try await service.dismiss(approval, by: TokenText.principal)
        return "The proposal is off the list."
    }
}
