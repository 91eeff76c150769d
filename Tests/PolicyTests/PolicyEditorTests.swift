import Application
import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@Suite("Rules that are changed while the server runs")
struct PolicyEditorTests {
    private static let person = PrincipalID("operator:1")

    private static func rule(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), allowsJSON5: true)
    }

    private static func editor(_ bench: PolicyBench, patience: Duration = .seconds(60)) -> PolicyEditor {
        PolicyEditor(
            policy: bench.policy,
            service: PolicyService(
                store: bench.stores.policy,
                proposals: bench.stores.proposals,
                audit: bench.stores.audit,
                loader: bench.loader,
                section: nil,
                clock: ManualClock()
            ),
            store: bench.stores.policy,
            proposals: bench.stores.proposals,
            cryptography: bench.cryptography,
            clock: ManualClock(),
            patience: patience
        )
    }

    /// Runs what puts stored rules into force for as long as `body` takes.
    private static func running(_ bench: PolicyBench, section: String? = nil, _ body: () async throws -> Void)
        async throws
    {
        let upkeep = PolicyUpkeep(
            policy: bench.policy,
            store: bench.stores.policy,
            section: try section.map { try rule($0) },
            interval: .milliseconds(10),
            logger: bench.logger
        )
        try await withServices([upkeep], body)
    }

    @Test("a rule decides once it is saved, another in its place, and none after its removal")
    func put() async throws {
        let bench = try await PolicyBench()
        let editor = Self.editor(bench)
        let deny = try Self.rule("{ decision: 'deny', program: 'zap', reason: 'No.', matches: ['zap x'] }")
        let ask = try Self.rule("{ decision: 'ask', program: 'zap', reason: 'Ask.', matches: ['zap x'] }")
        try await Self.running(bench) {
            #expect(await bench.verdict("zap x", .cli) == .allow)
            let effect = try await editor.put("no-zap", deny, by: Self.person)
            #expect(effect == .inForce)
            #expect(await bench.verdict("zap x", .cli).rule == "no-zap")
            // Once more the same: nothing changes that could be waited for.
            #expect(try await editor.put("no-zap", deny, by: Self.person) == .inForce)
            #expect(try await editor.put("no-zap", ask, by: Self.person) == .inForce)
            #expect(await bench.verdict("zap x", .cli) == .allow)
            #expect(await bench.verdict("zap x", .assistant).rule == "no-zap")
            #expect(try await editor.stored().map(\.id) == ["no-zap"])
            #expect(try await editor.remove("no-zap", by: Self.person) == .inForce)
            #expect(try await editor.stored().isEmpty)
        }
        let actions = try await bench.stores.audit.entries(limit: 10).map(\.action)
        #expect(actions == ["policy.remove", "policy.change", "policy.add"])
    }

    @Test("a draft is tried on a command beside all other rules, and changes nothing")
    func judgement() async throws {
        let bench = try await PolicyBench()
        let editor = Self.editor(bench)
        let allow = try Self.rule(
            "{ decision: 'allow', program: 'sync', args: [], reason: 'It waits.', matches: ['sync'] }"
        )
        let question = PolicyBench.question("sync", .assistant)
        #expect(try await editor.judgement(on: question).judgement.verdict.isAsk)
        let tried = try await editor.judgement(on: question, after: .put(id: "sync", body: allow))
        #expect(tried.judgement.verdict == .allow && tried.scope == .full)
        #expect(await bench.policy.verdict(on: question).isAsk)
    }

    @Test("what stands in the file or the program is not changed here, and wrong rules are not stored")
    func refusals() async throws {
        let bench = try await PolicyBench(
            section:
                "{ rules: [{ id: 'mine', decision: 'deny', program: 'zap', reason: 'No.', matches: ['zap'] }] }"
        )
        let editor = Self.editor(bench)
        let wrong = try Self.rule("{ decision: 'deny', program: 'zap', reason: 'No.', matches: ['zip'] }")
        await #expect(throws: Failure.self) { try await editor.put("other", wrong, by: Self.person) }
        for id in ["mine", PolicyRuleSet.builtIn.rules[0].id] {
            let failure = await #expect(throws: Failure.self) {
                try await editor.remove(id, by: Self.person)
            }
            #expect(failure?.code == "rule_fixed")
        }
        #expect(try await editor.stored().isEmpty)
        #expect(try await bench.stores.audit.entries(limit: 1).isEmpty)
    }

    @Test("recorded commands are compared with a draft, one comparison at a time")
    func replay() async throws {
        let bench = try await PolicyBench()
        try await bench.database.write { db in
            for (number, command) in ["zap x", "zap x", "uptime"].enumerated() {
                let row = Int64(number + 1)
                _ = try db.execute(
                    """
                    insert into tickets (id, session_id, number, state, command, origin, submitted_by, created)
                    values (\(4_294_967_296 + row), 1, \(row), 'exited', \(command), 'assistant', 'hash', 1)
                    """
                )
            }
        }
        let editor = Self.editor(bench)
        let deny = try Self.rule("{ decision: 'deny', program: 'zap', reason: 'No.', matches: ['zap x'] }")
        let outcome = try await editor.replay(.put(id: "no-zap", body: deny))
        #expect(outcome.judged == 2)
        #expect(outcome.changes.map(\.command.command) == ["zap x"])
        #expect(outcome.changes.first?.before.isAsk == true && outcome.changes.first?.after.isDeny == true)
        let missing = await #expect(throws: Failure.self) { try await editor.replay(.remove(id: "no-zap")) }
        #expect(missing?.code == "rule_not_found")
    }
}
