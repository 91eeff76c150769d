import CLinux
import Core
import Crypto
import Domain
import HTTPClient

/// `deckhand run`.
struct RunCommand: Command {
    static let specification = CommandSpecification(
        name: "run",
        summary: "Run a shell command on the server and show its output as it comes.",
        operands: [.init(name: "COMMAND")],
        options: [
            .init(
                flag: "--session",
                placeholder: "NAME",
                summary: "The session; a new one with a random name without this."
            ),
            .init(
                flag: "--timeout",
                placeholder: "TIME",
                summary: "How long the command may run, such as 90s or 10m."
            ),
            .init(flag: "--cwd", placeholder: "DIRECTORY", summary: "Where the command starts."),
            .init(
                flag: "--key",
                placeholder: "TEXT",
                summary: "Run once per session and key; repeating shows the first run. Needs --session."
            ),
            .init(
                flag: "--secret",
                placeholder: "NAME,…",
                summary: "Registered secrets that the command finds in variables of their names."
            ),
            .init(flag: "--interactive", summary: "Hand this program's standard input to the command."),
            .init(
                flag: "--terminal",
                summary: "Give the command a terminal in place of pipes; at a terminal, this one."
            ),
            .init(flag: "--json", summary: "Print each event as a line of JSON in place of the output."),
        ] + CommandSpecification.connection,
        details: """
            The command's output and errors go where it sent them. Ctrl-C cancels the command and waits for its end; a
            second Ctrl-C leaves. When the server restarts meanwhile, the output goes on where it was.

            With --terminal at a terminal, all keys go to the command, Ctrl-C too, and its terminal has the size of this
            one, also when that changes. Ctrl-] three times leaves; the ticket goes on.

            Exit codes: that of the command; 128 and the signal when it was killed; 124 when a limit ended it; 130 when
            it was cancelled; 125 when it did not run; 1 when the server cannot be reached; 2 for wrong usage.
            """
    )

    static let handlesSignals = true

    private let arguments: ParsedArguments
    private let session: String?
    private let timeout: Duration?
    private let key: String
    private let secrets: [SecretName]

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        session = try arguments["--session"].map { text throws(UsageError) in try TicketPath.checked(text) }
        secrets = try SecretText.names(arguments["--secret"] ?? "")
        timeout = try arguments.duration("--timeout", atMost: .seconds(30 * 86_400))
        if let key = arguments["--key"] {
            do throws(Failure) {
                self.key = try IdempotencyKey(key).rawValue
            } catch {
                throw UsageError("--key: \(error.message) \(error.hint ?? "")")
            }
            guard session != nil else {
                throw UsageError("--key needs --session, since keys belong to a session")
            }
        } else {
            key = TextCoding.hex(systemRandomBytes(16))
        }
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let connection = try ServerConnection(arguments, program.surroundings)
        let client = ServerClient(connection)
        let isOurTerminal =
            arguments.has("--terminal") && !arguments.has("--json") && isatty(0) == 1 && isatty(1) == 1
        let body = body(program.surroundings, isLocal: connection.socketPath != nil, isOurTerminal)
        let ticket: TicketView
        do {
            ticket = try await submit(client, body)
        } catch {
            throw client.explained(error)
        }
        if program.console.isInteractive {
            await program.console.say("deckhand: ticket \(ticket.number) of session \(ticket.session)")
        }
        var feeder: InputFeeder?
        if arguments.has("--interactive") || isOurTerminal {
            feeder = InputFeeder(client: client, path: ticket.path, takesKeys: isOurTerminal)
        }
        let raw = isOurTerminal ? RawTerminal() : nil
        defer { raw?.restore() }
        let attendance = TicketAttendance(
            follower: TicketFollower(
                client: client,
                path: ticket.path,
                console: raw == nil ? program.console : RawConsole(base: program.console),
                printsJSON: arguments.has("--json")
            ),
            cancelsOnSignal: true,
            window: raw == nil
                ? nil
                : program.signals.map {
                    WindowFollower(client: client, path: ticket.path, changes: $0.windowChanges())
                }
        )
        return try await attendance.run(program.signals, feeder)
    }

    /// Submits with a key of its own, so that trying again after a lost answer finds the ticket instead of running
    /// the command twice.
    ///
    /// A new session is made first: two of them cost nothing, two runs could.
    private func submit(_ client: ServerClient, _ body: JSONValue) async throws -> TicketView {
        var session = session
        if session == nil {
            let made = try await again { try await client.json("POST", "/v1/sessions", .object([:])) }
            session = try TicketPath.checked(made["name"]?.string ?? "")
        }
        let path = TicketPath.tickets(of: session ?? "")
        return try TicketView.read(try await again { try await client.json("POST", path, body) })
    }

    /// Asks again when an answer was lost, as happens when the server restarts in between; a server that is not
    /// there to begin with is an error at once.
    private func again(_ ask: @Sendable () async throws -> JSONValue) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(30)
        var delay = Duration.milliseconds(50)
        var wasThere = false
        while true {
            do {
                return try await ask()
            } catch  where ServerClient.isTransient(error) && ContinuousClock.now < deadline {
                let neverArrived = (error as? HTTPClientError)?.sentNothing == true
                guard wasThere || !neverArrived else { throw error }
                wasThere = true
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(2))
            }
        }
    }

    private func body(_ surroundings: Surroundings, isLocal: Bool, _ isOurTerminal: Bool) -> JSONValue {
        var members: [String: JSONValue] = [
            "command": .string(arguments.operand(0)), "key": .string(key),
        ]
        if let directory = arguments["--cwd"] {
            members["cwd"] = .string(isLocal ? surroundings.absolute(directory) : directory)
        }
        if let timeout { members["timeout"] = .number(timeout.inSeconds) }
        if !secrets.isEmpty { members["secrets"] = .array(secrets.map { .string($0.rawValue) }) }
        if arguments.has("--interactive") || isOurTerminal {
            members["input"] = .object(["open": .bool(true)])
        }
        if arguments.has("--terminal") {
            let size = RawTerminal.size ?? TerminalSize()
            members["terminal"] = .object([
                "columns": .integer(Int64(size.columns)), "rows": .integer(Int64(size.rows)),
            ])
            if isOurTerminal, let type = surroundings.environment["TERM"], !type.isEmpty {
                members["env"] = .object(["TERM": .string(type)])
            }
        }
        return .object(members)
    }
}
