public import Core
public import Domain

/// What principals may do now, as the stores say at each question.
///
/// Nobody gets more here than a hash, a token or the local socket could have, but for the files of operators: what goes on
/// without a person at the keyboard never approves, shares or administers.
public struct CurrentPrincipals: PrincipalDirectory {
    private let operators: any OperatorStore
    private let tokens: any TokenStore
    private let clock: any WallClock
    private let users: HostSessionService?

    /// Makes the directory; without `users` there are none of host applications.
    public init(
        operators: any OperatorStore,
        tokens: any TokenStore,
        clock: any WallClock,
        users: HostSessionService? = nil
    ) {
        self.users = users
        self.operators = operators
        self.tokens = tokens
        self.clock = clock
    }

    /// See ``PrincipalDirectory/principal(_:)``.
    public func principal(_ id: PrincipalID) async throws -> Principal? {
        guard let (permissions, runAs) = try await rights(of: id) else { return nil }
        return Principal(
            id: id,
            permissions: permissions.intersection(Permission.withoutSignIn.union([.aiArtifact])),
            runAs: runAs
        )
    }

    /// See ``PrincipalDirectory/principal(_:at:in:)``.
    ///
    /// A user of a host application is somebody at a place and in a session only.
    public func principal(_ id: PrincipalID, at place: Place?, in session: UserSessionID?) async throws
        -> Principal?
    {
        guard let user = UserID(id) else { return try await principal(id) }
        guard let place, let session else { return nil }
        return try await users?.principal(of: user, at: place, in: session)
    }

    /// What they may do, and the system user of their commands.
    private func rights(of id: PrincipalID) async throws -> (Set<Permission>, runAs: String?)? {
        if id == .hash { return (AccessService.hashPrincipal.permissions, nil) }
        let parts = id.rawValue.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int64(parts[1]) else { return nil }
        switch parts[0] {
        case "socket": return (Permission.withoutSignIn, nil)
        case "operator", "customer":
            guard let person = try await operators.operator(OperatorID(number)), !person.isDisabled,
                person.principal == id
            else { return nil }
            return (person.effectivePermissions, person.runAs)
        case "token":
            guard let token = try await tokens.token(number),
                token.revoked == nil, token.expires.map({ clock.now() < $0 }) ?? true
            else { return nil }
            return (token.permissions, nil)
        default: return nil
        }
    }
}
