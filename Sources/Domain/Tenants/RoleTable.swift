/// What a role or a grant gives.
public struct UserRights: Sendable, Equatable {
    /// Permissions of this server; never one beyond ``Permission/forUsers``.
    public let permissions: Set<Permission>
    /// Permissions that only the host application knows, such as `jobs.create`.
    public let grants: Set<String>

    /// Makes a value; permissions that users cannot have are left out.
    public init(permissions: Set<Permission> = [], grants: Set<String> = []) {
        self.permissions = permissions.intersection(Permission.forUsers)
        self.grants = grants
    }

    /// What both give together.
    public func union(_ other: UserRights) -> UserRights {
        UserRights(
            permissions: permissions.union(other.permissions),
            grants: grants.union(other.grants)
        )
    }

    /// Says whether a text can be a permission of the host application: 1 to 64 letters, digits, `.`, `_`, `-` and `:`.
    public static func isGrant(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}

/// Which roles of the host application give what.
public struct RoleTable: Sendable, Equatable {
    /// By the role's name, as it stands in tokens.
    public let roles: [String: UserRights]

    /// Makes a table.
    public init(_ roles: [String: UserRights]) { self.roles = roles }

    /// The roles when nothing is configured: the two that look after a brand have everything, the others what is granted
    /// to them by name.
    public static let standard = RoleTable([
        "brand_superadmin": UserRights(permissions: Permission.forUsers),
        "brand_admin": UserRights(permissions: Permission.forUsers),
        "store": UserRights(),
        "workshop": UserRights(),
        "accounts": UserRights(),
        "customer_care": UserRights(),
        "field": UserRights(),
    ])

    /// What somebody with a role and own grants has; a role that is not in the table gives nothing.
    public func rights(role: String?, granted: UserRights) -> UserRights {
        (role.flatMap { roles[$0] } ?? UserRights()).union(granted)
    }
}
