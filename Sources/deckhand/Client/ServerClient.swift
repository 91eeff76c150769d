import Core
import Domain
import HTTPClient

/// The JSON face of a server, as the command line uses it.
struct ServerClient: Sendable {
    private let http: HTTPClient
    private let connection: ServerConnection

    init(_ connection: ServerConnection) {
        var configuration = HTTPClientConfiguration()
        configuration.unixSocketPath = connection.socketPath
        configuration.userAgent = "deckhand/\(Version.current)"
        // Beats three heartbeats of an event stream.
        configuration.silenceTimeout = .seconds(50)
        http = HTTPClient(configuration)
        self.connection = connection
    }

    /// Where the server is, for messages.
    var place: String { connection.place }

    /// Sends a request; answers of 400 and more become a `Failure` with the server's own words.
    func send(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(method, connection.baseURL + path, headers: headers, body: body)
        if let token = connection.token {
            request.headers.append(("Authorization", "Bearer \(token.reveal())"))
        }
        let response = try await http.send(request)
        guard response.status >= 400 else { return response }
        throw Self.failure(response.status, (try? await response.body.collect(limit: 1 << 20)) ?? [])
    }

    /// Sends JSON and reads JSON.
    func json(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let response = try await send(
            method,
            path,
            headers: [("Accept", "application/json")]
                + (body == nil ? [] : [("Content-Type", "application/json")]),
            body: body?.bytes
        )
        let bytes = try await response.body.collect(limit: 64 << 20)
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw Failure(
                .internal,
                code: "not_json",
                message: "What answered at \(place) is not a Deckhand server.",
                hint: "Check --url or DECKHAND_URL."
            )
        }
    }

    /// Says whether trying again may help: the server is not there, or asked for patience.
    static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let failure as Failure: failure.kind == .unavailable || failure.kind == .rateLimited
        case let error as HTTPClientError:
            switch error.code {
            case .cannotConnect, .connectTimedOut, .noAnswerInTime, .silent, .connectionLost: true
            default: false
            }
        default: false
        }
    }

    /// An error in words for a person who started the command.
    func explained(_ error: any Error) -> any Error {
        guard let error = error as? HTTPClientError else { return error }
        switch error.code {
        case .cannotConnect, .connectTimedOut:
            return Failure(
                .unavailable,
                code: error.code.rawValue,
                message: "No server answers at \(place) (\(error.detail)).",
                hint: "Start it with: deckhand serve — or name another one with --url, --socket or --data."
            )
        default:
            return Failure(
                .unavailable,
                code: error.code.rawValue,
                message: "The server at \(place) is not understood: \(error.detail)."
            )
        }
    }

    private static func failure(_ status: Int, _ body: [UInt8]) -> Failure {
        let problem = try? JSONValue(parsing: body)
        let kind: Failure.Kind =
            switch status {
            case 401: .unauthenticated
            case 403: .forbidden
            case 404: .notFound
            case 409: .conflict
            case 413: .tooLarge
            case 422: .unprocessable
            case 429: .rateLimited
            case 502, 503, 504: .unavailable
            case 500...: .internal
            default: .invalid
            }
        return Failure(
            kind,
            code: problem?["code"]?.string ?? "status_\(status)",
            message: problem?["detail"]?.string ?? "The server answered with status \(status).",
            hint: problem?["hint"]?.string
        )
    }
}
