import Core

/// `deckhand serve`.
struct ServeProgramCommand: Command {
    static let specification = CommandSpecification(
        name: "serve",
        summary: "Serve in the foreground until SIGTERM or SIGINT.",
        options: CommandSpecification.configuration,
        details: "The first start makes the data directory and prints the hash once."
    )

    static let handlesSignals = true

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let resolved = try ConfigurationResolver(program.surroundings, readsEnvironmentFile: true)
            .resolve(flags: arguments.values)
        guard let signals = program.signals else { preconditionFailure("serve handles signals") }
        return await ServeCommand(
            resolved: resolved,
            environment: program.surroundings.environment
        ).run(signals: signals)
    }
}
