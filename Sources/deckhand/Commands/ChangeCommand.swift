import Core

/// A command that changes one thing in the data directory, as its owner, and says so in one sentence.
protocol ChangeCommand: Command {
    /// What it is done with, such as `OperatorService`.
    associatedtype Subject

    var arguments: ParsedArguments { get }

    /// Hands the service of a data directory to a closure, and closes everything afterwards.
    static func withService(
        of configuration: Configuration,
        _ body: (Subject) async throws -> Void
    ) async throws

    /// Makes the change; returns what is said.
    func change(_ subject: Subject, _ console: any Console) async throws -> String
}

extension ChangeCommand {
    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let configuration = try program.configuration(arguments).configuration
        try await Self.withService(of: configuration) { service in
            await console.say(try await change(service, console))
        }
        return 0
    }
}
