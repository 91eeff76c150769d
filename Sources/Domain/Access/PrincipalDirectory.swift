/// Finds what somebody may do now, for work that goes on without them.
public protocol PrincipalDirectory: Sendable {
    /// The principal with the permissions of this moment; nil when they are gone, disabled or revoked.
    func principal(_ id: PrincipalID) async throws -> Principal?
    /// The principal as above, for work at a place of a host application: users may do different things in different
    /// places. Nil as well when they may see the place no more, when AI is switched off there, or when it is suspended.
    func principal(_ id: PrincipalID, at place: Place?) async throws -> Principal?
}

extension PrincipalDirectory {
    /// The same as without a place, for directories without users of host applications.
    public func principal(_ id: PrincipalID, at place: Place?) async throws -> Principal? {
        try await principal(id)
    }
}
