import CLinux
import Core
import Domain
import HTTPClient

/// Asks a running server what the pages of a panel ask.
enum PanelDoorProbe {
    enum Answer: Sendable, Equatable {
        case vouched
        /// The server's own words.
        case refused(String, hint: String?)
        /// Nobody listens.
        case silent
    }

    /// Asks for a page of an origin, as the user that this program runs as; what is answered is thrown away.
    static func ask(_ socket: String, origin: String) async -> Answer {
        var configuration = HTTPClientConfiguration()
        configuration.unixSocketPath = socket
        configuration.connectTimeout = .seconds(5)
        configuration.firstByteTimeout = .seconds(10)
        configuration.silenceTimeout = .seconds(10)
        let http = HTTPClient(configuration)
        let body = JSONValue.object(["audience": .string(origin)])
        let request = HTTPClientRequest(
            "POST",
            "http://localhost/v1/panel/assertion",
            headers: [("Content-Type", "application/json")],
            body: body.bytes
        )
        guard let response = try? await http.send(request),
            let bytes = try? await response.body.collect(limit: 64 << 10)
        else { return .silent }
        guard response.status != 200 else { return .vouched }
        let words = try? JSONValue(parsing: bytes)
        return .refused(
            words?["detail"]?.string ?? "The server answered with \(response.status).",
            hint: words?["hint"]?.string
        )
    }

    /// What keeps the panel's users from a socket, in a sentence; nil when they reach it.
    static func obstacle(_ socket: String) -> String? {
        for path in folders(above: socket).reversed() {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return "\(path) is not there." }
            guard status.st_mode & 0o001 != 0 else {
                return "\(path) cannot be entered by the panel's users: chmod o+x \(path)."
            }
        }
        var status = stat()
        guard unsafe lstat(socket, &status) == 0 else { return "There is no socket \(socket)." }
        guard status.st_mode & mode_t(S_IFMT) == mode_t(S_IFSOCK) else { return "\(socket) is no socket." }
        guard status.st_mode & 0o006 == 0o006 else {
            return "\(socket) cannot be opened by the panel's users: restart the server, which makes it anew."
        }
        return nil
    }
}
