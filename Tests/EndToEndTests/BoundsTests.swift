import Core
import Testing

/// How much runs at a time, what reading costs, and whose address counts.
@Suite struct BoundsTests {
    @Test func soManyRunInASessionAndInAll() async throws {
        try await TestServer.with([
            "DECKHAND_MAX_RUNNING": "3", "DECKHAND_MAX_RUNNING_PER_SESSION": "2",
        ]) { server in
            let gate = server.folder.file("gate")
            let command = "echo up; until [ -e \(gate) ]; do sleep 0.02; done"
            var tickets: [TicketName] = []
            for session in ["a", "a", "a", "a", "b", "b"] {
                tickets.append(try await server.submit(command, session: session, ["timeout": 600]))
            }
            func running() async throws -> [TicketName] {
                var running: [TicketName] = []
                for ticket in tickets where try await server.state(ticket) == "running" {
                    running.append(ticket)
                }
                return running
            }
            // A session that came later is not kept waiting by the many of an earlier one.
            let expected = [tickets[0], tickets[1], tickets[4]]
            try await eventually("two of one session and one of the other run") {
                try await running() == expected
            }
            // Each free place is taken at once by one that waits; never by more.
            #expect(try await server.call("POST", tickets[4].path + "/cancel?wait=30").status == 200)
            try await eventually("the next one of that session runs") {
                try await running() == [tickets[0], tickets[1], tickets[5]]
            }
            try server.folder.write("", to: "gate")
            for ticket in tickets where ticket != tickets[4] {
                #expect(try await server.end(of: ticket)["exit_code"]?.integer == 0)
            }
        }
    }

    @Test func searchingALargeOutputCostsNoMemory() async throws {
        try await TestServer.with { server in
            // Many lines, one of 100 MB, and the needle behind it.
            let ticket = try await server.submit(
                "seq 1 5000000; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo needle",
                ["timeout": 600, "limits": ["output_bytes": 500_000_000]]
            )
            #expect(try await server.end(of: ticket, within: .seconds(300))["state"]?.string == "exited")
            let before = ProcessList.memory(of: server.pid)
            let over = server.folder.file("over")
            async let peak: Int64 = {
                var peak: Int64 = 0
                while !Files.exists(over) {
                    peak = max(peak, ProcessList.memory(of: server.pid))
                    try await Task.sleep(for: .milliseconds(5))
                }
                return peak
            }()
            #expect(
                try await server.output(ticket, "?grep=needle&limit=1") == Array("5000002:needle\n".utf8)
            )
            #expect(try await server.output(ticket, "?tail=1") == Array("needle\n".utf8))
            #expect(
                try await server.output(ticket, "?lines=4999999-5000000") == Array("4999999\n5000000\n".utf8)
            )
            try server.folder.write("", to: "over")
            #expect(try await peak - before < 48 << 20, "\(before)")
        }
    }

    /// How many wrong hashes from an address are answered until it is slowed down.
    private static func attempts(_ server: TestServer, as address: String) async throws -> Int {
        for attempt in 0..<200 {
            let answer = try await server.get(
                "/history",
                [("session", "x")],
                hash: .some(String(repeating: "w", count: 40)),
                headers: [("X-Forwarded-For", address)]
            )
            if answer.status == 429 { return attempt }
            #expect(answer.status == 401)
        }
        throw TestTrouble("never slowed down")
    }

    @Test(arguments: [true, false])
    func aForwardedAddressCountsFromAConfiguredProxyOnly(isTrusted: Bool) async throws {
        try await TestServer.with(["DECKHAND_TRUSTED_PROXIES": isTrusted ? "127.0.0.1" : ""]) { server in
            let first = try await Self.attempts(server, as: "192.0.2.1")
            #expect(first > 3)
            let second = try await Self.attempts(server, as: "192.0.2.2")
            // Behind a proxy that is not believed, whoever says so has one address.
            #expect((second > 3) == isTrusted, "\(first), \(second)")
        }
    }
}
