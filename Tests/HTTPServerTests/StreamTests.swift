import CLinux
import Core
import Synchronization
import Testing

@testable import HTTPServer

@Suite("Streaming responses")
struct StreamTests {
    @Test("chunks arrive in order while they are written, on a connection that stays")
    func chunked() async throws {
        let gate = Announcement<Void>()
        try await withServer(handler: { request in
            if request.pathText == "/plain" { return .text("plain") }
            return HTTPResponse(
                status: 200,
                body: .stream(length: nil) { writer in
                    try await writer.write("first ")
                    await gate.value()
                    for number in 0..<1_000 { try await writer.write("\(number) ") }
                }
            )
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let hasFirst = try await client.waitFor("first ")
            #expect(hasFirst)
            gate.announce(())
            let answer = try await client.response()
            #expect(answer.isComplete)
            #expect(answer.text == "first " + (0..<1_000).map { "\($0) " }.joined())
            let next = try await client.get("/plain").text
            #expect(next == "plain")
        }
    }

    @Test("an HTTP/1.0 client reads a stream until the connection closes")
    func oldClient() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(status: 200, body: .stream(length: nil) { try await $0.write("all of it") })
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            let answer = String(decoding: try await client.rest(), as: UTF8.self)
            #expect(answer.hasSuffix("\r\n\r\nall of it"))
            #expect(!answer.contains("chunked"))
        }
    }

    @Test("a stream of known length carries it and keeps the connection")
    func knownLength() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: 300_000) { writer in
                    for _ in 0..<300 { try await writer.write([UInt8](repeating: 7, count: 1_000)) }
                }
            )
        }) { server in
            let client = try server.client()
            for _ in 0..<2 {
                let answer = try await client.get("/")
                #expect(answer.header("Content-Length") == "300000")
                #expect(answer.isComplete && answer.body.count == 300_000)
            }
        }
    }

    private struct Broken: Error {}

    @Test(
        "a producer that stops short or fails breaks the connection instead of the content",
        arguments: [0, 1, 2]
    )
    func short(kind: Int) async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: kind == 2 ? nil : 100) { writer in
                    try await writer.write("only this")
                    if kind > 0 { throw Broken() }
                }
            )
        }) { server in
            let answer = try await server.get("/")
            #expect(answer.status == 200 && answer.text == "only this")
            #expect(!answer.isComplete)
        }
    }

    @Test("writing more than the announced length is an error for the producer, not for the client")
    func tooLong() async throws {
        let caught = Announcement<HTTPStreamError?>()
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: 4) { writer in
                    try await writer.write("four")
                    do { try await writer.write("more") } catch { caught.announce(error as? HTTPStreamError) }
                }
            )
        }) { server in
            let answer = try await server.get("/")
            #expect(answer.isComplete && answer.text == "four")
            let error = await caught.value()
            #expect(error == .tooLong)
        }
    }

    @Test("a client that does not read suspends the producer within a bound; all of it arrives when it reads")
    func slowReader() async throws {
        let written = Mutex(0)
        let total = 64 << 20
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: Int64(total)) { writer in
                    let piece = [UInt8](repeating: 1, count: 64 << 10)
                    for _ in 0..<(total / piece.count) {
                        try await writer.write(piece)
                        written.withLock { $0 += piece.count }
                    }
                }
            )
        }) { server in
            let client = try RawClient(port: server.port, receiveBuffer: 64 << 10)
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            // It has come to rest when nothing was written for a while.
            var last = -1
            try await eventually("the producer comes to rest") {
                let now = written.withLock { $0 }
                defer { last = now }
                try? await ContinuousClock().sleep(for: .milliseconds(200))
                return now == last && now > 0
            }
            // Our buffer, the library's, and what the kernel takes for both ends (at most 4 MiB and 64 KiB).
            #expect(written.withLock { $0 } < 8 << 20)
            let received = try await client.skip(atLeast: total)
            #expect(received >= total)
            #expect(written.withLock { $0 } == total)
        }
    }

    @Test("a client that leaves makes the next writes fail")
    func clientLeaves() async throws {
        let ended = Announcement<HTTPStreamError?>()
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 1, count: 1_000)) }
                    } catch { ended.announce(error as? HTTPStreamError) }
                }
            )
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try await client.skip(atLeast: 1_000)
            client.leave()
            let error = await ended.value()
            #expect(error == .clientGone)
            try await eventually("nothing is in flight") {
                server.metric("deckhand_http_requests_in_flight") == 0
                    && server.metric("deckhand_http_connections") == 0
            }
        }
    }

    @Test("heartbeats find the client that left an event stream without events")
    func heartbeat() async throws {
        let cancelled = Announcement<Void>()
        try await withServer(handler: { _ in
            SSE.response(heartbeat: .milliseconds(20)) { events in
                try await events.send(SSEEvent(id: "1", data: "hello"))
                do { try await ContinuousClock().sleep(for: .seconds(600)) } catch {
                    cancelled.announce(())
                    throw error
                }
            }
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let hasBeat = try await client.waitFor(":\n\n")
            #expect(hasBeat)
            client.leave()
            await cancelled.value()
        }
    }

    @Test("two tasks may write to one stream, and each write stays whole")
    func concurrentWriters() async throws {
        try await withServer(
            configure: { $0.limits.streamBuffer = 1_000 },
            handler: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream(length: nil) { writer in
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for letter in [UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c")] {
                                group.addTask {
                                    for _ in 0..<200 {
                                        try await writer.write([UInt8](repeating: letter, count: 300) + [10])
                                    }
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                )
            }
        ) { server in
            let answer = try await server.get("/")
            let lines = answer.text.split(separator: "\n")
            #expect(lines.count == 600)
            #expect(lines.allSatisfy { $0.count == 300 && Set($0).count == 1 })
        }
    }

    @Test("a thousand idle event streams are open at once and each gets its event")
    func manyStreams() async throws {
        let gate = Announcement<Void>()
        try await withServer(
            configure: { $0.limits.connectionsPerAddress = 2_000 },
            handler: { request in
                SSE.response { events in
                    try await events.send(SSEEvent(data: "open"))
                    await gate.value()
                    try await events.send(SSEEvent(data: "event \(request.pathText)"))
                }
            }
        ) { server in
            var clients: [RawClient] = []
            // Asked at once: a connection that says nothing is closed after some time.
            for number in 0..<1_000 {
                let client = try server.client()
                try await client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                clients.append(client)
            }
            for client in clients {
                let isOpen = try await client.waitFor("data: open\n\n")
                #expect(isOpen)
            }
            #expect(server.metric("deckhand_http_streams") == 1_000)
            gate.announce(())
            for (number, client) in clients.enumerated() {
                let answer = try await client.response()
                #expect(answer.isComplete && answer.text.hasSuffix("data: event /\(number)\n\n"))
            }
        }
    }
}
