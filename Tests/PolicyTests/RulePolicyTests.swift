import Application
import Core
import Domain
import Processes
import SQL
import Storage
import TestSupport
import Testing

@Suite("Verdicts of the rule policy")
struct RulePolicyTests {
    private static let section = """
        { rules: [{
            id: "list", decision: "allow", program: "ls", options: "-al", operands: ["path*"],
            reason: "Listing changes nothing.", matches: ["ls -l /var/log"], mustNotMatch: ["ls -R /"]
        }] }
        """

    @Test("a model's doors meet all rules, people's doors the deny rules")
    func scopes() async throws {
        let bench = try await PolicyBench(section: Self.section)
        for origin in [TicketOrigin.assistant, .bridge, .tool] {
            #expect(await bench.verdict("ls -l /var/log", origin) == .allow)
            #expect(await bench.verdict("touch /tmp/x", origin).isAsk)
            #expect(await bench.verdict("sudo rm -rf /", origin).isDeny)
            #expect(await bench.verdict("ls -l $(touch /tmp/x)", origin).isAsk)
        }
        for origin in [TicketOrigin.get, .api, .cli, .console] {
            #expect(await bench.verdict("touch /tmp/x", origin) == .allow)
            #expect(await bench.verdict("sudo rm -rf /", origin).rule == "deny.remove-system")
            #expect(await bench.verdict("cat \(bench.folder.path)/keys", origin).rule == "own-data")
            // A mark that makes one character of the slash and itself.
            let marked = "cat /var/../\(bench.folder.path)/\u{301}"
            #expect(await bench.verdict(marked, origin).rule == "own-data")
        }
    }

    @Test("the GET face and the JSON face meet all rules when it is configured so")
    func configuredScopes() async throws {
        let bench = try await PolicyBench(section: "{ api: 'full' }", get: .full)
        #expect(await bench.verdict("touch /tmp/x", .get).isAsk)
        #expect(await bench.verdict("touch /tmp/x", .api).isAsk)
        #expect(await bench.verdict("touch /tmp/x", .cli) == .allow)
        let other = try await PolicyBench()
        #expect(await bench.policy.version != other.policy.version)
        #expect(bench.policy.summary != other.policy.summary)
    }

    @Test(
        "what cannot be parsed asks behind a model's door, and passes behind a person's",
        arguments: ["echo 'x; rm -rf /", "#!/bin/sh\nrm -rf /", "rm -rf /\r\n"]
    )
    func unparsable(_ command: String) async throws {
        let bench = try await PolicyBench()
        #expect(await bench.verdict(command, .assistant).rule == "unparsable")
        #expect(await bench.verdict(command, .get) == .allow)
    }

    @Test("without a parser a model is asked about everything, and people go on")
    func noParser() async throws {
        let bench = try await PolicyBench(parser: MissingParser())
        #expect(await bench.verdict("ls", .assistant).rule == "parser")
        #expect(await bench.verdict("rm -rf /", .get) == .allow)
    }

    @Test("the environment of a ticket counts")
    func environment() async throws {
        let bench = try await PolicyBench(section: Self.section)
        let question = PolicyBench.question(
            "ls -l /var/log",
            .assistant,
            environment: ["LD_PRELOAD": "/tmp/x.so"]
        )
        #expect(await bench.policy.verdict(on: question).rule == "environment")
    }

    @Test("commands that no deny rule can fit are not parsed, others once, also after a restart")
    func parsesOnce() async throws {
        let bench = try await PolicyBench()
        for command in [
            "true", "ls -l /home | wc -l", "df -h 2>/dev/null", "systemctl status nginx", "perform --format",
        ] {
            #expect(await bench.verdict(command, .get) == .allow)
        }
        #expect(bench.parser.count == 0)
        for _ in 0..<3 { #expect(await bench.verdict("rm -rf /etc", .get).isDeny) }
        for _ in 0..<3 { #expect(await bench.verdict("r\\m -rf /etc", .assistant).isDeny) }
        #expect(bench.parser.count == 2)
        let upkeep = PolicyUpkeep(
            policy: bench.policy,
            store: bench.stores.policy,
            section: nil,
            interval: .milliseconds(5),
            logger: bench.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await upkeep.run() }
            try await eventually("the trees are stored") {
                try await bench.database.read { db in
                    try db.first("select count(*) as n from shell_trees")?.get("n", as: Int64.self) == 2
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        let again = bench.again()
        #expect(await again.verdict(on: PolicyBench.question("rm -rf /etc", .get)).isDeny)
        #expect(bench.parser.count == 2)
    }

    @Test("rules with wrong examples do not load, and all mistakes are told")
    func examples() async throws {
        let text = """
            { rules: [
                { id: "a", decision: "ask", program: "ls", reason: "x", matches: ["cat /x"], mustNotMatch: ["ls"] },
                { id: "b", decision: "ask", program: "ls", reason: "x", matches: ["ls 'x"] }
            ] }
            """
        let error = await #expect(throws: Failure.self) { try await PolicyBench(section: text) }
        #expect(error?.code == "policy_invalid")
        for part in ["rule a, field matches", "rule a, field mustNotMatch", "rule b, field matches"] {
            #expect(error?.message.contains(part) ?? false)
        }
    }

    @Test("rules added to the database come into force while it runs; wrong ones do not")
    func reload() async throws {
        let bench = try await PolicyBench()
        let upkeep = PolicyUpkeep(
            policy: bench.policy,
            store: bench.stores.policy,
            section: nil,
            interval: .milliseconds(5),
            logger: bench.logger
        )
        let before = await bench.policy.version
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await upkeep.run() }
            try await bench.add(
                "no-touch",
                "{ decision: 'deny', program: 'touch', reason: 'No.', matches: ['touch x'] }"
            )
            try await eventually("the change") { await bench.verdict("touch /tmp/x", .get).isDeny }
            let good = await bench.policy.version
            #expect(good != before)
            try await bench.add(
                "wrong",
                "{ decision: 'deny', program: 'ls', reason: 'No.', matches: ['cat x'] }"
            )
            try await bench.add("wrong2", "{ decision: 'maybe' }")
            for _ in 0..<20 { _ = await bench.verdict("touch /tmp/x", .get) }
            #expect(await bench.verdict("touch /tmp/x", .get).isDeny)
            #expect(await bench.policy.version == good)
            #expect(try await bench.stores.policy.removePolicyRule("wrong"))
            #expect(try await bench.stores.policy.removePolicyRule("wrong2"))
            #expect(try await bench.stores.policy.removePolicyRule("no-touch"))
            try await eventually("the change") { await bench.verdict("touch /tmp/x", .get) == .allow }
            #expect(await bench.policy.version == before)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
