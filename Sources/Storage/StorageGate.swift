internal import Domain
internal import SQL

/// The way to the database: errors of the engine become failures of the domain here, by their kind.
struct StorageGate: Sendable {
    let database: any Database

    /// Runs a body that only reads.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as SQLError {
            throw Self.translate(error)
        }
    }

    /// Runs a body that writes, with what the audit log is to say about it in the same transaction.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        do {
            guard let note = AuditNote.current else { return try await database.write(body) }
            let (value, isNoted) = try await database.write { db in
                let value = try body(db)
                guard let entries = note.entries(about: value) else { return (value, false) }
                for entry in entries { try db.record(entry) }
                return (value, true)
            }
            if isNoted { note.keep() }
            return value
        } catch let error as SQLError {
            throw Self.translate(error)
        }
    }

    /// A failure for what an operator can mend; the error itself for what is a mistake of ours.
    private static func translate(_ error: SQLError) -> any Error {
        switch error.kind {
        case .full:
            Failure(
                .unavailable,
                code: "storage_full",
                message: "The server's disk is full; nothing was stored.",
                hint: "Free some space on the server, then submit again.",
                retryAfter: .seconds(30)
            )
        case .busy:
            Failure(
                .unavailable,
                code: "storage_busy",
                message: "The server's database is overloaded; nothing was stored.",
                hint: "Try again shortly.",
                retryAfter: .seconds(1)
            )
        case .inputOutput, .inaccessible, .corrupt, .closed:
            Failure(
                .unavailable,
                code: "storage_unavailable",
                message:
                    "The server's database cannot be used at present (\(error.kind), code \(error.code)).",
                hint: "Look at the server's log and disk; `deckhand check` tests both.",
                retryAfter: .seconds(30)
            )
        case .uniqueViolation, .constraint, .interrupted, .shape, .statement: error
        }
    }
}
