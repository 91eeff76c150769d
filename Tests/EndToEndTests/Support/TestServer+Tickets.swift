import CLinux
import Core
import HTTPClient
import Testing

/// A ticket as a test names it.
struct TicketName: Hashable, Sendable {
    let session: String
    let number: Int
    var path: String { "/v1/sessions/\(session)/tickets/\(number)" }
}

extension TestServer {
    /// Submits by GET and expects to be accepted.
    func shell(
        _ command: String,
        session: String? = nil,
        _ more: [(String, String)] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (ticket: TicketName, answer: Answer) {
        let items = [("cmd", command)] + (session.map { [("session", $0)] } ?? []) + more
        let answer = try await get("/shell", items)
        try #require(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
        return (try name(of: answer), answer)
    }

    /// Submits by POST with more members and expects to be accepted.
    func submit(
        _ command: String,
        session: String = "-",
        _ more: [String: JSONValue] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TicketName {
        let body = more.merging(["command": .string(command)]) { $1 }
        let answer = try await call("POST", "/v1/sessions/\(session)/tickets", .object(body))
        try #require(
            answer.status == 201 || answer.status == 200,
            "\(answer.text)",
            sourceLocation: sourceLocation
        )
        return try name(of: answer)
    }

    private func name(of answer: Answer) throws -> TicketName {
        let json = answer.json
        guard let session = json["session"]?.string, let number = json["ticket"]?.integer else {
            throw TestTrouble("no ticket in: \(answer.text)")
        }
        return TicketName(session: session, number: Int(number))
    }

    /// The ticket's JSON as it stands.
    func look(_ ticket: TicketName) async throws -> JSONValue { try await call("GET", ticket.path).json }

    func state(_ ticket: TicketName) async throws -> String { try await look(ticket)["state"]?.string ?? "?" }

    /// Waits until the ticket has one of these states.
    func wait(_ ticket: TicketName, for states: String..., within limit: Duration = .seconds(60)) async throws
    {
        try await eventually(within: limit, "\(ticket) in \(states)") {
            states.contains(try await state(ticket))
        }
    }

    /// Waits until the ticket is over and returns its JSON.
    func end(of ticket: TicketName, within limit: Duration = .seconds(120)) async throws -> JSONValue {
        try await eventually(within: limit, "the end of \(ticket)") {
            let json = try await call("GET", ticket.path + "?wait=20").json
            return ["queued", "starting", "running", "awaiting_approval"].contains(
                json["state"]?.string ?? "running"
            )
                ? nil : json
        }
    }

    /// Runs a command to its end.
    func run(_ command: String, session: String = "-", _ more: [String: JSONValue] = [:]) async throws -> (
        ticket: TicketName, json: JSONValue, output: [UInt8]
    ) {
        let ticket = try await submit(command, session: session, more)
        let json = try await end(of: ticket)
        return (ticket, json, try await output(ticket))
    }

    /// All output, or what the query asks for.
    func output(_ ticket: TicketName, _ query: String = "") async throws -> [UInt8] {
        try await call("GET", ticket.path + "/output" + query).body
    }

    /// Waits until the output contains a text, as a running command writes it.
    func wait(_ ticket: TicketName, toPrint text: String, within limit: Duration = .seconds(60)) async throws
    {
        try await eventually(within: limit, "\(text) from \(ticket)") {
            String(decoding: try await output(ticket), as: UTF8.self).contains(text)
        }
    }

    /// How many tickets exist in all sessions.
    func ticketCount() async throws -> Int {
        let sessions = try await call("GET", "/v1/sessions?limit=1000").json["sessions"]?.array ?? []
        return sessions.reduce(0) { $0 + Int($1["last_ticket"]?.integer ?? 0) }
    }

    /// Follows the ticket's events from an offset to the end of the stream.
    func events(_ ticket: TicketName, after offset: Int64? = nil) async throws -> Followed {
        var headers: [(name: String, value: String)] = [("Authorization", "Bearer " + hash)]
        if let offset { headers.append(("Last-Event-ID", String(offset))) }
        let response = try await Self.client.send(
            HTTPClientRequest("GET", baseURL + ticket.path + "/events", headers: headers)
        )
        guard response.status == 200 else { throw TestTrouble("events: \(response.status)") }
        var followed = Followed()
        for try await event in response.body.events() { try followed.take(event) }
        return followed
    }
}

/// What came over a ticket's event stream.
struct Followed: Sendable {
    var output: [UInt8] = []
    var states: [String] = []
    var lastID = ""
    /// The id after each output event.
    var ids: [Int64] = []

    mutating func take(_ event: ServerSentEvent) throws {
        let json = try JSONValue(parsing: Array(event.data.utf8))
        if !event.id.isEmpty { lastID = event.id }
        switch event.event {
        case "state": states.append(json["state"]?.string ?? "?")
        case "output":
            output += try Self.bytes(of: json)
            ids.append(Int64(event.id) ?? -1)
        case "omitted": ids.append(Int64(event.id) ?? -1)
        default: break
        }
    }

    static func bytes(of json: JSONValue) throws -> [UInt8] {
        if let text = json["text"]?.string { return Array(text.utf8) }
        guard let text = json["base64"]?.string else { throw TestTrouble("an output event without output") }
        return try decode(base64: text)
    }

    private static func decode(base64 text: String) throws -> [UInt8] {
        let url = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        guard let bytes = TextCoding.bytes(base64URL: url) else { throw TestTrouble("not base64: \(text)") }
        return bytes
    }
}
