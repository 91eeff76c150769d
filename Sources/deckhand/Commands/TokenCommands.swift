import Application
import CLinux
import Core
import Domain

/// `deckhand token create`.
struct TokenCreateCommand: Command {
    static let specification = CommandSpecification(
        name: "token create",
        summary: "Make a bearer token and print it, once.",
        options: [
            .init(flag: "--name", placeholder: "TEXT", summary: "What people call it."),
            .init(
                flag: "--allow",
                placeholder: "PERMISSION,…",
                summary: "shell.read, shell.run, shell.input, chat, chat.tools."
            ),
            .init(
                flag: "--expires",
                placeholder: "TIME",
                summary: "When it ends, such as 30d; never without this."
            ),
            CommandSpecification.json, CommandSpecification.dataDirectory,
        ],
        details: "Works on the data directory, as its owner, also beside a running server."
    )

    private let arguments: ParsedArguments
    private let name: String
    private let permissions: Set<Permission>
    private let lifetime: Duration?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        guard let name = arguments["--name"], !name.isEmpty else { throw UsageError("--name is missing") }
        self.name = name
        permissions = try Self.permissions(arguments["--allow"] ?? "")
        lifetime = try arguments.duration("--expires", unit: "d", atMost: .seconds(3_650 * 86_400))
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        try await TokenAccess.withTokens(of: try program.configuration(arguments).configuration) {
            [name, permissions, lifetime] tokens in
            let made = try await tokens.create(
                name: name,
                permissions: permissions,
                lifetime: lifetime,
                by: TokenText.principal
            )
            guard !printsJSON else {
                var writer = JSONWriter()
                TokenText.write(made.token, text: made.text, to: &writer)
                return try await console.write(writer.bytes + [10])
            }
            try await console.print(made.text.reveal())
            await console.say("This is token \(made.token.id); it is shown this once.")
        }
        return 0
    }

    static func permissions(_ text: String) throws(UsageError) -> Set<Permission> {
        var result: Set<Permission> = []
        for word in ConfigurationValue.list(text) {
            guard let permission = Permission(rawValue: word) else {
                throw UsageError(
                    "“\(word)” is not a permission; known are shell.read, shell.run, shell.input and chat"
                )
            }
            result.insert(permission)
        }
        guard !result.isEmpty else {
            throw UsageError("--allow is missing; for example --allow shell.read,shell.run")
        }
        return result
    }
}

/// `deckhand token list`.
struct TokenListCommand: Command {
    static let specification = CommandSpecification(
        name: "token list",
        summary: "List the tokens, without their texts.",
        options: [CommandSpecification.json, CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        try await TokenAccess.withTokens(of: try program.configuration(arguments).configuration) { tokens in
            let all = try await tokens.list()
            try await console.write(printsJSON ? TokenText.json(all) : Array(TokenText.table(all).utf8))
        }
        return 0
    }
}

/// `deckhand token revoke`.
struct TokenRevokeCommand: Command {
    static let specification = CommandSpecification(
        name: "token revoke",
        summary: "Refuse a token from the next request on.",
        operands: [.init(name: "ID")],
        options: [CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments
    private let id: Int64

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        guard let id = Int64(arguments.operand(0)) else {
            throw UsageError(
                "“\(arguments.operand(0))” is not the number of a token; see deckhand token list"
            )
        }
        self.id = id
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        try await TokenAccess.withTokens(of: try program.configuration(arguments).configuration) {
            [id] tokens in
            try await tokens.revoke(id, by: TokenText.principal)
        }
        await program.console.say("Token \(id) is revoked.")
        return 0
    }
}

/// Tokens as text.
enum TokenText {
    /// Who acts on the data directory, for the audit log.
    static var principal: PrincipalID { PrincipalID("socket:\(getuid())") }

    static func table(_ tokens: [AccessToken]) -> String {
        TextTable.text(
            ["ID", "NAME", "ALLOWS", "EXPIRES", "LAST USED", "STATE"],
            tokens.map { token in
                [
                    "\(token.id)", token.name,
                    token.permissions.sorted().map(\.rawValue).joined(separator: ","),
                    token.expires?.rfc3339 ?? "never", token.lastUsed?.rfc3339 ?? "never",
                    token.revoked == nil ? "valid" : "revoked",
                ]
            }
        )
    }

    static func json(_ tokens: [AccessToken]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("tokens")
            writer.array { writer in for token in tokens { write(token, text: nil, to: &writer) } }
        }
        return writer.bytes + [10]
    }

    static func write(_ token: AccessToken, text: Secret<String>?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(token.id)
            writer.key("name")
            writer.string(token.name)
            writer.key("permissions")
            writer.array { writer in
                for permission in token.permissions.sorted() { writer.string(permission.rawValue) }
            }
            let times: [(StaticString, Timestamp?)] = [
                ("created", token.created), ("expires", token.expires), ("last_used", token.lastUsed),
                ("revoked", token.revoked),
            ]
            for (key, time) in times {
                writer.key(key)
                if let time { writer.time(time) } else { writer.null() }
            }
            if let text {
                writer.key("token")
                writer.string(text.reveal())
            }
        }
    }
}
