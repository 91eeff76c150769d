public import Domain
internal import SQL

/// The second check of who may reach an object, after the one of the use case: a condition in the query itself.
///
/// Every repository of owned objects builds the condition of its queries here, so that a test can take out any one of
/// them and see that it is noticed.
public struct OwnerFilter: Sendable {
    /// One query of a repository: the kind of its objects and the verb that asks.
    public struct Query: Hashable, Sendable, CustomStringConvertible {
        /// The kind of object.
        public let kind: ObjectKind
        /// The verb as the compiler names it, such as `chat(_:owner:)`.
        public let verb: String
        /// Makes a value.
        public init(_ kind: ObjectKind, _ verb: String) {
            self.kind = kind
            self.verb = verb
        }
        /// Both.
        public var description: String { "\(kind.rawValue) \(verb)" }
    }

    private struct Watch: Sendable {
        let note: @Sendable (Query) -> Void
    }

    private enum Gap: Sendable {
        case kind(ObjectKind)
        case query(Query)
    }

    private let gap: Gap?
    private let watch: Watch?

    /// The filter that servers use.
    public init() {
        gap = nil
        watch = nil
    }

    /// A filter without the conditions of one kind, for the test that shows that others notice.
    public init(without kind: ObjectKind) {
        gap = .kind(kind)
        watch = nil
    }

    /// A filter without the condition of one query.
    public init(without query: Query) {
        gap = .query(query)
        watch = nil
    }

    /// The filter that servers use, which tells about every query that it is asked for.
    public init(noting note: @escaping @Sendable (Query) -> Void) {
        gap = nil
        watch = Watch(note: note)
    }

    /// A condition on the column `owner`: the object belongs to this principal.
    func clause(_ kind: ObjectKind, owner: PrincipalID, verb: String = #function) -> SQLStatement {
        condition(Query(kind, verb), "owner = \(owner.rawValue)")
    }

    /// A condition on the column `operator_id`, for what only operators can have.
    func clause(_ kind: ObjectKind, owner: OperatorID, verb: String = #function) -> SQLStatement {
        condition(Query(kind, verb), "operator_id = \(owner.rawValue)")
    }

    private func condition(_ query: Query, _ owned: SQLStatement) -> SQLStatement {
        precondition(query.kind.ownerRule == .owner, "only objects with an owner are filtered by one")
        watch?.note(query)
        switch gap {
        case .kind(query.kind), .query(query): return "1 = 1"
        default: return owned
        }
    }
}
