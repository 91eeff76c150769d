public import Domain
internal import SQL

/// The second check of who may reach an object, after the one of the use case: a condition in the query itself.
///
/// Every repository of owned objects builds the condition of its queries here, so that a test can take out any one of
/// them and see that it is noticed.
public struct OwnerFilter: Sendable {
    private let missing: ObjectKind?

    /// The filter that servers use.
    public init() { missing = nil }

    /// A filter without the condition of one kind, for the test that shows that others notice.
    public init(without kind: ObjectKind) { missing = kind }

    /// A condition on the column `owner`: the object belongs to this principal.
    func clause(_ kind: ObjectKind, owner: PrincipalID) -> SQLStatement {
        condition(kind, "owner = \(owner.rawValue)")
    }

    /// A condition on the column `operator_id`, for what only operators can have.
    func clause(_ kind: ObjectKind, owner: OperatorID) -> SQLStatement {
        condition(kind, "operator_id = \(owner.rawValue)")
    }

    private func condition(_ kind: ObjectKind, _ owned: SQLStatement) -> SQLStatement {
        precondition(kind.ownerRule == .owner, "only objects with an owner are filtered by one")
        return kind == missing ? "1 = 1" : owned
    }
}
