import CLinux
import Core
import FoundationEssentials
import HTTPClient
import Synchronization
import Testing
import TestSupport

/// Kills at random moments under load.
///
/// `DECKHAND_CHAOS_ROUNDS` says how many; 50 without it.
@Suite(.serialized) struct ChaosTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["DECKHAND_CHAOS_ROUNDS"].flatMap { Int($0) } ?? 50
    private static let clients = 8

    /// What a client was told.
    private struct Acknowledged: Sendable {
        let ticket: TicketName
        let witness: String
    }

    /// What the clients and the killer share.
    private final class Ledger: Sendable {
        let acknowledged = Mutex<[String: Acknowledged]>([:])
        let isOver = Mutex(false)
        let killedRunners = Mutex(0)
    }

    @Test func killsAtRandomMomentsLoseNothing() async throws {
        var generator = SeededGenerator()
        if let text = ProcessInfo.processInfo.environment["DECKHAND_CHAOS_SEED"], let seed = UInt64(text) {
            generator = SeededGenerator(seed: seed)
        }
        print("chaos: seed \(generator.seed), \(Self.rounds) rounds")
        try await TestServer.with(["DECKHAND_MAX_RUNNING": "8", "DECKHAND_LOG_LEVEL": "warning"]) { server in
            let ledger = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<Self.clients {
                    group.addTask { try await Self.submitAndRetry(server, client, ledger) }
                }
                for round in 0..<Self.rounds {
                    try await Self.kill(server, round, &generator, ledger)
                }
                ledger.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            try await Self.examine(server, ledger, seed: generator.seed)
        }
    }

    /// Kills something after a while and sees to it that a server runs again.
    private static func kill(
        _ server: TestServer,
        _ round: Int,
        _ generator: inout SeededGenerator,
        _ ledger: Ledger
    ) async throws {
        try await Task.sleep(for: .microseconds(Int64.random(in: 0...120_000, using: &generator)))
        let choice = Int.random(in: 0..<10, using: &generator)
        if choice < 2 {
            let runners = Self.runners(of: server)
            if let victim = runners.randomElement(using: &generator) {
                // Counted first: a ticket may be lost for it, also when the runner had just ended by itself.
                ledger.killedRunners.withLock { $0 += 1 }
                _ = CLinux.kill(victim, SIGKILL)
            }
        }
        if choice == 2 || choice == 3 {
            for parent in ProcessList.children(of: server.pid) { _ = CLinux.kill(parent, SIGKILL) }
        }
        guard choice != 0, choice != 2 else { return }
        // Sometimes again while it is still starting.
        try await server.kill()
        if choice == 9 {
            try server.launch()
            try await Task.sleep(for: .microseconds(Int64.random(in: 0...60_000, using: &generator)))
            try await server.kill()
        }
        try await server.start()
    }

    private static func runners(of server: TestServer) -> [pid_t] {
        let marked = ProcessList.withEnvironment(containing: "E2E_SERVER=\(server.folder.path)").filter {
            $0 != server.pid
        }
        return Array(
            Set(
                marked.compactMap { ProcessList.parent(of: $0) }.filter {
                    !marked.contains($0) && $0 > 1 && $0 != server.pid && $0 != getpid()
                }
            )
        )
    }

    /// Submits one command after the other, each with a key, until it is told that it was stored.
    private static func submitAndRetry(_ server: TestServer, _ client: Int, _ ledger: Ledger) async throws {
        var count = 0
        while !ledger.isOver.withLock({ $0 }) {
            count += 1
            let key = "c\(client)-\(count)"
            let witness = server.folder.file("w-\(key)")
            let lines = count % 7 == 0 ? 3_000 : 3
            let command =
                "echo ran >> \(witness); seq -f '\(key) %g' 1 \(lines); sleep 0.0\(count % 5); exit \(count % 100)"
            let session = client % 2 == 0 ? "shared" : "own-\(client)"
            let ticket = try await eventually(
                within: .seconds(60),
                "an answer to \(key)",
                every: .milliseconds(20)
            ) { () -> TicketName? in
                let answer = try? await server.call(
                    "POST",
                    "/v1/sessions/\(session)/tickets",
                    ["command": .string(command), "key": .string(key)]
                )
                guard let answer, [200, 201].contains(answer.status), let number = answer["ticket"]?.integer
                else { return nil }
                return TicketName(session: session, number: Int(number))
            }
            ledger.acknowledged.withLock { $0[key] = Acknowledged(ticket: ticket, witness: witness) }
        }
    }

    private static func examine(_ server: TestServer, _ ledger: Ledger, seed: UInt64) async throws {
        let acknowledged = ledger.acknowledged.withLock { $0 }
        var lost = 0
        var bySession: [String: [Int]] = [:]
        for (key, entry) in acknowledged {
            let parts = key.dropFirst().split(separator: "-").compactMap { Int($0) }
            let json = try await server.end(of: entry.ticket, within: .seconds(60))
            let ran = Files.lines(entry.witness).count
            let output = String(decoding: try await server.output(entry.ticket), as: UTF8.self)
            let whole = (1...(parts[1] % 7 == 0 ? 3_000 : 3)).map { "\(key) \($0)\n" }.joined()
            bySession[entry.ticket.session, default: []].append(entry.ticket.number)
            if json["state"]?.string == "lost" {
                lost += 1
                #expect(ran <= 1, "\(key), seed \(seed)")
                #expect(whole.hasPrefix(output), "\(key), seed \(seed)")
            } else {
                #expect(json["state"]?.string == "exited", "\(key), seed \(seed): \(json)")
                #expect(json["exit_code"]?.integer == Int64(parts[1] % 100), "\(key), seed \(seed)")
                #expect(ran == 1, "\(key) ran \(ran) times, seed \(seed)")
                #expect(
                    output == whole,
                    "\(key), seed \(seed): \(output.utf8.count) of \(whole.utf8.count) bytes"
                )
            }
        }
        let killed = ledger.killedRunners.withLock { $0 }
        #expect(lost <= killed, "\(lost) lost but only \(killed) runners were killed, seed \(seed)")
        for (session, numbers) in bySession {
            let last = Int(
                try await server.call("GET", "/v1/sessions/\(session)").json["last_ticket"]?.integer ?? -1
            )
            #expect(
                numbers.sorted() == Array(1...max(last, 1)),
                "\(session): numbers have gaps or repeats, seed \(seed)"
            )
        }
        #expect(acknowledged.count >= Self.rounds)
        print("chaos: \(acknowledged.count) tickets, \(lost) lost, \(killed) runners killed")
    }

    @Test(.enabled(if: rounds >= 1_000, "ten gigabytes are for `make chaos`"))
    func tenGigabytesCostTheServerNoMemory() async throws {
        try await TestServer.with { server in
            // What all this code and its buffers need is there before the large output is.
            let small = try await server.run("head -c 3000000 /dev/zero | tr '\\0' x", session: "small")
            #expect(small.output.count == 3_000_000)
            let before = ProcessList.memory(of: server.pid)
            let ticket = try await server.submit(
                "head -c 10000000000 /dev/zero | tr '\\0' x",
                session: "large",
                ["timeout": 3_600, "limits": ["output_bytes": 12_000_000_000]]
            )
            var peak: Int64 = 0
            try await eventually(within: .seconds(1_800), "the end of ten gigabytes") {
                peak = max(peak, ProcessList.memory(of: server.pid))
                return try await server.look(ticket)["state"]?.string == "exited"
            }
            #expect(try await server.look(ticket)["output_bytes"]?.integer == 10_000_000_000)
            let response = try await TestServer.client.send(
                .init(
                    "GET",
                    server.baseURL + ticket.path + "/output",
                    headers: [("Authorization", "Bearer " + server.hash)]
                )
            )
            var received: Int64 = 0
            for try await piece in response.body {
                received += Int64(piece.count)
                peak = max(peak, ProcessList.memory(of: server.pid))
            }
            #expect(received == 10_000_000_000)
            #expect(peak - before <= 16 << 20, "\(before) bytes grew to \(peak)")
        }
    }
}
