import Application
import Core
import Domain
import Processes
import SQL
import Storage
import TestSupport
import Testing

@Suite("Replays of recorded commands under other rules")
struct PolicyReplayTests {
    private static let candidate = """
        { rules: [
            { id: "sync", decision: "allow", program: "sync", args: [], reason: "It waits.", matches: ["sync"] },
            { id: "no-touch", decision: "deny", program: "touch", reason: "No.", matches: ["touch x"] },
        ] }
        """

    /// Tickets as rows, so that a hundred thousand of them take no hundred thousand submissions.
    private func record(_ commands: [(String, TicketOrigin)], _ bench: PolicyBench) async throws {
        try await bench.database.write { db in
            var number =
                try db.first("select coalesce(max(number), 0) as n from tickets")?.get("n", as: Int64.self)
                ?? 0
            for (command, origin) in commands {
                number += 1
                _ = try db.execute(
                    """
                    insert into tickets (id, session_id, number, state, command, origin, submitted_by, created)
                    values (\(4_294_967_296 + number), 1, \(number), 'exited', \(command), \(origin.rawValue), 'hash', 1)
                    """
                )
            }
        }
    }

    private func replay(_ bench: PolicyBench, _ candidate: String = candidate) async throws
        -> PolicyReplay.Outcome
    {
        let json = try JSONValue(parsing: Array(candidate.utf8), allowsJSON5: true)
        return try await PolicyReplay(
            policy: bench.policy,
            candidate: try await bench.loader.load(json),
            store: bench.stores.policy
        ).run()
    }

    @Test("lists what would get another verdict, each distinct command once")
    func changes() async throws {
        let bench = try await PolicyBench()
        try await record(
            [
                ("sync", .assistant), ("sync", .assistant), ("sync", .get), ("touch /tmp/x", .get),
                ("touch /tmp/x", .assistant), ("ls 'x", .assistant), ("rm -rf /", .get), ("true", .cli),
            ],
            bench
        )
        let outcome = try await replay(bench)
        #expect(outcome.judged == 7)
        #expect(
            outcome.changes.map { "\($0.command.origin) \($0.command.command)" } == [
                "assistant sync", "get touch /tmp/x", "assistant touch /tmp/x",
            ]
        )
        #expect(outcome.changes.map(\.after.rule) == [nil, "no-touch", "no-touch"])
        #expect(try await replay(bench, "{}").changes.isEmpty)
    }

    @Test("knows the directory and the variables of a command's session, as its submission did")
    func sessions() async throws {
        let bench = try await PolicyBench()
        try await record([("cat messages", .assistant)], bench)
        // Where it starts is not known without a session.
        #expect(try await replay(bench, Self.noCat).changes.first?.before != .allow)
        try await bench.database.write { db in
            _ = try db.execute(
                """
                insert into sessions (id, name, mode, directory, environment, created_by, created)
                values (1, 'logs', 'parallel', '/var/log', null, 'hash', 1)
                """
            )
        }
        let allowed = try await replay(bench, Self.noCat)
        #expect(allowed.changes.map(\.before) == [.allow])
        #expect(allowed.changes.first?.command.workingDirectory == "/var/log")
        for change in [
            "update sessions set environment = '{\"LD_PRELOAD\":\"/x\"}'",
            "update sessions set environment = null, mode = 'stateful'",
        ] as [SQLStatement] {
            try await bench.database.write { db in _ = try db.execute(change) }
            let changed = try await replay(bench, Self.noCat)
            #expect(changed.changes.first?.before != .allow, "\(change)")
        }
    }

    private static let noCat =
        "{ rules: [{ id: 'no-cat', decision: 'deny', program: 'cat', reason: 'x', matches: ['cat x'] }] }"

    @Test("a hundred thousand commands take seconds, since their trees are stored")
    func many() async throws {
        let bench = try await PolicyBench()
        let count = Environment.number("DECKHAND_REPLAY_COMMANDS") ?? 4_000
        let cryptography = bench.cryptography
        let base = try #require(await shellTree("uptime; touch /tmp/a; ls -l /var/log | sort", bench))
        var batch: [(String, TicketOrigin)] = []
        for place in 0..<count {
            batch.append(("uptime; touch /tmp/\(place); ls -l /var/log | sort", .assistant))
        }
        try await record(batch, bench)
        for start in stride(from: 0, to: count, by: 2_000) {
            try await bench.stores.trees.store(
                batch[start..<min(start + 2_000, count)].map { command, _ in
                    let key = Array(bench.parser.version.utf8) + [0] + Array(command.utf8)
                    return (digest: cryptography.digest(key), parse: .tree(base))
                }
            )
        }
        let start = ContinuousClock.now
        let outcome = try await replay(bench)
        let took = ContinuousClock.now - start
        #expect(outcome.judged == count)
        #expect(outcome.parsed == 0)
        #expect(outcome.changes.count + outcome.moreChanges == count)
        print("replay of \(count) distinct commands: \(took)")
    }

    private func shellTree(_ command: String, _ bench: PolicyBench) async -> ShellTree? {
        if case .tree(let tree) = await bench.parser.parse(command) { tree } else { nil }
    }
}
