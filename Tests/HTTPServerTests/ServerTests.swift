import CLinux
import Core
import Glibc
import Testing

@testable import HTTPServer

@Suite("Answering requests")
struct ServerTests {
    /// Shows all that the handler sees.
    private static func show(_ request: HTTPRequest) -> HTTPResponse {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
        return .text(
            "\(request.method) \(request.path) \(query) body=\(String(decoding: request.body, as: UTF8.self)) "
                + "raw=\(request.rawTarget)"
        )
    }

    @Test("the handler sees method, path, query decoded once, raw target and body")
    func parts() async throws {
        try await withServer(handler: { Self.show($0) }) { server in
            let got = try await server.get("/shell/x%2Fy?cmd=echo%20a%2Bb%2525&n=1+2")
            #expect(got.status == 200)
            let expected = #"GET ["shell", "x/y"] cmd=echo a+b%25;n=1 2 body= "#
            #expect(got.text == expected + "raw=/shell/x%2Fy?cmd=echo%20a%2Bb%2525&n=1+2")
            let client = try server.client()
            try await client.send("POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")
            let answer1 = try await client.response().text
            #expect(answer1 == #"POST ["p"]  body=hello raw=/p"#)
            try await client.send(
                "PUT /p HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            )
            let answer2 = try await client.response().text
            #expect(answer2 == #"PUT ["p"]  body=abcde raw=/p"#)
            for method in ["DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
                let text = try await client.get("/m", method: method).text
                #expect(text.hasPrefix(method + " "))
            }
        }
    }

    @Test("HEAD gets the header of GET and no body, also for streams")
    func head() async throws {
        try await withServer(handler: { request in
            request.pathText == "/stream"
                ? HTTPResponse(status: 200, body: .stream(length: 10) { try await $0.write("0123456789") })
                : .text("hello")
        }) { server in
            let client = try server.client()
            let plain = try await client.get("/", method: "HEAD")
            #expect(plain.header("Content-Length") == "5")
            let answer3 = try await client.get("/stream", method: "HEAD").header("Content-Length")
            #expect(answer3 == "10")
            let answer4 = try await client.get("/").text
            #expect(answer4 == "hello")
        }
    }

    @Test("a request that arrives one byte at a time is answered")
    func bytewise() async throws {
        try await withServer(handler: { Self.show($0) }) { server in
            let client = try server.client()
            for byte in "POST /a?b=%20 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nxyz".utf8 {
                try await client.send([byte])
            }
            let answer5 = try await client.response().text
            #expect(answer5 == #"POST ["a"] b=  body=xyz raw=/a?b=%20"#)
        }
    }

    @Test(
        "white space around values, bare line feeds and empty values are read as the RFC allows",
        arguments: ["X:  a b \t\r\nE:\r\n", "X:a b\nE: \n", "E:\r\nX:\ta b\r\n"]
    )
    func whiteSpace(fields: String) async throws {
        try await withServer(handler: { .text("[\($0.headers["x"] ?? "-")][\($0.headers["e"] ?? "-")]") }) {
            server in
            let text = try await server.get("/", headers: fields).text
            #expect(text == "[a b][]")
        }
    }

    @Test("requests sent ahead are answered in order, on one connection")
    func pipelined() async throws {
        try await withServer(handler: { Self.show($0) }) { server in
            let client = try server.client()
            let requests = (0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }
            try await client.send(requests.joined())
            for number in 0..<50 {
                let holds6 = try await client.response().text.contains("[\"\(number)\"]")
                #expect(holds6)
            }
        }
    }

    @Test("an HTTP/1.0 client is answered without Host, and its connection is closed")
    func oldClient() async throws {
        try await withServer(handler: { Self.show($0) }) { server in
            let client = try server.client()
            try await client.send("GET /old HTTP/1.0\r\n\r\n")
            let answer = String(decoding: try await client.rest(), as: UTF8.self)
            #expect(answer.contains("200 OK") && answer.contains("[\"old\"]"))
        }
    }

    @Test("the peer on a Unix socket is the process that connected")
    func unixPeer() async throws {
        let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max)).sock"
        try await withServer(
            listeners: [.unix(path: path)],
            handler: { .text("\($0.peer) \($0.clientAddress) \($0.listener)") }
        ) { server in
            let client = try RawClient(path: path)
            try await client.send("GET / HTTP/1.1\r\nHost: anything.at.all\r\n\r\n")
            let answer7 = try await client.response().text
            #expect(answer7 == "\(HTTPPeer.local(uid: getuid(), pid: getpid())) local unix")
            // A second server must not take the socket away from the first.
            await #expect(throws: HTTPServerError.self) {
                try await withServer(listeners: [.unix(path: path)]) { _ in }
            }
        }
        let isGone = unsafe access(path, F_OK) != 0
        #expect(isGone)
    }

    @Test("a socket file that nobody listens on is replaced, with the wanted mode")
    func staleSocket() async throws {
        let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max)).sock"
        let stale = SocketCalls.open(AF_UNIX, SOCK_STREAM)
        #expect(SocketCalls.bind(stale, SocketCalls.unixAddress(path)) == 0)
        _ = close(stale)
        try await withServer(listeners: [.unix(path: path)]) { _ in
            var status = stat()
            #expect(unsafe lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let client = try RawClient(path: path)
            let answer8 = try await client.get("/x").text
            #expect(answer8 == "/x")
        }
    }

    @Test("an inherited socket is served")
    func inherited() async throws {
        let descriptor = SocketCalls.open(AF_INET, SOCK_STREAM)
        #expect(SocketCalls.bind(descriptor, SocketCalls.ip4Address([127, 0, 0, 1], 0)) == 0)
        #expect(listen(descriptor, 16) == 0)
        try await withServer(listeners: [.inherited(descriptor: descriptor)]) { server in
            let answer9 = try await server.get("/inherited").text
            #expect(answer9 == "/inherited")
        }
    }

    @Test("an inherited Unix socket stays where the service manager put it")
    func inheritedPath() async throws {
        try await Tool.withFolder { folder in
            let path = folder + "/http.sock"
            let descriptor = SocketCalls.open(AF_UNIX, SOCK_STREAM)
            #expect(SocketCalls.bind(descriptor, SocketCalls.unixAddress(path)) == 0)
            #expect(listen(descriptor, 16) == 0)
            try await withServer(listeners: [.inherited(descriptor: descriptor)]) { _ in }
            #expect(unsafe access(path, F_OK) == 0)
        }
    }

    @Test("access lines and metrics tell the route, never target or header")
    func records() async throws {
        try await withServer(handler: { _ in .text("ok", status: 201) }) { server in
            _ = try await server.get("/secretpath?hash=secretquery", headers: "X-Token: secretheader\r\n")
            try await eventually("the access line is written") {
                server.log.text.contains("\"http.status\":201")
            }
            #expect(server.log.text.contains("\"http.route\":\"/test\""))
            #expect(!server.log.text.contains("secret"))
            #expect(server.metric("deckhand_http_requests_total{status=\"2xx\"}") == 1)
            #expect(server.metric("deckhand_http_requests_in_flight") == 0)
        }
    }

    @Test("an address that is taken is an error that names it")
    func addressInUse() async throws {
        try await withServer { server in
            let error = await #expect(throws: HTTPServerError.self) {
                try await withServer(listeners: [.tcp(host: "127.0.0.1", port: server.port)]) { _ in }
            }
            #expect(error?.reason.contains("127.0.0.1:\(server.port)") == true)
        }
    }
}
