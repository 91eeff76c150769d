import Core
import Testing

@testable import HTTPServer

@Suite("Draining")
struct DrainTests {
    @Test("a request in flight is answered, its connection closed, and no connection accepted any more")
    func inFlight() async throws {
        let gate = Announcement<Void>()
        let begun = Announcement<Void>()
        try await withServer(handler: { _ in
            begun.announce(())
            await gate.value()
            return .text("finished")
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await begun.value()
            server.stop()
            try await eventually("nothing listens any more") { (try? server.client()) == nil }
            gate.announce(())
            let answer = try await client.response()
            #expect(answer.text == "finished" && answer.header("Connection") == "close")
        }
    }

    @Test("streams are cancelled at once, and the client sees that they were cut")
    func streams() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                status: 200,
                body: .stream(length: nil) { writer in
                    try await writer.write("begin")
                    try await ContinuousClock().sleep(for: .seconds(600))
                }
            )
        }) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let hasBegun = try await client.waitFor("begin")
            #expect(hasBegun)
            server.stop()
            let answer = try await client.response()
            #expect(answer.text == "begin" && !answer.isComplete)
        }
    }

    @Test("a request that takes too long is cancelled at the deadline, and still answered")
    func deadline() async throws {
        try await withServer(
            configure: { $0.limits.drainTimeout = .milliseconds(100) },
            handler: { _ in
                do { try await ContinuousClock().sleep(for: .seconds(600)) } catch {
                    return .text("cancelled")
                }
                return .text("slept")
            }
        ) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await eventually("it runs") { server.metric("deckhand_http_requests_in_flight") == 1 }
            server.stop()
            let answer = try await client.response()
            #expect(answer.text == "cancelled")
        }
    }

    @Test("stopping under load ends cleanly: every answer that begins is whole", arguments: 0..<5)
    func underLoad(round: Int) async throws {
        try await withServer(handler: { request in
            if request.pathText == "/s" {
                return HTTPResponse(
                    status: 200,
                    body: .stream(length: nil) { writer in
                        while true {
                            try await writer.write("tick\n")
                            await Task.yield()
                        }
                    }
                )
            }
            await Task.yield()
            return .text("whole")
        }) { server in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        guard let client = try? server.client() else { return }
                        while let answer = try? await client.get(number < 4 ? "/s" : "/"), answer.status != 0
                        {
                            if number >= 4 { #expect(answer.isComplete && answer.text == "whole") }
                        }
                    }
                }
                try? await ContinuousClock().sleep(for: .milliseconds(100))
                server.stop()
            }
        }
    }
}
