internal import Core

/// The program's entry: subcommands.
enum Program {
    /// Runs the program and returns its exit code; blocks the main thread.
    static func main(_ arguments: [String]) -> Int32 {
        // Before anything starts a thread: the mask is inherited by all of them.
        let signals = SignalSource()
        return ProgramTask.run { await run(arguments, signals: signals) }
    }

    static func run(_ arguments: [String], signals: SignalSource) async -> Int32 {
        do {
            let resolved = try ConfigurationResolver(.current(), readsEnvironmentFile: true).resolve()
            return await ServeCommand(
                configuration: resolved.configuration,
                warnings: resolved.warnings,
                environment: Surroundings.current().environment
            ).run(signals: signals)
        } catch {
            StandardError.print(String(describing: error))
            return 2
        }
    }
}
