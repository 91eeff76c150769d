public import Domain
internal import SQL

/// The condition beside ``OwnerFilter`` for what belongs to a place in a host application: it lies in the scope of who
/// asks.
///
/// Every repository of scoped objects builds the condition of its queries here, so that a test can take it out and see
/// that it is noticed.
public struct ScopeFilter: Sendable {
    private let missing: ObjectKind?

    /// The filter that servers use.
    public init() { missing = nil }

    /// A filter without the condition of one kind, for the test that shows that others notice.
    public init(without kind: ObjectKind) { missing = kind }

    /// A condition on the columns `client_id`, `brand_id` and `location_id`; true for whoever has no scope.
    ///
    /// What belongs to a client or brand as a whole lies in the scope of everybody there, as ``Scope/admits(_:)`` says.
    func clause(_ kind: ObjectKind, _ scope: Scope?) -> SQLStatement {
        precondition(kind.isScoped, "only objects that lie at a place are filtered by a scope")
        guard let scope, kind != missing else { return "1 = 1" }
        let brands = Self.list(scope.brands.map(\.rawValue))
        let isInBrands: SQLStatement = "(brand_id is null or brand_id in \(brands))"
        guard let locations = scope.locations else {
            return "(client_id = \(scope.client.rawValue) and \(isInBrands))"
        }
        let chosen = Self.list(locations.map(\.rawValue))
        return
            "(client_id = \(scope.client.rawValue) and \(isInBrands) and (location_id is null or location_id in \(chosen)))"
    }

    /// A condition on the column `chat_id` for what lies where its chat does.
    func clause(_ kind: ObjectKind, ofChatIn scope: Scope?) -> SQLStatement {
        guard scope != nil, kind != missing else { return "1 = 1" }
        return "chat_id in (select id from chats where \(clause(kind, scope)))"
    }

    /// Numbers as one bound value, so that a statement's text does not depend on how many there are.
    private static func list(_ numbers: [Int64]) -> SQLStatement {
        let text = "[" + numbers.sorted().map { String($0) }.joined(separator: ",") + "]"
        return "(select value from json_each(\(text)))"
    }
}
