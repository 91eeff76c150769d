import Application
import CLinux
import Core
import Domain
import Processes

/// `deckhand user add`.
struct UserAddCommand: Command {
    static let specification = CommandSpecification(
        name: "user add",
        summary: "Make an operator, who signs in with a name and a passphrase.",
        operands: [.init(name: "NAME")],
        options: [
            .init(
                flag: "--allow",
                placeholder: "PERMISSION,…",
                summary: "shell.read, shell.run, shell.input, chat, approve, share, admin; all without this."
            ),
            .init(
                flag: "--run-as",
                placeholder: "USER",
                summary: "The system user that their commands run as; needs a server that is root."
            ),
            UserGenerate.option, CommandSpecification.json, CommandSpecification.dataDirectory,
        ],
        details: UserGenerate.details
    )

    private let arguments: ParsedArguments
    private let name: OperatorName
    private let permissions: Set<Permission>

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
        permissions = try UserText.permissions(arguments["--allow"] ?? "all")
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let user = arguments["--run-as"]
        try await UserRunAs.check(user)
        let configuration = try program.configuration(arguments).configuration
        try await OperatorAccess.withOperators(of: configuration) {
            [arguments, name, permissions] operators in
            let isGenerated = arguments.has("--generate")
            let passphrase = try await UserGenerate.passphrase(arguments, operators, console)
            let person = try await operators.create(
                name,
                passphrase: passphrase,
                permissions: permissions,
                runAs: user,
                by: TokenText.principal
            )
            if arguments.has("--json") {
                var writer = JSONWriter()
                UserText.write(person, passphrase: isGenerated ? passphrase : nil, to: &writer)
                return try await console.write(writer.bytes + [10])
            }
            if isGenerated { try await console.print(passphrase.reveal()) }
            await console.say("\(name) is operator \(person.id).")
        }
        return 0
    }
}

/// `deckhand user passwd`.
struct UserPassphraseCommand: OperatorChangeCommand {
    static let specification = CommandSpecification(
        name: "user passwd",
        summary: "Set another passphrase, which ends every sign-in of the operator.",
        operands: [.init(name: "NAME")],
        options: [UserGenerate.option, CommandSpecification.dataDirectory],
        details: UserGenerate.details
    )

    let arguments: ParsedArguments
    private let name: OperatorName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try UserText.name(arguments.operand(0))
    }

    func change(_ operators: OperatorService, _ console: any Console) async throws -> String {
        let passphrase = try await UserGenerate.passphrase(arguments, operators, console)
        try await operators.setPassphrase(passphrase, of: name, by: TokenText.principal)
        if arguments.has("--generate") { try await console.print(passphrase.reveal()) }
        return "\(name) has a new passphrase; every sign-in of theirs is over."
    }
}

/// `deckhand user list`.
struct UserListCommand: Command {
    static let specification = CommandSpecification(
        name: "user list",
        summary: "List the operators.",
        options: [CommandSpecification.json, CommandSpecification.dataDirectory],
        details: "Those of LLM_CHATTER_PASSPHRASE are listed as of the server's last start."
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        let configuration = try program.configuration(arguments).configuration
        try await OperatorAccess.withOperators(of: configuration) { operators in
            let all = try await operators.list()
            try await console.write(printsJSON ? UserText.json(all) : Array(UserText.table(all).utf8))
        }
        return 0
    }
}

/// The option `--generate`.
enum UserGenerate {
    static let option = CommandSpecification.Option(
        flag: "--generate",
        summary: "Make a passphrase and print it, once."
    )
    static let details =
        "The passphrase is typed twice, or read as one line from standard input. Works on the data directory, as its owner, also beside a running server."

    /// Made, or asked for.
    static func passphrase(
        _ arguments: ParsedArguments,
        _ operators: OperatorService,
        _ console: any Console
    ) async throws -> Secret<String> {
        arguments.has("--generate")
            ? operators.generatePassphrase() : try await PassphraseReader(console).read()
    }
}

/// System users that commands run as.
enum UserRunAs {
    /// Throws `Failure` `unknown_user` when there is no such system user; may ask a directory service.
    static func check(_ name: String?) async throws {
        guard let name else { return }
        _ = try await DedicatedThread(name: "user").run { try RunAs.lookUp(name) }
    }
}
