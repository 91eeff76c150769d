import CLinux
import Core
import HTTPClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientFailureTests {
    /// The error code of sending and reading a request.
    private func code(
        _ url: String,
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
        limit: Int = 1 << 20
    ) async -> HTTPClientError.Code? {
        do {
            _ = try await HTTPClient(configuration).send(HTTPClientRequest("GET", url)).body.collect(
                limit: limit
            )
            return nil
        } catch {
            return (error as? HTTPClientError)?.code
        }
    }

    /// A server that reads a request, says this, and then waits for the client to go, unless it ends at once.
    private func server(
        saying text: String,
        ends: Bool = false,
        closed: Signal? = nil
    ) -> LoopbackServer {
        LoopbackServer { peer in
            _ = peer.readHead()
            peer.write(text)
            if !ends { peer.waitForClose() }
            closed?.set()
        }
    }

    @Test("a refused connection says that nothing was sent")
    func refused() async {
        let server = server(saying: "")
        let url = server.url
        server.stop()
        var configuration = HTTPClientConfiguration()
        configuration.unixSocketPath = "/nonexistent/socket"
        for configuration in [configuration, HTTPClientConfiguration()] {
            do {
                _ = try await HTTPClient(configuration).send(HTTPClientRequest("GET", url))
                Issue.record("nobody listens there")
            } catch {
                #expect((error as? HTTPClientError)?.code == .cannotConnect)
                #expect((error as? HTTPClientError)?.sentNothing == true)
            }
        }
    }

    @Test("no head in time")
    func noAnswer() async {
        let server = server(saying: "HTTP/1.1 200 OK\r\n")
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.firstByteTimeout = .milliseconds(100)
        #expect(await code(server.url, configuration) == .noAnswerInTime)
    }

    @Test("no connection in time: a server that takes it and says nothing of TLS; nothing was sent")
    func silentHandshake() async {
        let closed = Signal()
        let server = LoopbackServer { peer in
            peer.waitForClose()
            closed.set()
        }
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .milliseconds(100)
        // What follows the connection has its own, longer patience.
        configuration.firstByteTimeout = .seconds(50)
        do {
            let request = HTTPClientRequest("GET", "https://127.0.0.1:\(server.port)/")
            _ = try await HTTPClient(configuration).send(request)
            Issue.record("nobody answered")
        } catch {
            #expect((error as? HTTPClientError)?.code == .connectTimedOut, "\(error)")
            #expect((error as? HTTPClientError)?.sentNothing == true)
        }
        await closed.wait()
    }

    @Test("a body that stops arriving")
    func silence() async {
        let server = server(saying: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.silenceTimeout = .milliseconds(100)
        #expect(await code(server.url, configuration) == .silent)
    }

    @Test(
        "answers that are cut, too large or not HTTP",
        arguments: [
            ("", HTTPClientError.Code.connectionLost),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", .connectionLost),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .connectionLost),
            ("SSH-2.0-OpenSSH_9.2\r\n", .malformedResponse),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"
                    + String(repeating: "x", count: 2_000_000), .tooLarge
            ),
            ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 90_000) + "\r\n\r\n", .tooLarge),
        ]
    )
    func brokenAnswers(text: String, expected: HTTPClientError.Code) async {
        let server = server(saying: text, ends: true)
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.maximumHeaderBytes = 65_536
        #expect(await code(server.url, configuration) == expected)
    }

    @Test("TLS with a server that does not speak it")
    func noTLS() async {
        let server = LoopbackServer { peer in
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.waitForClose()
        }
        defer { server.stop() }
        #expect(await code("https://127.0.0.1:\(server.port)/") == .tlsFailed)
    }

    @Test(
        "what would break the request's text is refused before connecting",
        arguments: [
            HTTPClientRequest("GET", "http://127.0.0.1/a b"),
            HTTPClientRequest("GET", "http://127.0.0.1/\r\nX: y"),
            HTTPClientRequest("GE T", "http://127.0.0.1/"), HTTPClientRequest("GET", "file:///etc/passwd"),
            HTTPClientRequest("GET", "http://127.0.0.1/", headers: [("X", "a\r\nY: b")]),
            HTTPClientRequest("GET", "http://127.0.0.1/", headers: [("X:", "a")]),
            HTTPClientRequest("GET", ""),
        ]
    )
    func invalidRequests(request: HTTPClientRequest) async {
        do {
            _ = try await HTTPClient().send(request)
            Issue.record("the request was sent")
        } catch {
            #expect((error as? HTTPClientError)?.code == .invalidRequest)
        }
    }

    @Test("cancelling the task closes the connection", arguments: ["", "HTTP/1.1 200 OK\r\n\r\nabc"])
    func cancellation(text: String) async {
        let arrived = Signal()
        let closed = Signal()
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write(text)
            arrived.set()
            peer.waitForClose()
            closed.set()
        }
        defer { server.stop() }
        let client = HTTPClient()
        let url = server.url
        let task = Task {
            for try await _ in try await client.send(HTTPClientRequest("GET", url)).body {}
        }
        await arrived.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await closed.wait()
    }

    @Test("letting go of a response closes its connection, and so does reaching the limit")
    func lettingGo() async throws {
        let client = HTTPClient()
        for collects in [true, false] {
            let closed = Signal()
            let server = server(saying: "HTTP/1.1 200 OK\r\n\r\nabc", closed: closed)
            defer { server.stop() }
            do {
                let response = try await client.send(HTTPClientRequest("GET", server.url))
                if collects {
                    await #expect(throws: HTTPClientError.self) { try await response.body.collect(limit: 2) }
                }
            }
            await closed.wait()
        }
    }

    @Test("requests beyond the limit are refused at once, and a client that is shut down fails the rest")
    func limits() async throws {
        let server = server(saying: "HTTP/1.1 200 OK\r\n\r\nabc")
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.maximumConcurrentRequests = 1
        let client = HTTPClient(configuration)
        let response = try await client.send(HTTPClientRequest("GET", server.url))
        do {
            _ = try await client.send(HTTPClientRequest("GET", server.url))
            Issue.record("the second request was sent")
        } catch {
            #expect((error as? HTTPClientError)?.code == .tooManyRequests)
        }
        client.shutDown()
        do {
            _ = try await response.body.collect(limit: 100)
            Issue.record("the body ended")
        } catch {
            #expect((error as? HTTPClientError)?.code == .closed)
        }
    }
}
