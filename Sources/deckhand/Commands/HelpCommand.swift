/// `deckhand help`.
struct HelpCommand: Command {
    static let specification = CommandSpecification(
        name: "help",
        summary: "Say how the program, a command or the configuration is used.",
        operands: [.init(name: "COMMAND", isOptional: true), .init(name: "WORD", isOptional: true)]
    )

    private let topic: [String]

    init(topic: [String]) { self.topic = topic }

    init(_ arguments: ParsedArguments) throws(UsageError) { topic = arguments.operands }

    func run(_ program: ProgramContext) async throws -> Int32 {
        try await program.console.write(Array(try text().utf8))
        return 0
    }

    private func text() throws(UsageError) -> String {
        switch topic.first {
        case nil: return CommandHelp.overview(CommandTable.commands.map(\.specification))
        case "configuration": return ConfigurationReference.help()
        default: return CommandHelp.text(of: try CommandTable.find(topic[...]).command.specification)
        }
    }
}
