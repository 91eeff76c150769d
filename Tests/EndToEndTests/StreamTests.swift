import CLinux
import Core
import HTTPClient
import enum TestSupport.Pace
import Testing

/// Events: resumable at every byte, also over a restart, and no reader harms another.
@Suite struct StreamTests {
    @Test func aStreamResumesByteForByteAlsoFromAServerThatWasJustStarted() async throws {
        try await TestServer.with { server in
            let command = "printf 'a\\xffä€😀\\0'; echo err >&2; seq 1 300; printf '\\xf0\\x9f\\x98'"
            let (ticket, _, whole) = try await server.run(command)
            let first = try await server.events(ticket)
            #expect(first.output == whole)
            #expect(first.states == ["exited"])
            let cuts = Array(0...20) + [100, 500, whole.count - 4, whole.count - 1, whole.count]
            for cut in cuts {
                let rest = try await server.events(ticket, after: Int64(cut))
                #expect(rest.output == Array(whole[cut...]), "cut at \(cut)")
                #expect(rest.states == ["exited"])
            }
            try await server.restart()
            for cut in cuts {
                let rest = try await server.events(ticket, after: Int64(cut))
                #expect(rest.output == Array(whole[cut...]), "cut at \(cut) after the restart")
            }
            let wrong = try await server.call(
                "GET",
                ticket.path + "/events",
                headers: [("Last-Event-ID", "x")]
            )
            #expect(wrong.status == 400)
        }
    }

    @Test func aLiveStreamThatIsCutByARestartGoesOnWhereItWas() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit("for i in $(seq 1 400); do echo line $i; sleep 0.005; done")
            var followed = Followed()
            for round in 0..<4 {
                do {
                    try await Self.follow(server, ticket, into: &followed) {
                        round < 3 && $0.ids.count > 10 * (round + 1)
                    }
                } catch {}  // The server was killed under the stream: that is what is tried.
                if round < 3 { try await server.restart() }
            }
            let whole = (1...400).map { "line \($0)\n" }.joined()
            #expect(String(decoding: followed.output, as: UTF8.self) == whole)
            #expect(followed.ids == followed.ids.sorted() && Set(followed.ids).count == followed.ids.count)
            #expect(followed.states.last == "exited")
            #expect(try await server.output(ticket) == Array(whole.utf8))
        }
    }

    private static func follow(
        _ server: TestServer,
        _ ticket: TicketName,
        into followed: inout Followed,
        until enough: (Followed) -> Bool
    ) async throws {
        var headers: [(name: String, value: String)] = [("Authorization", "Bearer " + server.hash)]
        if !followed.lastID.isEmpty { headers.append(("Last-Event-ID", followed.lastID)) }
        let response = try await TestServer.client.send(
            HTTPClientRequest("GET", server.baseURL + ticket.path + "/events", headers: headers)
        )
        for try await event in response.body.events() {
            try followed.take(event)
            if enough(followed) { return }
        }
    }

    @Test func statesAreToldInOrder() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "1"]) { server in
            let blocker = try await server.submit("sleep 60", session: "x")
            let ticket = try await server.submit("echo done", session: "y")
            async let followed = server.events(ticket)
            try await server.wait(blocker, for: "running")
            _ = try await server.call("POST", blocker.path + "/cancel")
            let states = try await followed.states
            #expect(states.last == "exited")
            let order = ["queued", "starting", "running", "exited"]
            let places = states.compactMap { order.firstIndex(of: $0) }
            #expect(places == places.sorted() && places.count == states.count, "\(states)")
        }
    }

    @Test func aSlowReaderHoldsNobodyUp() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit(
                "yes 'a long line of output that fills buffers' | head -c 30000000; sleep 60"
            )
            let request =
                "GET \(ticket.path)/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(server.hash)\r\n\r\n"
            let slow = try await DedicatedThread(name: "slow").run {
                let slow = try (0..<20).map { _ in
                    try WireConnection(port: server.port, receiveBuffer: 16_384)
                }
                for connection in slow { try connection.send(Array(request.utf8)) }
                return slow  // and reads nothing
            }
            try await eventually(within: .seconds(60), "all output while nobody reads") {
                let answer = try await server.call("GET", ticket.path + "/output?offset=29999999")
                return answer.body.count == 1
            }
            // While the buffers of the slow ones fill, the processors are busy; after that nothing of them is felt.
            func time() async throws -> Duration {
                let start = ContinuousClock.now
                let answer = try await server.shell(
                    "echo quick",
                    session: "q",
                    [("fresh", "1"), ("wait", "20")]
                ).answer
                #expect(answer["output"]?.string == "quick\n")
                return ContinuousClock.now - start
            }
            try await eventually(within: .seconds(60), "a quick answer") {
                try await time() < (try await Pace.stretched(.seconds(1)))
            }
            for _ in 0..<20 { #expect(try await time() < (try await Pace.stretched(.seconds(5)))) }
            #expect(ProcessList.memory(of: server.pid) < 300 << 20)
            _ = try await server.call("POST", ticket.path + "/cancel?wait=10")
            // The slow ones still get everything, in order, to the terminal state.
            let received = try await DedicatedThread(name: "slow").run {
                var tail: [UInt8] = []
                var count = 0
                while !tail.contains(Array("\"state\":\"cancelled\"".utf8)) {
                    let piece = slow[0].receive()
                    if piece.isEmpty { break }
                    count += piece.count
                    tail = Array((tail + piece.suffix(1_500)).suffix(1_500))
                }
                return count
            }
            #expect(received > 30_000_000)
        }
    }
}
