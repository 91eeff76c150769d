/// Finds what somebody may do now, for work that goes on without them.
public protocol PrincipalDirectory: Sendable {
    /// The principal with the permissions of this moment; nil when they are gone, disabled or revoked.
    func principal(_ id: PrincipalID) async throws -> Principal?
    /// The principal as above, for work at a place of a host application that was asked for in a session: its role and
    /// scope say what a user may do. Nil as well when the session is over or does not see the place, when AI is switched
    /// off there, or when it is suspended.
    func principal(_ id: PrincipalID, at place: Place?, in session: UserSessionID?) async throws -> Principal?
}

extension PrincipalDirectory {
    /// The same as without a place, for directories without users of host applications.
    public func principal(_ id: PrincipalID, at place: Place?, in session: UserSessionID?) async throws
        -> Principal?
    {
        try await principal(id)
    }
}
