import Core

/// One command of the program.
protocol Command: Sendable {
    static var specification: CommandSpecification { get }

    /// Says whether SIGINT and SIGTERM are handed to the command instead of ending the program.
    static var handlesSignals: Bool { get }

    /// Reads its arguments; does nothing else.
    init(_ arguments: ParsedArguments) throws(UsageError)

    /// Does the work and returns the exit code. Errors are explained by the program, with exit code 1.
    func run(_ program: ProgramContext) async throws -> Int32
}

extension Command {
    static var handlesSignals: Bool { false }
}

/// What commands are given.
struct ProgramContext: Sendable {
    let surroundings: Surroundings
    let console: any Console
    /// Made before any other thread, for commands that handle signals; else nil.
    let signals: SignalSource?

    /// The configuration from flags, environment and file, without `.env`.
    func configuration(_ arguments: ParsedArguments) throws(ConfigurationError) -> ResolvedConfiguration {
        try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve(flags: arguments.values)
    }
}
