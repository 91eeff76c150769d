internal import Core
internal import Domain
internal import HTTPServer

/// A request on its way through the edge: what was matched, and who asks.
struct RequestContext: Sendable {
    let request: HTTPRequest
    let parameters: [String: String]
    /// Who asks; nil on routes that need nobody, or that look at the credentials themselves.
    let principal: Principal?
    /// What ends the caller's open streams.
    let ends: StreamEnds
    let template: StaticString

    /// Runs what a stream does for as long as the caller's sign-in, token or session lasts.
    ///
    /// Every event stream of an authenticated route goes through this; see ``StreamEnds``.
    func untilSignInEnds<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await ends.run(untilEndOf: StreamEnds.Admission(principal), body)
    }

    /// Runs long work for as long as the client waits for it; cancels it soon after the client has closed its end.
    func whileClientStays<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [request] in
                repeat { try await Task.sleep(for: .milliseconds(500)) } while !request.isClientGone()
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else {
                throw Failure(.cancelled, code: "client_gone", message: "Whoever asked for this has left.")
            }
            return value
        }
    }

    /// Who asks, on routes that are not open and do not look themselves.
    func caller() throws(Failure) -> Principal {
        guard let principal else { throw Authentication.missing }
        return principal
    }

    /// A parameter of the path.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The session's name in the path.
    func sessionName() throws(Failure) -> SessionName { try SessionName(parameter("session")) }

    /// The ticket's number in the path.
    func ticketNumber() throws(Failure) -> Int { try Self.ticketNumber(parameter("number")) }

    /// Reads a ticket's number: digits only.
    static func ticketNumber(_ text: String) throws(Failure) -> Int {
        guard let number = Int(text), number > 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Failure(
                .invalid,
                code: "invalid_ticket",
                message: "Invalid or missing 'ticket' parameter",
                hint: "Send the ticket's number, which is 1 or more."
            )
        }
        return number
    }
}

/// Reading the query with errors that name the parameter.
struct QueryReader {
    let query: HTTPQuery

    init(_ query: HTTPQuery) { self.query = query }

    /// A parameter, or nil when absent; a repeated one is an error because it is not clear which is meant.
    func text(_ name: String) throws(Failure) -> String? {
        guard !query.isRepeated(name) else {
            throw Failure(
                .invalid,
                code: "repeated_parameter",
                message: "The parameter '\(name)' is given more than once.",
                hint: "Send it once; encode & as %26 inside a value."
            )
        }
        return query[name]
    }

    /// Words to search for; nil when there are none.
    func words(_ name: String) throws(Failure) -> String? {
        guard let words = try text(name)?.trimmed, !words.isEmpty else { return nil }
        guard words.utf8.count <= 200 else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' is too long.",
                hint: "Search for up to 200 bytes."
            )
        }
        return words
    }

    /// A whole number within a range.
    func integer(_ name: String, _ range: ClosedRange<Int64>) throws(Failure) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' is not a number in its range.",
                hint: "Send a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return value
    }

    /// A duration in seconds, with fractions.
    func seconds(_ name: String, upTo maximum: Double) throws(Failure) -> Duration? {
        guard let text = try text(name) else { return nil }
        guard let value = Double(text), value >= 0, value <= maximum else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' is not a number of seconds in its range.",
                hint: "Send 0 to \(Int(maximum))."
            )
        }
        return .microseconds(Int64(value * 1_000_000))
    }

    /// A switch: `1`, `true`, `yes` or empty for on.
    func flag(_ name: String) throws(Failure) -> Bool {
        switch try text(name)?.lowercased() {
        case nil, "0", "false", "no": return false
        case "1", "true", "yes", "": return true
        default:
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' is a switch.",
                hint: "Send \(name)=1 or leave it out."
            )
        }
    }

    /// One of some words.
    func word<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Word.Type
    ) throws(Failure) -> Word? where Word.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let value = Word(rawValue: text) else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter '\(name)' has an unknown value.",
                hint: "Send one of: " + Word.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
        return value
    }
}
