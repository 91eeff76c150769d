internal import Core
internal import Domain
internal import SQL

struct SQLPolicyStore: PolicyStore {
    private static let page = 2_000
    let gate: StorageGate

    func policyRules() async throws -> [StoredPolicyRule] {
        try await gate.read { db in
            try db.all("select id, body, enabled, created_by, created from policy_rules order by created, id")
                .map { row in
                    let text: String = try row.get("body")
                    guard let body = try? JSONValue(parsing: Array(text.utf8)) else {
                        throw SQLError(.shape, message: "a rule is no JSON text")
                    }
                    return StoredPolicyRule(
                        id: try row.get("id"),
                        body: body,
                        isEnabled: try row.get("enabled"),
                        createdBy: PrincipalID(try row.get("created_by")),
                        created: try row.get("created")
                    )
                }
        }
    }

    func addPolicyRule(_ rule: StoredPolicyRule) async throws {
        try await gate.write { db in
            let count = try db.execute(
                """
                insert into policy_rules (id, body, enabled, created_by, created)
                values (\(rule.id), \(String(decoding: rule.body.bytes, as: UTF8.self)), \(rule.isEnabled),
                    \(rule.createdBy.rawValue), \(rule.created))
                on conflict (id) do nothing
                """
            )
            guard count > 0 else {
                throw Failure(
                    .conflict,
                    code: "rule_exists",
                    message: "There is a rule \(rule.id) already.",
                    hint: "Choose another id, or remove that rule first: deckhand policy remove \(rule.id)"
                )
            }
            try Self.change(db)
        }
    }

    func replacePolicyRule(_ rule: StoredPolicyRule) async throws -> Bool {
        try await gate.write { db in
            let count = try db.execute(
                """
                update policy_rules set body = \(String(decoding: rule.body.bytes, as: UTF8.self)),
                    enabled = \(rule.isEnabled), created_by = \(rule.createdBy.rawValue), created = \(rule.created)
                where id = \(rule.id)
                """
            )
            if count > 0 { try Self.change(db) }
            return count > 0
        }
    }

    func removePolicyRule(_ id: String) async throws -> Bool {
        try await gate.write { db in
            let count = try db.execute("delete from policy_rules where id = \(id)")
            if count > 0 { try Self.change(db) }
            return count > 0
        }
    }

    private static func change(_ db: borrowing Connection) throws {
        _ = try db.execute("update counters set value = value + 1 where name = 'policy_changes'")
    }

    func policyChange() async throws -> Int64 {
        try await gate.read { db in
            try db.first("select value from counters where name = 'policy_changes'")?.get("value") ?? 0
        }
    }

    func forEachRecordedCommand(_ body: @Sendable ([RecordedCommand]) async throws -> Void) async throws {
        // Page by page, so that no reader is held for long; of what was seen only hashes are kept.
        var last: Int64 = -1
        var seen: Set<Int> = []
        while true {
            let start = last
            let rows = try await gate.read { db in
                try db.all(
                    """
                    select t.id as id, t.command as command, t.origin as origin, t.options as options,
                        s.mode as mode, s.directory as directory, s.environment as environment
                    from tickets t left join sessions s on s.id = t.session_id
                    where t.id > \(start) order by t.id limit \(Self.page)
                    """
                ).map { row in (id: try row.get("id", as: Int64.self), command: try Self.recorded(row)) }
            }
            guard let end = rows.last?.id else { return }
            last = end
            let fresh = rows.map(\.command).filter { seen.insert($0.hashValue).inserted }
            if !fresh.isEmpty { try await body(fresh) }
        }
    }

    private static func recorded(_ row: SQLRow) throws -> RecordedCommand {
        let word: String = try row.get("origin")
        guard let origin = TicketOrigin(rawValue: word) else {
            throw SQLError(.shape, message: "a ticket has the unknown origin \(word)")
        }
        let options = try OptionsText.options(try row.get("options"))
        // The same as is asked when it is submitted: in a stateful session the ticket before decides where it starts.
        let mode: String? = try row.get("mode")
        let directory: String? = try row.get("directory")
        let environment = try OptionsText.environment(try row.get("environment"))
        return RecordedCommand(
            command: try row.get("command"),
            origin: origin,
            workingDirectory: mode == SessionMode.stateful.rawValue
                ? nil : options.workingDirectory ?? directory,
            environmentNames: Set(options.shownEnvironment.keys).union(environment.keys).sorted()
        )
    }
}
