internal import Core
public import Domain
internal import Synchronization

/// Shows which recorded commands would get another verdict under other rules, before those come into force.
public struct PolicyReplay: Sendable {
    /// A command whose verdict changes.
    public struct Change: Sendable, Equatable {
        /// The command and its door.
        public let command: RecordedCommand
        /// Under the rules in force.
        public let before: PolicyVerdict
        /// Under the other ones.
        public let after: PolicyVerdict
    }

    /// What came of it.
    public struct Outcome: Sendable, Equatable {
        /// How many distinct commands were judged.
        public var judged = 0
        /// How many of them had to be parsed, since no tree was stored.
        public var parsed = 0
        /// The first so many that change, in the order in which they were submitted.
        public var changes: [Change] = []
        /// How many more change.
        public var moreChanges = 0
    }

    private static let mostChanges = 10_000
    private static let parallel = 4
    /// Threads of its own, so that submissions do not wait for it; few, so that they keep processors too.
    private let threads = [DedicatedThread(name: "replay-1"), DedicatedThread(name: "replay-2")]
    private let policy: RulePolicy
    private let store: any PolicyStore
    private let before: RulePolicy.InForce
    private let after: RulePolicy.InForce

    /// Compares the rules in force of a policy with others, over the commands of a store.
    public init(policy: RulePolicy, candidate: PolicyRuleSet, store: any PolicyStore) {
        self.policy = policy
        self.store = store
        let world = MemoizingWorld(policy.world)
        before = policy.inForce(policy.rules, remembering: world)
        after = policy.inForce(candidate, remembering: world)
    }

    /// Judges all recorded commands twice.
    public func run() async throws -> Outcome {
        let outcome = Mutex(Outcome())
        try await store.forEachRecordedCommand { commands in
            let judged = try await judge(commands)
            await policy.commands.flush()
            outcome.withLock { outcome in
                outcome.judged += commands.count
                outcome.parsed += judged.parsed
                for change in judged.changes {
                    if outcome.changes.count < Self.mostChanges {
                        outcome.changes.append(change)
                    } else {
                        outcome.moreChanges += 1
                    }
                }
            }
        }
        return outcome.withLock { $0 }
    }

    private func judge(_ commands: [RecordedCommand]) async throws -> (changes: [Change], parsed: Int) {
        // What no deny rule of either set can fit is allowed by both.
        let relevant = commands.filter { command in
            scopes(of: command) != (.denyOnly, .denyOnly) || before.filter.canMatch(command.command)
                || after.filter.canMatch(command.command)
        }
        let texts = Array(Set(relevant.map(\.command)))
        var parses = await policy.commands.stored(texts)
        let missing = texts.filter { parses[$0] == nil }
        for start in stride(from: 0, to: missing.count, by: Self.parallel) {
            try Task.checkCancellation()
            await withTaskGroup(of: (String, ShellParse).self) { group in
                for text in missing[start..<min(start + Self.parallel, missing.count)] {
                    group.addTask { (text, await policy.commands.parse(text)) }
                }
                for await (text, parse) in group { parses[text] = parse }
            }
        }
        let known = parses
        return (try await changes(of: relevant, known), missing.count)
    }

    /// In the order of the commands.
    private func changes(of commands: [RecordedCommand], _ parses: [String: ShellParse]) async throws
        -> [Change]
    {
        let share = (commands.count + threads.count - 1) / threads.count
        return try await withThrowingTaskGroup(of: (Int, [Change]).self) { group in
            for (number, thread) in threads.enumerated() {
                let part = commands.dropFirst(number * share).prefix(share)
                group.addTask {
                    let changes = try await thread.run {
                        part.compactMap {
                            change(of: $0, parses[$0.command] ?? .unavailable("It was not parsed."))
                        }
                    }
                    return (number, changes)
                }
            }
            var parts = [[Change]](repeating: [], count: threads.count)
            for try await (number, changes) in group { parts[number] = changes }
            return parts.flatMap(\.self)
        }
    }

    private func scopes(of command: RecordedCommand) -> (PolicyScope, PolicyScope) {
        (policy.scope(of: command.origin, before.rules), policy.scope(of: command.origin, after.rules))
    }

    private func change(of command: RecordedCommand, _ parse: ShellParse) -> Change? {
        let scopes = scopes(of: command)
        let old = verdict(on: command, parse, scopes.0, before)
        let new = verdict(on: command, parse, scopes.1, after)
        return old.isSameDecision(as: new) ? nil : Change(command: command, before: old, after: new)
    }

    private func verdict(
        on command: RecordedCommand,
        _ parse: ShellParse,
        _ scope: PolicyScope,
        _ force: RulePolicy.InForce
    ) -> PolicyVerdict {
        switch parse {
        case .tree(let tree):
            let circumstances = PolicyJudge.Circumstances(
                workingDirectory: command.workingDirectory,
                environmentNames: command.environmentNames
            )
            return force.judge.judge(tree, scope: scope, circumstances).verdict
        case .unparsable(let reason), .unavailable(let reason):
            return scope == .full ? .ask(reason: reason, rule: "unparsable") : .allow
        }
    }
}

extension PolicyVerdict {
    /// Says whether both allow, ask or deny, for whatever reason.
    fileprivate func isSameDecision(as other: PolicyVerdict) -> Bool {
        switch (self, other) {
        case (.allow, .allow), (.ask, .ask), (.deny, .deny): true
        default: false
        }
    }
}
