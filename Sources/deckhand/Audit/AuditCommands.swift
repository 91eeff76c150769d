import Application
import Core
import Domain

/// `deckhand audit export`.
struct AuditExportCommand: Command {
    static let specification = CommandSpecification(
        name: "audit export",
        summary: "Print the audit log with its checkpoints as JSON lines, with a signed end.",
        options: [CommandSpecification.dataDirectory],
        details: "deckhand audit verify checks what this printed, anywhere."
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        try await AuditAccess.withAudit(of: try program.configuration(arguments).configuration) {
            log,
            files in
            let checkpoints = try await files.all()
            try await log.export(checkpoints, signer: files.signer, by: TokenText.principal) {
                try await console.write($0)
            }
        }
        return 0
    }
}

/// `deckhand audit key`.
struct AuditKeyCommand: Command {
    static let specification = CommandSpecification(
        name: "audit key",
        summary: "Print the public key by which the audit log's checkpoints are verified.",
        options: [CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let data = try openExistingDataDirectory(try program.configuration(arguments).configuration)
        try await program.console.write(Array(try AuditFiles(data).signer.publicKey.utf8))
        return 0
    }
}

/// `deckhand audit prune`.
struct AuditPruneCommand: Command {
    static let specification = CommandSpecification(
        name: "audit prune",
        summary: "Remove old rows of the audit log; a signed cut stands for them.",
        options: [
            .init(
                flag: "--older",
                placeholder: "TIME",
                summary: "Which rows, such as 400d. Required; export the log before."
            ),
            CommandSpecification.dataDirectory,
        ]
    )

    private let arguments: ParsedArguments
    private let age: Duration

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        guard let age = try arguments.duration("--older", unit: "d", atMost: .seconds(36_500 * 86_400)) else {
            throw UsageError("--older is missing")
        }
        self.age = age
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        try await AuditAccess.withAudit(of: try program.configuration(arguments).configuration) {
            [age] log, files in
            let count = try await log.prune(
                before: SystemWallClock().now() - age,
                signer: files.signer,
                by: TokenText.principal
            )
            await console.say(count == 1 ? "1 row is removed." : "\(count) rows are removed.")
        }
        return 0
    }
}
