import Core
import Domain
import HTTPClient

/// Where the server is: its Unix socket, or a URL with a token from the environment.
struct ServerConnection: Sendable {
    /// What requests' URLs begin with, without a slash at the end.
    let baseURL: String
    let socketPath: String?
    let token: Secret<String>?

    /// `--url` beats DECKHAND_URL; without either the socket of `--socket`, DECKHAND_SOCKET or the data directory.
    ///
    /// Throws ``UsageError`` for a URL that is none, and ``ConfigurationError``.
    init(_ arguments: ParsedArguments, _ surroundings: Surroundings) throws {
        let environment = surroundings.environment
        let token = environment["DECKHAND_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw UsageError("DECKHAND_TOKEN holds characters that a token never has")
        }
        let isLocal = arguments.has("--socket") || arguments.has("--data")
        let url = arguments["--url"] ?? (isLocal ? nil : environment["DECKHAND_URL"])
        if let url, !url.isEmpty {
            guard !arguments.has("--socket") else {
                throw UsageError("--url and --socket exclude each other")
            }
            do throws(UnacceptableValue) {
                let parsed = try BaseURL(url)
                guard token == nil || parsed.scheme == "https" || NetworkAddress.isLoopback(parsed.host)
                else {
                    throw UnacceptableValue(
                        "a token would travel readable for everyone on the way",
                        hint: "Use https://, or an address of this machine."
                    )
                }
                baseURL = parsed.text
            } catch {
                throw UsageError("\(error.reason). \(error.hint)")
            }
            socketPath = nil
            self.token = token.map { Secret($0) }
            return
        }
        let resolved = try ConfigurationResolver(surroundings, readsEnvironmentFile: false)
            .resolve(flags: arguments.values.filter { $0.key == "--socket" || $0.key == "--data" })
        baseURL = "http://localhost\(resolved.configuration.network.basePath)"
        socketPath = resolved.configuration.network.socketPath
        self.token = token.map { Secret($0) }
    }

    private init(_ other: ServerConnection, _ token: Secret<String>) {
        baseURL = other.baseURL
        socketPath = other.socketPath
        self.token = token
    }

    /// The same server with a token.
    func signed(_ token: Secret<String>) -> ServerConnection { ServerConnection(self, token) }

    /// Nobody reads along on the way: the local socket, HTTPS, or this machine.
    var isPrivate: Bool {
        guard socketPath == nil, let url = try? BaseURL(baseURL) else { return true }
        return url.scheme == "https" || NetworkAddress.isLoopback(url.host)
    }

    /// What people are told when nobody answers.
    var place: String { socketPath.map { "the socket \($0)" } ?? baseURL }
}
