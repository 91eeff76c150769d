import CLinux
import Core
import HTTPClient
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    private let client = HTTPClient()

    @Test("method, path, fields and body arrive as given, and so does the answer")
    func exchange() async throws {
        let seen = Mutex("")
        let server = LoopbackServer { peer in
            guard let head = peer.readHead(), let body = peer.readExactly(5) else { return }
            seen.withLock { $0 = head + String(decoding: body, as: UTF8.self) }
            peer.respond("made", status: "201 Created", headers: "X-One:  1 \r\nx-two: 2\r\n")
        }
        defer { server.stop() }
        let response = try await client.send(
            HTTPClientRequest(
                "POST",
                server.url + "/a/../b?x=%2F",
                headers: [("Authorization", "Bearer t"), ("X-Empty", "")],
                body: Array("hello".utf8)
            )
        )
        #expect(response.status == 201)
        #expect(response.headers["x-ONE"] == "1")
        #expect(response.headers["X-Two"] == "2")
        #expect(response.headers["x-three"] == nil)
        #expect(try await response.body.collect(limit: 10) == Array("made".utf8))
        let text = seen.withLock { $0 }
        #expect(text.hasPrefix("POST /a/../b?x=%2F HTTP/1.1\r\n"))
        #expect(text.contains("Authorization: Bearer t\r\n"))
        #expect(text.contains("X-Empty:\r\n"))
        #expect(!text.contains("Expect:"))
        #expect(text.hasSuffix("hello"))
    }

    @Test("error statuses and redirects are answers, not errors", arguments: ["404 Not Found", "302 Found"])
    func statuses(status: String) async throws {
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.respond("x", status: status, headers: "Location: http://127.0.0.1:1/\r\n")
        }
        defer { server.stop() }
        let response = try await client.send(HTTPClientRequest("GET", server.url))
        #expect(String(response.status) == status.prefix(3))
    }

    @Test("interim responses are passed over")
    func interim() async throws {
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            peer.respond("ok")
        }
        defer { server.stop() }
        let response = try await client.send(HTTPClientRequest("GET", server.url))
        #expect(response.status == 200)
        #expect(response.headers["Link"] == nil)
    }

    @Test("HEAD has no body, empty bodies are sent as such")
    func noBodies() async throws {
        let lengths = Mutex<[String]>([])
        let server = LoopbackServer { peer in
            while let head = peer.readHead() {
                let line = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length") }
                lengths.withLock { $0.append(line.map(String.init) ?? "none") }
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.stop() }
        for request in [
            HTTPClientRequest("HEAD", server.url), HTTPClientRequest("DELETE", server.url),
            HTTPClientRequest("POST", server.url, body: []),
        ] {
            #expect(try await client.send(request).body.collect(limit: 0) == [])
        }
        #expect(lengths.withLock { $0 } == ["none", "none", "Content-Length: 0"])
        #expect(server.connectionCount == 1)
    }

    @Test("the body streams while the server still writes")
    func streaming() async throws {
        let goOn = Signal()
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            goOn.block()
            peer.write("3\r\ntwo\r\n0\r\n\r\n")
        }
        defer { server.stop() }
        var pieces = try await client.send(HTTPClientRequest("GET", server.url)).body.makeAsyncIterator()
        #expect(try await pieces.next() == Array("one".utf8))
        goOn.set()
        #expect(try await pieces.next() == Array("two".utf8))
        #expect(try await pieces.next() == nil)
        #expect(try await pieces.next() == nil)
    }

    @Test("a reader that does not read holds the server back, and then gets every byte")
    func backpressure() async throws {
        let size = 48 << 20
        let blocked = Signal()
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            for block in 0..<(size >> 16) {
                if !peer.isWritable(within: 300) { blocked.set() }
                guard peer.write([UInt8](repeating: UInt8(truncatingIfNeeded: block), count: 1 << 16)) else {
                    return
                }
            }
        }
        defer { server.stop() }
        let response = try await client.send(HTTPClientRequest("GET", server.url))
        await blocked.wait()
        var count = 0
        for try await piece in response.body {
            if piece.first != UInt8(truncatingIfNeeded: count >> 16) {
                Issue.record("wrong byte at \(count)")
            }
            count += piece.count
        }
        #expect(count == size)
    }

    @Test("a Unix socket in place of the host")
    func unixSocket() async throws {
        let path = "/tmp/deckhand-client-\(getpid()).sock"
        defer { _ = unsafe unlink(path) }
        let server = LoopbackServer(unixPath: path) { peer in peer.respond(peer.readHead() ?? "") }
        defer { server.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.unixSocketPath = path
        let response = try await HTTPClient(configuration).send(
            HTTPClientRequest("GET", "http://localhost/v1/x")
        )
        let text = String(decoding: try await response.body.collect(limit: 4_096), as: UTF8.self)
        #expect(text.hasPrefix("GET /v1/x HTTP/1.1\r\nHost: localhost\r\n"))
    }

    @Test("proxies of the environment are not used")
    func noProxyFromEnvironment() async throws {
        unsafe setenv("http_proxy", "http://127.0.0.1:1", 1)
        unsafe setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
        defer {
            unsafe unsetenv("http_proxy")
            unsafe unsetenv("ALL_PROXY")
        }
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.respond("ok")
        }
        defer { server.stop() }
        #expect(try await client.send(HTTPClientRequest("GET", server.url)).status == 200)
    }

    @Test("events come out of a stream as they are written")
    func events() async throws {
        let goOn = Signal()
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: a\n\n: ping\n\nda"
            )
            goOn.block()
            peer.write("ta: b\n\ndata: lost")
        }
        defer { server.stop() }
        var events = try await client.send(HTTPClientRequest("GET", server.url)).body.events()
            .makeAsyncIterator()
        #expect(try await events.next() == ServerSentEvent(event: "message", data: "a", id: "1"))
        goOn.set()
        #expect(try await events.next() == ServerSentEvent(event: "message", data: "b", id: "1"))
        #expect(try await events.next() == nil)
    }
}
