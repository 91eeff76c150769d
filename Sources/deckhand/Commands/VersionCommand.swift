import Core

/// `deckhand version`.
struct VersionCommand: Command {
    static let specification = CommandSpecification(
        name: "version",
        summary: "Print the program's version.",
        options: [CommandSpecification.json]
    )

    private let printsJSON: Bool

    init(printsJSON: Bool) { self.printsJSON = printsJSON }

    init(_ arguments: ParsedArguments) throws(UsageError) { printsJSON = arguments.has("--json") }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let text = printsJSON ? "{\"version\":\"\(Version.current)\"}" : "deckhand \(Version.current)"
        try await program.console.print(text)
        return 0
    }
}
