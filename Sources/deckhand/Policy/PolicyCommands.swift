import Application
import Core
import Domain
import Storage

/// `deckhand policy list`.
struct PolicyListCommand: Command {
    static let specification = CommandSpecification(
        name: "policy list",
        summary: "List the rules for commands: built-in, of the configuration file, of the database.",
        options: [CommandSpecification.json, CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let printsJSON = arguments.has("--json")
        try await PolicyAccess.withPolicy(of: try program.configuration(arguments).configuration) {
            parts,
            _ in
            let rules = parts.policy.rules.rules
            try await console.write(printsJSON ? PolicyText.json(rules) : Array(PolicyText.list(rules).utf8))
        }
        return 0
    }
}

/// `deckhand policy check`.
struct PolicyCheckCommand: Command {
    static let specification = CommandSpecification(
        name: "policy check",
        summary: "Say what the rules decide about a command, part by part; nothing is run.",
        operands: [.init(name: "COMMAND")],
        options: [
            .init(
                flag: "--origin",
                placeholder: "DOOR",
                summary: "assistant (without this), bridge, tool, get, api, cli or console."
            ),
            .init(flag: "--cwd", placeholder: "DIRECTORY", summary: "Where it would start."),
            CommandSpecification.json, CommandSpecification.dataDirectory,
        ],
        details: "Exits with 0 when it is allowed, 3 when a person is asked, 4 when it is denied."
    )

    private let arguments: ParsedArguments
    private let origin: TicketOrigin

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        let word = arguments["--origin"] ?? TicketOrigin.assistant.rawValue
        guard let origin = TicketOrigin(rawValue: word) else {
            let known = TicketOrigin.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("“\(word)” is not a door; known are \(known)")
        }
        self.origin = origin
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        var code: Int32 = 0
        try await PolicyAccess.withPolicy(of: try program.configuration(arguments).configuration) {
            parts,
            _ in
            let question = PolicyQuestion(
                command: arguments.operand(0),
                origin: origin,
                principal: TokenText.principal,
                workingDirectory: arguments["--cwd"],
                environment: [:]
            )
            let judgement = await parts.policy.judgement(on: question)
            let scope = parts.policy.scope(of: origin)
            if arguments.has("--json") {
                try await console.write(PolicyText.json(judgement, scope: scope))
            } else {
                try await console.write(Array(PolicyText.text(judgement).utf8))
                await console.say("\(judgement.verdict.word) (rules: \(scope.rawValue))")
            }
            code =
                switch judgement.verdict {
                case .allow: 0
                case .ask: 3
                case .deny: 4
                }
        }
        return code
    }
}

/// `deckhand policy test`.
struct PolicyTestCommand: Command {
    static let specification = CommandSpecification(
        name: "policy test",
        summary: "Try all rules on their own examples, without putting anything into force.",
        options: [
            .init(
                flag: "--rules",
                placeholder: "FILE",
                summary: "Rules to try in place of the configured ones."
            ),
            CommandSpecification.dataDirectory,
        ]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let section = try await PolicyOptions.section(arguments)
        try await PolicyAccess.withService(of: try program.configuration(arguments).configuration) {
            service in
            let rules = try await service.rules(with: section).rules
            let examples = rules.reduce(0) { $0 + $1.matches.count + $1.mustNotMatch.count }
            await console.say("\(rules.count) rules hold on their \(examples) examples.")
        }
        return 0
    }
}

/// `deckhand policy replay`.
struct PolicyReplayCommand: Command {
    static let specification = CommandSpecification(
        name: "policy replay",
        summary: "List the recorded commands that would get another verdict under other rules.",
        options: [
            .init(
                flag: "--rules",
                placeholder: "FILE",
                summary: "The other rules: a section “policy”, as JSON5."
            ),
            CommandSpecification.dataDirectory,
        ]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        if arguments["--rules"] == nil { throw UsageError("--rules is missing") }
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let section = try await PolicyOptions.section(arguments)
        try await PolicyAccess.withPolicy(of: try program.configuration(arguments).configuration) {
            parts,
            stores in
            let candidate = try await parts.service.rules(with: section)
            let outcome = try await PolicyReplay(
                policy: parts.policy,
                candidate: candidate,
                store: stores.policy
            ).run()
            let rows = outcome.changes.map { change in
                [
                    change.command.origin.rawValue, change.before.word,
                    change.after.word,
                    PolicyText.rule(change.after), change.command.command,
                ]
            }
            try await console.write(
                Array(TextTable.text(["DOOR", "NOW", "THEN", "RULE", "COMMAND"], rows).utf8)
            )
            let count = outcome.changes.count + outcome.moreChanges
            await console.say("\(count) of \(outcome.judged) distinct commands would get another verdict.")
        }
        return 0
    }
}

/// What several of the commands take.
enum PolicyOptions {
    static func section(_ arguments: ParsedArguments) async throws -> JSONValue? {
        guard let file = arguments["--rules"] else { return nil }
        return try await PolicyAccess.section(ofFile: file)
    }

    static func approval(_ text: String) throws(UsageError) -> ApprovalID {
        guard let number = Int64(text), number > 0 else {
            throw UsageError("“\(text)” is not the number of an approval")
        }
        return ApprovalID(number)
    }
}
