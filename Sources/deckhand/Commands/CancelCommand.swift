import Core
import Domain

/// `deckhand cancel`.
struct CancelCommand: Command {
    static let specification = CommandSpecification(
        name: "cancel",
        summary: "End a ticket with all its processes, or take it out of the queue.",
        operands: [.init(name: "SESSION"), .init(name: "NUMBER")],
        options: [CommandSpecification.json] + CommandSpecification.connection,
        details: "Waits until it is over, a minute at most. Exit code 1 when it is not over by then."
    )

    private let arguments: ParsedArguments
    private let path: TicketPath

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        path = try TicketPath(session: arguments.operand(0), number: arguments.operand(1))
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let client = ServerClient(try ServerConnection(arguments, program.surroundings))
        let ticket: TicketView
        do {
            ticket = try TicketView.read(try await client.json("POST", path.text + "/cancel?wait=55"))
        } catch {
            throw client.explained(error)
        }
        if arguments.has("--json") { try await program.console.write(ticket.json.bytes + [10]) }
        if ticket.state.isTerminal {
            await program.console.say("Ticket \(path.number) of \(path.session): \(ticket.state.word).")
            return 0
        }
        await program.console.say(
            "Ticket \(path.number) of \(path.session) is still \(ticket.state.word); it is being ended."
        )
        return 1
    }
}
