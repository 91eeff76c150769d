import Core

/// `deckhand follow`.
struct FollowCommand: Command {
    static let specification = CommandSpecification(
        name: "follow",
        summary: "Show a ticket's output from its beginning until it is over.",
        operands: [.init(name: "SESSION"), .init(name: "NUMBER")],
        options: [
            .init(flag: "--json", summary: "Print each event as a line of JSON in place of the output.")
        ]
            + CommandSpecification.connection,
        details: "Ctrl-C leaves; the ticket goes on. The exit codes are those of run."
    )

    static let handlesSignals = true

    private let arguments: ParsedArguments
    private let path: TicketPath

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        path = try TicketPath(session: arguments.operand(0), number: arguments.operand(1))
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let client = ServerClient(try ServerConnection(arguments, program.surroundings))
        // Asked once, so that a server that is not there is an error at once and not waited for.
        do { _ = try await client.json("GET", path.text) } catch { throw client.explained(error) }
        let follower = TicketFollower(
            client: client,
            path: path,
            console: program.console,
            printsJSON: arguments.has("--json")
        )
        return try await TicketAttendance(follower: follower, cancelsOnSignal: false).run(
            program.signals,
            nil
        )
    }
}
