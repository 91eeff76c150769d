/// Finds what somebody may do now, for work that goes on without them.
public protocol PrincipalDirectory: Sendable {
    /// The principal with the permissions of this moment; nil when they are gone, disabled or revoked.
    func principal(_ id: PrincipalID) async throws -> Principal?
}
