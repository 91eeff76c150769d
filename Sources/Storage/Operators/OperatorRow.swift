internal import Core
internal import Domain
internal import SQL

/// Operators as rows.
enum OperatorRow {
    static let columns: SQLStatement =
        "operators.id as o_id, name, permissions, run_as, source, disabled, operators.epoch as o_epoch, operators.created as o_created"

    static func person(_ row: SQLRow) throws -> Operator {
        let words: String = try row.get("permissions")
        let source: String = try row.get("source")
        let disabled: Timestamp? = try row.get("disabled")
        return Operator(
            id: OperatorID(try row.get("o_id")),
            name: try OperatorName(row.get("name")),
            permissions: permissions(words),
            runAs: try row.get("run_as"),
            source: OperatorSource(rawValue: source) ?? .local,
            isDisabled: disabled != nil,
            epoch: try row.get("o_epoch"),
            created: try row.get("o_created")
        )
    }

    static func text(_ permissions: Set<Permission>) -> String {
        permissions.sorted().map(\.rawValue).joined(separator: " ")
    }

    /// Words of newer versions are left out.
    private static func permissions(_ text: String) -> Set<Permission> {
        Set(text.split(separator: " ").compactMap { Permission(rawValue: String($0)) })
    }
}

extension Connection {
    /// Tells servers of other processes that a sign-in may have ended.
    borrowing func countAccessChange() throws {
        try execute("update counters set value = value + 1 where name = 'access_changes'")
    }
}
