internal import Core
internal import Domain
internal import SQL

struct SQLOperatorStore: OperatorStore {
    let gate: StorageGate

    func createOperator(_ draft: OperatorDraft, at now: Timestamp) async throws -> Operator {
        try await gate.write { db in
            let isTaken =
                try db.first(
                    "select 1 from operators where lower(name) = \(draft.name.rawValue.lowercased())"
                ) != nil
            guard !isTaken else {
                throw Failure(
                    .conflict,
                    code: "operator_exists",
                    message: "There is an operator of this name already.",
                    hint: "Choose another name; see: deckhand user list"
                )
            }
            let row = try db.first(
                """
                insert into operators (name, passphrase, permissions, run_as, source, created)
                values (\(draft.name.rawValue), \(draft.passphraseHash.reveal()), \(OperatorRow.text(draft.permissions)),
                    \(draft.runAs), \(draft.source.rawValue), \(now))
                returning \(OperatorRow.columns)
                """
            )
            guard let row else { throw SQLError(.shape, message: "the new operator was not returned") }
            return try OperatorRow.person(row)
        }
    }

    func operators() async throws -> [Operator] {
        try await gate.read { db in
            try db.all("select \(OperatorRow.columns) from operators order by id").map(OperatorRow.person)
        }
    }

    func `operator`(_ id: OperatorID) async throws -> Operator? {
        try await gate.read { db in
            try db.first("select \(OperatorRow.columns) from operators where id = \(id.rawValue)")
                .map(OperatorRow.person)
        }
    }

    func credential(named name: OperatorName) async throws -> OperatorCredential? {
        try await gate.read { db in
            let row = try db.first(
                """
                select passphrase, \(OperatorRow.columns) from operators
                where lower(name) = \(name.rawValue.lowercased())
                """
            )
            guard let row else { return nil }
            return OperatorCredential(
                person: try OperatorRow.person(row),
                passphraseHash: Secret(try row.get("passphrase"))
            )
        }
    }

    func changeOperator(
        _ id: OperatorID,
        _ change: OperatorChange,
        at now: Timestamp
    ) async throws -> Operator? {
        try await gate.write { db in
            let change: SQLStatement =
                switch change {
                case .passphrase(let hash): "passphrase = \(hash.reveal()), epoch = epoch + 1"
                case .disable:
                    "epoch = epoch + (disabled is null), disabled = coalesce(disabled, \(now))"
                case .enable: "disabled = null"
                case .permissions(let permissions): "permissions = \(OperatorRow.text(permissions))"
                case .runAs(let user): "run_as = \(user)"
                }
            let row = try db.first(
                "update operators set \(change) where id = \(id.rawValue) returning \(OperatorRow.columns)"
            )
            guard let row else { return nil }
            try db.countAccessChange()
            return try OperatorRow.person(row)
        }
    }
}
