import Core

/// `deckhand backup`.
struct BackupProgramCommand: Command {
    static let specification = CommandSpecification(
        name: "backup",
        summary: "Copy everything that a server needs into a new folder, also while it serves.",
        operands: [.init(name: "FOLDER")],
        options: [CommandSpecification.dataDirectory],
        details: "The folder holds keys: keep it as private as the data directory."
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let folder = program.surroundings.absolute(arguments.operand(0))
        let configuration = try program.configuration(arguments).configuration
        let data = try openExistingDataDirectory(configuration)
        let files = try await BackupCommand(configuration: configuration, data: data).run(to: folder)
        await program.console.say("\(files) files are in the backup at \(folder).")
        return 0
    }
}

/// `deckhand restore`.
struct RestoreProgramCommand: Command {
    static let specification = CommandSpecification(
        name: "restore",
        summary: "Bring a backup back; the present data is kept beside it.",
        operands: [.init(name: "FOLDER")],
        options: [CommandSpecification.dataDirectory]
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let folder = program.surroundings.absolute(arguments.operand(0))
        let configuration = try program.configuration(arguments).configuration
        switch try await RestoreCommand(configuration: configuration).run(from: folder) {
        case .done(let replaced):
            await program.console.say("The backup is in place.")
            if let replaced { await program.console.say("The earlier data is kept in \(replaced).") }
        case .waits:
            await program.console.say("A server runs; the backup will be put in place when it starts next.")
        }
        return 0
    }
}
