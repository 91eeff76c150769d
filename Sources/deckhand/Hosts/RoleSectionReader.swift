import Core
import Domain

/// Reads the section `roles` of `deckhand.json5`: what the roles of host applications give.
struct RoleSectionReader {
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(file: String) { source = .file(path: file) }

    /// The usual roles, with those of the section in their places and beside them.
    mutating func read(_ value: JSONValue?) -> RoleTable {
        var roles = RoleTable.standard.roles
        guard let value else { return RoleTable(roles) }
        guard let members = value.object else {
            mistakes.append(
                ConfigurationMistake(
                    key: "roles",
                    source: source,
                    reason: "it does not hold an object",
                    hint: "Write roles: { NAME: { permissions: [\"chat\"] } }."
                )
            )
            return RoleTable(roles)
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            var reader = MemberReader(value, path: "roles.\(name)", source: source)
            if TenantKey(checking: name) == nil {
                reader.note(
                    nil,
                    "this name is not allowed",
                    "Use 1 to 128 bytes, as the role stands in tokens."
                )
            }
            roles[name] = role(&reader)
            mistakes += reader.finish()
        }
        return RoleTable(roles)
    }

    private func role(_ reader: inout MemberReader) -> UserRights {
        let known = Permission.forUsers.sorted().map(\.rawValue).joined(separator: ", ")
        let words = texts("permissions", &reader)
        let permissions = words.compactMap(Permission.init(rawValue:)).filter(Permission.forUsers.contains)
        if permissions.count != words.count {
            let wrong = words.first { word in
                Permission(rawValue: word).map { !Permission.forUsers.contains($0) } ?? true
            }
            reader.note(
                "permissions",
                "users of an application cannot have “\(wrong ?? "")”",
                "Give a list of: \(known)."
            )
        }
        let grants = texts("grants", &reader)
        if let wrong = grants.first(where: { !UserRights.isGrant($0) }) {
            reader.note(
                "grants",
                "“\(wrong)” is not acceptable",
                "Use 1 to 64 letters, digits, dots, dashes, underscores and colons, such as jobs.create."
            )
        }
        return UserRights(permissions: Set(permissions), grants: Set(grants.filter(UserRights.isGrant)))
    }

    private func texts(_ name: String, _ reader: inout MemberReader) -> [String] {
        guard let value = reader.value(of: name) else { return [] }
        let texts = value.array?.map(\.string)
        guard let texts, texts.allSatisfy({ $0 != nil }) else {
            reader.note(name, "it is no list of texts", "Write [\"…\"].")
            return []
        }
        return texts.compactMap(\.self)
    }
}
