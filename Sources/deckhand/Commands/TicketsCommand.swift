import Core
import Domain

/// `deckhand tickets`.
struct TicketsCommand: Command {
    static let specification = CommandSpecification(
        name: "tickets",
        summary: "List a session's tickets, or the sessions.",
        operands: [.init(name: "SESSION", isOptional: true)],
        options: [
            .init(flag: "--after", placeholder: "NUMBER", summary: "Begin after this ticket, or session id."),
            .init(flag: "--limit", placeholder: "NUMBER", summary: "How many at most; 1000 without this."),
            CommandSpecification.json,
        ] + CommandSpecification.connection
    )

    private static let pageSize = 500
    private let arguments: ParsedArguments
    private let session: String?
    private let after: Int
    private let limit: Int

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        session = try arguments.operands.first.map { text throws(UsageError) in try TicketPath.checked(text) }
        after = try arguments.integer("--after", in: 0...Int(Int32.max)) ?? 0
        limit = try arguments.integer("--limit", in: 1...1_000_000) ?? 1_000
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let client = ServerClient(try ServerConnection(arguments, program.surroundings))
        let key = session == nil ? "sessions" : "tickets"
        var rows: [JSONValue] = []
        var next: Int64? = Int64(after)
        while let start = next, rows.count < limit {
            let path = session.map { TicketPath.tickets(of: $0) } ?? "/v1/sessions"
            let count = min(Self.pageSize, limit - rows.count)
            let answer: JSONValue
            do {
                answer = try await client.json("GET", "\(path)?after=\(start)&limit=\(count)")
            } catch {
                throw client.explained(error)
            }
            rows += answer[key]?.array ?? []
            next = answer["next"]?.integer
        }
        if arguments.has("--json") {
            let result: [String: JSONValue] = [key: .array(rows), "next": next.map { .integer($0) } ?? .null]
            try await program.console.write(JSONValue.object(result).bytes + [10])
        } else {
            try await program.console.write(
                Array((session == nil ? Self.sessions(rows) : Self.tickets(rows)).utf8)
            )
            if let next { await program.console.say("There are more; add --after \(next).") }
        }
        return 0
    }

    static func tickets(_ rows: [JSONValue]) -> String {
        TextTable.text(
            ["NUMBER", "STATE", "CODE", "CREATED", "SECONDS", "COMMAND"],
            rows.map { row in
                let code = row["exit_code"]?.integer ?? row["signal"]?.integer.map { 128 + $0 }
                let command = row["command"]?.string ?? ""
                return [
                    row["ticket"]?.integer.map(String.init) ?? "?", row["state"]?.string ?? "?",
                    code.map(String.init) ?? "", row["created"]?.string ?? "",
                    seconds(row["duration"]?.number),
                    command.count > 80 ? command.prefix(79) + "…" : command,
                ]
            }
        )
    }

    static func sessions(_ rows: [JSONValue]) -> String {
        TextTable.text(
            ["ID", "SESSION", "MODE", "TICKETS", "CREATED"],
            rows.map { row in
                [
                    row["id"]?.integer.map(String.init) ?? "?", row["name"]?.string ?? "?",
                    row["mode"]?.string ?? "", row["last_ticket"]?.integer.map(String.init) ?? "",
                    row["created"]?.string ?? "",
                ]
            }
        )
    }

    private static func seconds(_ value: Double?) -> String {
        guard let value, value >= 0, value < 1e9 else { return "" }
        let hundredths = Int64((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
