internal import Core

/// The program's entry: subcommands.
enum Program {
    static func run(_ arguments: [String]) async -> Int32 {
        let signals = SignalSource()
        do {
            let resolved = try ConfigurationResolver(.current(), readsEnvironmentFile: true).resolve()
            return await ServeCommand(
                configuration: resolved.configuration, warnings: resolved.warnings,
                environment: Surroundings.current().environment
            ).run(signals: signals)
        } catch {
            StandardError.print(String(describing: error))
            return 2
        }
    }
}
