import Core
import HTTPClient
import Synchronization
import TestSupport
import Testing

/// Writes down what happened to the attempts of a request.
private final class AttemptLog: HTTPClientAttempts {
    let lines = Recorder<String>()
    let allowsRetries: Bool

    init(allowsRetries: Bool = true) { self.allowsRetries = allowsRetries }

    func willSend(attempt: Int) { lines.record("send \(attempt)") }
    func wasRefused(attempt: Int, _ refusal: HTTPClientRefusal) {
        lines.record("\(refusal.status) \(String(decoding: refusal.body, as: UTF8.self))")
    }
    func didFail(attempt: Int, _ error: any Error) {
        lines.record((error as? HTTPClientError)?.code.rawValue ?? "\(type(of: error))")
    }
    func mayRetry(_ refusal: HTTPClientRefusal) -> Bool { allowsRetries }
}

@Suite(.timeLimit(.minutes(1))) struct RetryTests {
    /// A server that gives these answers one after the other, and closes after each; an empty one is a lost connection.
    private func server(_ answers: [String]) -> LoopbackServer {
        let next = Mutex(0)
        return LoopbackServer { peer in
            _ = peer.readHead()
            let number = next.withLock { number in
                defer { number += 1 }
                return number
            }
            peer.write(answers[min(number, answers.count - 1)])
        }
    }

    private func answer(_ status: String, _ body: String = "", fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    /// A policy that writes down its waits instead of waiting.
    private func policy(_ waits: Recorder<Duration>) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.jitter = { 0 }
        policy.pause = { wait in waits.record(wait) }
        return policy
    }

    @Test("a request is sent again until it is answered, and each attempt is seen")
    func untilAnswered() async throws {
        let server = server([
            answer("429 Too Many", "slow", fields: "retry-after: 3\r\n"), "", answer("200 OK", "fine"),
        ])
        defer { server.stop() }
        let waits = Recorder<Duration>()
        let log = AttemptLog()
        let answer = try await HTTPClient().send(
            HTTPClientRequest("POST", server.url, body: [1]),
            retrying: policy(waits),
            observer: log
        )
        guard case .accepted(let response) = answer else {
            Issue.record("no success")
            return
        }
        #expect(try await response.body.collect(limit: 9) == Array("fine".utf8))
        #expect(waits.all == [.seconds(3), .seconds(1)])
        #expect(
            log.lines.all == ["send 0", "429 slow", "send 1", "connection_lost", "send 2"]
        )
    }

    @Test("the last refusal is the answer, and a veto ends the retries")
    func refusals() async throws {
        let server = server([answer("500 Oops", "a")])
        defer { server.stop() }
        for (allows, attempts) in [(true, 3), (false, 1)] {
            let waits = Recorder<Duration>()
            let log = AttemptLog(allowsRetries: allows)
            let answer = try await HTTPClient().send(
                HTTPClientRequest("POST", server.url, body: [1]),
                retrying: policy(waits),
                observer: log
            )
            guard case .refused(let refusal) = answer else {
                Issue.record("no refusal")
                return
            }
            #expect(refusal.status == 500)
            #expect(refusal.body == Array("a".utf8))
            #expect(waits.all.count == attempts - 1)
            #expect(log.lines.all.count == attempts * 2)
        }
    }

    @Test("nothing is sent again once a good answer began")
    func notAfterTheHead() async throws {
        let server = server(["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
        defer { server.stop() }
        let waits = Recorder<Duration>()
        let log = AttemptLog()
        let answer = try await HTTPClient().send(
            HTTPClientRequest("POST", server.url, body: [1]),
            retrying: policy(waits),
            observer: log
        )
        guard case .accepted(let response) = answer else {
            Issue.record("no success")
            return
        }
        await #expect(throws: HTTPClientError.self) { try await response.body.collect(limit: 9) }
        #expect(server.connectionCount == 1)
        #expect(log.lines.all == ["send 0"])
    }

    @Test("cancelling ends a wait")
    func cancelledWait() async throws {
        let server = server([answer("503 Later", fields: "retry-after: 100\r\n")])
        defer { server.stop() }
        let waiting = Signal()
        var policy = RetryPolicy()
        policy.pause = { wait in
            waiting.set()
            try await Task.sleep(for: wait)
        }
        let task = Task { [policy] in
            _ = try await HTTPClient().send(
                HTTPClientRequest("GET", server.url),
                retrying: policy,
                observer: AttemptLog()
            )
        }
        await waiting.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("a refused connection is tried three times in all")
    func refusedConnection() async throws {
        let server = server([""])
        let url = server.url
        server.stop()
        let waits = Recorder<Duration>()
        let log = AttemptLog()
        await #expect(throws: HTTPClientError.self) {
            _ = try await HTTPClient().send(
                HTTPClientRequest("GET", url),
                retrying: policy(waits),
                observer: log
            )
        }
        #expect(waits.all == [.milliseconds(500), .seconds(1)])
        #expect(log.lines.all.count { $0 == "cannot_connect" } == 3)
    }
}
