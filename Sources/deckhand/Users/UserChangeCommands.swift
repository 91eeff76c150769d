import Application
import Core
import Domain

/// `deckhand user disable`.
struct UserDisableCommand: OperatorChangeCommand {
    static let specification = CommandSpecification(
        name: "user disable",
        summary: "Shut an operator out, at once: sign-ins and open streams end.",
        operands: [.init(name: "NAME")],
        options: [CommandSpecification.dataDirectory]
    )

    let arguments: ParsedArguments
    private let name: OperatorName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
    }

    func change(_ operators: OperatorService, _ console: any Console) async throws -> String {
        try await operators.disable(name, by: TokenText.principal)
        return "\(name) is shut out."
    }
}

/// `deckhand user enable`.
struct UserEnableCommand: OperatorChangeCommand {
    static let specification = CommandSpecification(
        name: "user enable",
        summary: "Let an operator in again, who then signs in anew.",
        operands: [.init(name: "NAME")],
        options: [CommandSpecification.dataDirectory]
    )

    let arguments: ParsedArguments
    private let name: OperatorName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
    }

    func change(_ operators: OperatorService, _ console: any Console) async throws -> String {
        try await operators.enable(name, by: TokenText.principal)
        return "\(name) may sign in."
    }
}

/// `deckhand user permissions`.
struct UserPermissionsCommand: OperatorChangeCommand {
    static let specification = CommandSpecification(
        name: "user permissions",
        summary: "Set what an operator may do, from the next request on.",
        operands: [.init(name: "NAME"), .init(name: "PERMISSION,…")],
        options: [CommandSpecification.dataDirectory],
        details: "Permissions are shell.read, shell.run, shell.input, chat, approve, share and admin; or all."
    )

    let arguments: ParsedArguments
    private let name: OperatorName
    private let permissions: Set<Permission>

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
        permissions = try UserText.permissions(arguments.operand(1))
    }

    func change(_ operators: OperatorService, _ console: any Console) async throws -> String {
        try await operators.setPermissions(permissions, of: name, by: TokenText.principal)
        return "\(name) may: \(permissions.sorted().map(\.rawValue).joined(separator: ", "))."
    }
}

/// `deckhand user run-as`.
struct UserRunAsCommand: OperatorChangeCommand {
    static let specification = CommandSpecification(
        name: "user run-as",
        summary: "Choose the system user that an operator's commands run as.",
        operands: [.init(name: "NAME"), .init(name: "USER", isOptional: true)],
        options: [CommandSpecification.dataDirectory],
        details:
            "It holds for what they submit from now on after signing in, and for the assistant on their behalf; the server must be root. Without USER commands run as DECKHAND_RUN_AS says."
    )

    let arguments: ParsedArguments
    private let name: OperatorName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
    }

    func change(_ operators: OperatorService, _ console: any Console) async throws -> String {
        let user = arguments.operands.count > 1 ? arguments.operand(1) : nil
        try await UserRunAs.check(user)
        try await operators.setRunAs(user, of: name, by: TokenText.principal)
        return "Commands of \(name) run as \(user ?? "DECKHAND_RUN_AS says")."
    }
}
