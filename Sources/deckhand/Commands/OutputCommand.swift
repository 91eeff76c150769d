import Core
import HTTPClient

/// `deckhand output`.
struct OutputCommand: Command {
    static let specification = CommandSpecification(
        name: "output",
        summary: "Print what a ticket has written so far, byte for byte.",
        operands: [.init(name: "SESSION"), .init(name: "NUMBER")],
        options: [
            .init(
                flag: "--stream",
                placeholder: "NAME",
                summary: "combined, stdout or stderr; combined without this."
            ),
            .init(flag: "--tail", placeholder: "LINES", summary: "Only the last lines."),
            .init(
                flag: "--json",
                summary: "Print the ticket as JSON with the output, invalid UTF-8 replaced."
            ),
        ] + CommandSpecification.connection
    )

    private static let jsonLimit = 64 << 20
    private let arguments: ParsedArguments
    private let path: TicketPath
    private let query: String

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        path = try TicketPath(session: arguments.operand(0), number: arguments.operand(1))
        let stream = arguments["--stream"] ?? "combined"
        guard ["combined", "stdout", "stderr"].contains(stream) else {
            throw UsageError("--stream needs combined, stdout or stderr")
        }
        let tail = try arguments.integer("--tail", in: 1...1_000_000).map { "&tail=\($0)" } ?? ""
        query = "?stream=\(stream)\(tail)"
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let client = ServerClient(try ServerConnection(arguments, program.surroundings))
        do {
            let response = try await client.send("GET", path.text + "/output" + query)
            guard arguments.has("--json") else {
                for try await bytes in response.body { try await program.console.write(bytes) }
                return 0
            }
            let output = try await response.body.collect(limit: Self.jsonLimit)
            var members = try TicketView.read(try await client.json("GET", path.text)).json.object ?? [:]
            members["output"] = .string(String(decoding: output, as: UTF8.self))
            try await program.console.write(JSONValue.object(members).bytes + [10])
            return 0
        } catch {
            throw client.explained(error)
        }
    }
}
