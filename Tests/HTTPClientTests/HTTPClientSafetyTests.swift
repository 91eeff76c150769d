import CLinux
import Core
import Glibc
import HTTPClient
import HTTPServer
import TestSupport
import Testing

/// Where requests may go, what they may show, and what is taken from an answer.
@Suite(.timeLimit(.minutes(1))) struct HTTPClientSafetyTests {
    private func error(
        _ request: HTTPClientRequest,
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) async -> HTTPClientError? {
        do {
            _ = try await HTTPClient(configuration).send(request).body.collect(limit: 1 << 20)
            return nil
        } catch {
            return error as? HTTPClientError
        }
    }

    private func server(saying text: String) -> LoopbackServer {
        LoopbackServer { peer in
            _ = peer.readHead()
            peer.write(text)
            peer.waitForClose()
        }
    }

    // MARK: TLS

    private struct GreetingResponder: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(status: 200, headers: [:], body: .bytes(Array("hello".utf8)), routeTemplate: "/")
        }
        func respond(toRejected rejection: HTTPRejection) -> HTTPResponse {
            HTTPResponse(status: 400, headers: [:], body: .bytes([]), routeTemplate: "/")
        }
    }

    @Test("a certificate is refused unless its authority is configured and its name is the host's")
    func certificates() async throws {
        let folder = try ScratchFolder()
        let command =
            "cd '\(folder.path)' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
            + "-days 2 -subj /CN=test -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null"
        let status = await DedicatedThread(name: "openssl").runQuietly { unsafe system(command) }
        try #require(status == 0)
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(listeners: [
                .tls(
                    host: "127.0.0.1",
                    port: 0,
                    certificateFile: folder.file("cert.pem"),
                    keyFile: folder.file("key.pem")
                )
            ]),
            responder: GreetingResponder(),
            logger: Logger(level: .error, sink: MemoryLogSink()),
            metrics: MetricsRegistry()
        )
        let task = Task { try await server.run() }
        defer { task.cancel() }
        let port = try #require(await server.waitUntilListening().first).port
        var trusting = HTTPClientConfiguration()
        trusting.certificateAuthorityFile = folder.file("cert.pem")

        let response = try await HTTPClient(trusting).send(
            HTTPClientRequest("GET", "https://localhost:\(port)/")
        )
        #expect(try await response.body.collect(limit: 9) == Array("hello".utf8))
        #expect(await error(HTTPClientRequest("GET", "https://localhost:\(port)/"))?.code == .tlsFailed)
        #expect(
            await error(HTTPClientRequest("GET", "https://127.0.0.1:\(port)/"), trusting)?.code == .tlsFailed
        )
        trusting.certificateAuthorityFile = folder.file("none.pem")
        #expect(
            await error(HTTPClientRequest("GET", "https://localhost:\(port)/"), trusting)?.code == .tlsFailed
        )
    }

    // MARK: Proxies

    @Test("a configured proxy is asked, except for hosts that bypass it")
    func proxy() async throws {
        let proxy = LoopbackServer { peer in peer.respond(peer.readHead() ?? "") }
        defer { proxy.stop() }
        let direct = LoopbackServer { peer in
            _ = peer.readHead()
            peer.respond("direct")
        }
        defer { direct.stop() }
        unsafe setenv("no_proxy", "*", 1)
        defer { unsafe unsetenv("no_proxy") }
        var configuration = HTTPClientConfiguration()
        configuration.proxy = proxy.url
        let through = try await HTTPClient(configuration).send(HTTPClientRequest("GET", direct.url + "/x"))
        let seen = String(decoding: try await through.body.collect(limit: 4_096), as: UTF8.self)
        #expect(seen.hasPrefix("GET \(direct.url)/x HTTP/1.1\r\n"))
        configuration.proxyBypass = ["example.com", "127.0.0.1"]
        let around = try await HTTPClient(configuration).send(HTTPClientRequest("GET", direct.url))
        #expect(try await around.body.collect(limit: 4_096) == Array("direct".utf8))
    }

    @Test("a proxy that refuses is named as such, and its password is not")
    func refusingProxy() async throws {
        let proxy = server(
            saying: "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        )
        defer { proxy.stop() }
        var configuration = HTTPClientConfiguration()
        configuration.proxy = "http://user:planted-secret@127.0.0.1:\(proxy.port)"
        let error = await error(HTTPClientRequest("GET", "https://api.example/"), configuration)
        #expect(error?.code == .proxyRefused)
        #expect(error?.description.contains("407") == true)
        #expect(error?.sentNothing == true)
        #expect(error?.description.contains("planted") == false)
    }

    // MARK: Answers

    @Test("a redirect of a request with credentials is refused and says where it leads, without the rest")
    func redirects() async throws {
        for status in ["301", "302", "303", "307", "308", "300"] {
            let server = server(
                saying:
                    "HTTP/1.1 \(status) Moved\r\nLocation: https://user:planted-secret@other.example:8443/p?k=planted-secret\r\n"
                    + "Content-Length: 0\r\n\r\n"
            )
            defer { server.stop() }
            var request = HTTPClientRequest(
                "POST",
                server.url,
                headers: [("Authorization", "Bearer x")],
                body: []
            )
            request.redirects = .refused
            let error = await error(request)
            #expect(error?.code == .redirectRefused)
            #expect(error?.detail.contains("https://other.example:8443") == true)
            #expect(error?.detail.contains("planted") == false)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("an answer that is compressed without having been asked is refused")
    func compression() async {
        let server = server(
            saying: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        )
        defer { server.stop() }
        #expect(await error(HTTPClientRequest("GET", server.url))?.code == .malformedResponse)
    }

    @Test(
        "a body beyond its bound is refused, announced or not",
        arguments: ["Content-Length: 5\r\n\r\nabcde", "\r\nabcde"]
    )
    func bodyBound(text: String) async {
        let server = server(saying: "HTTP/1.1 200 OK\r\n\(text)")
        defer { server.stop() }
        var request = HTTPClientRequest("GET", server.url)
        request.maximumBodyBytes = 4
        #expect(await error(request)?.code == .tooLarge)
    }

    @Test("an exchange that drips has an end")
    func totalTime() async {
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\n\r\n")
            while peer.write("x") { usleep(5_000) }
        }
        defer { server.stop() }
        var request = HTTPClientRequest("GET", server.url)
        request.totalTimeout = .milliseconds(200)
        #expect(await error(request)?.code == .notFinishedInTime)
    }

    // MARK: What is shown

    @Test("errors and descriptions hold no path, query, field or body")
    func nothingShown() async throws {
        let closed = server(saying: "")
        closed.stop()
        let secret = "planted-secret"
        let request = HTTPClientRequest(
            "POST",
            "\(closed.url)/\(secret)?key=\(secret)",
            headers: [("Authorization", "Bearer \(secret)")],
            body: Array(secret.utf8)
        )
        #expect("\(request)" == "POST \(closed.url)")
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!dumped.contains("planted") && !dumped.contains("112"))
        #expect(await error(request)?.description.contains("planted") == false)
        let withUser = HTTPClientRequest("GET", "http://user:\(secret)@127.0.0.1/")
        #expect(await error(withUser)?.code == .invalidRequest)
        #expect(await error(withUser)?.description.contains("planted") == false)
        #expect(!"\(withUser)".contains("planted"))
    }

    // MARK: Connections

    @Test("IPv6 addresses")
    func ipv6() async throws {
        let server = LoopbackServer(ipv6: true) { peer in peer.respond(peer.readHead() ?? "") }
        defer { server.stop() }
        let response = try await HTTPClient().send(HTTPClientRequest("GET", server.url + "/six"))
        let head = String(decoding: try await response.body.collect(limit: 4_096), as: UTF8.self)
        #expect(head.contains("Host: [::1]:\(server.port)"))
    }

    @Test("a connection is used again after a stream that was read to its end")
    func reuse() async throws {
        let server = LoopbackServer { peer in
            while peer.readHead() != nil {
                peer.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "9\r\ndata: a\n\n\r\n0\r\n\r\n"
                )
            }
        }
        defer { server.stop() }
        let client = HTTPClient()
        for _ in 0..<5 {
            let response = try await client.send(HTTPClientRequest("POST", server.url, body: [1]))
            var count = 0
            for try await _ in response.body.events() { count += 1 }
            #expect(count == 1)
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a body whose rest is not wanted frees its connection when the end comes soon, else closes it")
    func release() async throws {
        for ends in [true, false] {
            let closed = Signal()
            let goOn = Signal()
            let server = LoopbackServer { peer in
                while peer.readHead() != nil {
                    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
                    goOn.block()
                    if ends { peer.write("3\r\ntwo\r\n0\r\n\r\n") }
                }
                closed.set()
            }
            defer { server.stop() }
            let client = HTTPClient()
            do {
                let response = try await client.send(HTTPClientRequest("GET", server.url))
                var pieces = response.body.makeAsyncIterator()
                #expect(try await pieces.next() == Array("one".utf8))
                response.body.release()
                goOn.set()
            }
            if ends {
                try await eventually("the connection is free") {
                    let before = server.connectionCount
                    try await client.send(HTTPClientRequest("GET", server.url)).body.release()
                    return server.connectionCount == before
                }
            } else {
                await closed.wait()
            }
        }
    }

    @Test("an event that lacks its blank line counts when the caller says so")
    func cutEvent() async throws {
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            peer.respond("data: 1\n\ndata: 2")
        }
        defer { server.stop() }
        for (accepts, expected) in [(true, ["1", "2"]), (false, ["1"])] {
            let response = try await HTTPClient().send(HTTPClientRequest("GET", server.url))
            var data: [String] = []
            for try await event in response.body.events(acceptsCutEvent: { _ in accepts }) {
                data.append(event.data)
            }
            #expect(data == expected)
        }
    }
}

extension DedicatedThread {
    /// Runs a blocking closure that cannot fail.
    fileprivate func runQuietly(_ body: @escaping @Sendable () -> Int32) async -> Int32 {
        (try? await run(body)) ?? -1
    }
}
