import Application
import Core
import Domain

/// `deckhand secret set`.
struct SecretSetCommand: SecretChangeCommand {
    static let specification = CommandSpecification(
        name: "secret set",
        summary: "Register a secret that commands use by its name.",
        operands: [.init(name: "NAME")],
        options: [CommandSpecification.dataDirectory],
        details: """
            The value is typed without being shown, twice, or read from standard input as it is but for one newline at its
            end. It is stored encrypted, and nothing prints it again. A command that lists the name finds the value in the
            variable of that name; in outputs it is replaced. A running server takes it in within a second.
            """
    )

    let arguments: ParsedArguments
    private let name: SecretName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try SecretText.name(arguments.operand(0))
    }

    func change(_ secrets: SecretService, _ console: any Console) async throws -> String {
        let value = try await SecretValueReader(console).read()
        _ = try await secrets.set(name, value, by: TokenText.principal)
        return "\(name) is registered."
    }
}

/// `deckhand secret list`.
struct SecretListCommand: Command {
    static let specification = CommandSpecification(
        name: "secret list",
        summary: "List the names of the secrets; values are not shown.",
        options: [CommandSpecification.json, CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        let configuration = try program.configuration(arguments).configuration
        try await SecretAccess.withSecrets(of: configuration) { secrets in
            let all = try await secrets.list()
            try await console.write(printsJSON ? SecretText.json(all) : Array(SecretText.table(all).utf8))
        }
        return 0
    }
}

/// `deckhand secret remove`.
struct SecretRemoveCommand: SecretChangeCommand {
    static let specification = CommandSpecification(
        name: "secret remove",
        summary: "Forget a secret; tickets that wait and name it fail.",
        operands: [.init(name: "NAME")],
        options: [CommandSpecification.dataDirectory]
    )

    let arguments: ParsedArguments
    private let name: SecretName

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        name = try SecretText.name(arguments.operand(0))
    }

    func change(_ secrets: SecretService, _ console: any Console) async throws -> String {
        try await secrets.remove(name, by: TokenText.principal)
        return "\(name) is forgotten. Outputs do not hide its value any more."
    }
}

/// Secrets as text, and words of the command line as their names.
enum SecretText {
    static func name(_ text: String) throws(UsageError) -> SecretName {
        do throws(Failure) { return try SecretName(text) } catch {
            throw UsageError("“\(text)”: \(error.message) \(error.hint ?? "")")
        }
    }

    /// Names in one word, separated by commas.
    static func names(_ text: String) throws(UsageError) -> [SecretName] {
        var names: [SecretName] = []
        for word in ConfigurationValue.list(text) { names.append(try name(word)) }
        return names
    }

    static func table(_ secrets: [NamedSecret]) -> String {
        TextTable.text(
            ["NAME", "CHANGED", "BY"],
            secrets.map { [$0.name.rawValue, $0.changed.rfc3339, $0.changedBy.rawValue] }
        )
    }

    static func json(_ secrets: [NamedSecret]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("secrets")
            writer.array { writer in
                for secret in secrets {
                    writer.object { writer in
                        writer.key("name")
                        writer.string(secret.name.rawValue)
                        writer.key("created")
                        writer.time(secret.created)
                        writer.key("changed")
                        writer.time(secret.changed)
                        writer.key("changed_by")
                        writer.string(secret.changedBy.rawValue)
                    }
                }
            }
        }
        return writer.bytes + [10]
    }
}
