internal import Domain
internal import SQL

/// A session as a row.
enum SessionRow {
    static let columns: SQLStatement =
        "id, name, mode, directory, environment, limits, created_by, created, last_number"

    static func session(_ row: SQLRow) throws -> Session {
        guard let mode = SessionMode(rawValue: try row.get("mode")) else {
            throw SQLError(.shape, message: "column mode holds an unknown word")
        }
        return Session(
            id: SessionID(try row.get("id")),
            name: try SessionName(try row.get("name")),
            mode: mode,
            workingDirectory: try row.get("directory"),
            environment: try OptionsText.environment(try row.get("environment")),
            limits: try OptionsText.limits(try row.get("limits")),
            createdBy: PrincipalID(try row.get("created_by")),
            created: try row.get("created"),
            lastNumber: try row.get("last_number")
        )
    }
}
