import Core
import Domain

/// Operators as text, and words of the command line as their parts.
enum UserText {
    static func table(_ operators: [Operator]) -> String {
        TextTable.text(
            ["ID", "NAME", "ALLOWS", "RUNS AS", "FROM", "STATE"],
            operators.map { person in
                [
                    "\(person.id)", person.name.rawValue,
                    person.permissions.sorted().map(\.rawValue).joined(separator: ","),
                    person.runAs ?? "-", person.source.rawValue,
                    person.isDisabled ? "disabled" : "enabled",
                ]
            }
        )
    }

    static func json(_ operators: [Operator]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("users")
            writer.array { writer in for person in operators { write(person, passphrase: nil, to: &writer) } }
        }
        return writer.bytes + [10]
    }

    static func write(_ person: Operator, passphrase: Secret<String>?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(person.id.rawValue)
            writer.key("name")
            writer.string(person.name.rawValue)
            writer.key("permissions")
            writer.array { writer in
                for permission in person.permissions.sorted() { writer.string(permission.rawValue) }
            }
            writer.key("run_as")
            if let user = person.runAs { writer.string(user) } else { writer.null() }
            writer.key("source")
            writer.string(person.source.rawValue)
            writer.key("disabled")
            writer.bool(person.isDisabled)
            writer.key("created")
            writer.time(person.created)
            if let passphrase {
                writer.key("passphrase")
                writer.string(passphrase.reveal())
            }
        }
    }

    static func name(_ text: String) throws(UsageError) -> OperatorName {
        do throws(Failure) { return try OperatorName(text) } catch {
            throw UsageError("“\(text)” is not a name; use 1 to 64 letters, digits, _ and -")
        }
    }

    /// Names of permissions, or `all`.
    static func permissions(_ text: String) throws(UsageError) -> Set<Permission> {
        if text == "all" { return Set(Permission.allCases) }
        var result: Set<Permission> = []
        for word in ConfigurationValue.list(text) {
            guard let permission = Permission(rawValue: word) else {
                let known = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("“\(word)” is not a permission; known are \(known), and all")
            }
            result.insert(permission)
        }
        guard !result.isEmpty else {
            throw UsageError("permissions are missing; for example shell.read,chat, or all")
        }
        return result
    }
}
