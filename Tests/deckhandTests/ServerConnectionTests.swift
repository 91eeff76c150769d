import Core
import Testing

@testable import deckhand

@Suite struct ServerConnectionTests {
    private func connection(
        _ words: [String] = [],
        _ environment: [String: String] = [:]
    ) throws -> ServerConnection {
        let specification = CommandSpecification(
            name: "x",
            summary: "",
            options: CommandSpecification.connection
        )
        let surroundings = Surroundings(
            environment: environment,
            workingDirectory: "/work",
            homeDirectory: nil,
            userID: 0,
            executablePath: "/x"
        )
        return try ServerConnection(ParsedArguments(words, for: specification), surroundings)
    }

    @Test("flags beat the environment, a URL beats the socket")
    func choice() throws {
        #expect(try connection().socketPath == "/var/lib/deckhand/deckhand.sock")
        #expect(try connection(["--data", "d"]).socketPath == "/work/d/deckhand.sock")
        #expect(try connection([], ["DECKHAND_SOCKET": "/s"]).socketPath == "/s")
        #expect(try connection(["--socket", "t"], ["DECKHAND_URL": "https://e.com"]).socketPath == "/work/t")
        let url = try connection(["--url", "https://e.com/deck/"], ["DECKHAND_TOKEN": "dh_x"])
        #expect(url.socketPath == nil)
        #expect(url.baseURL == "https://e.com/deck")
        #expect(url.token?.reveal() == "dh_x")
        #expect(!"\(url)".contains("dh_x"))
        #expect(try connection([], ["DECKHAND_URL": "http://127.0.0.1:1"]).baseURL == "http://127.0.0.1:1")
    }

    @Test("tokens do not travel in the clear, and mistakes are usage errors")
    func refusals() {
        let token = ["DECKHAND_TOKEN": "dh_x"]
        #expect(throws: UsageError.self) { try connection(["--url", "http://example.com"], token) }
        #expect(throws: UsageError.self) { try connection(["--url", "http://127.evil.example"], token) }
        #expect(throws: Never.self) { try connection(["--url", "http://127.0.0.1:8083"], token) }
        #expect(throws: Never.self) { try connection(["--url", "http://[::1]:8083"], token) }
        #expect(throws: Never.self) { try connection(["--url", "https://example.com"], token) }
        #expect(throws: UsageError.self) { try connection(["--url", "example.com"]) }
        #expect(throws: UsageError.self) { try connection(["--url", "http://e.com", "--socket", "s"]) }
        #expect(throws: UsageError.self) { try connection([], ["DECKHAND_TOKEN": "a\r\nb"]) }
    }
}
