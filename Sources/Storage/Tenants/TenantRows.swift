internal import Core
internal import Domain
internal import SQL

/// Clients, brands, locations and users as rows.
enum TenantRow {
    static let clientColumns: SQLStatement = "id, issuer, key, name, state, ai, plan"
    static let brandColumns: SQLStatement = "id, client_id, key, name, state, ai"
    static let locationColumns: SQLStatement = "id, brand_id, key, name"
    static let userColumns: SQLStatement = "id, issuer, subject, name, permissions, grants"

    static func client(_ row: SQLRow) throws -> Client {
        var reader = SQLRowReader(row)
        return Client(
            id: ClientID(try reader.next()),
            issuer: try reader.next(),
            key: try TenantKey(reader.next()),
            name: try reader.next(),
            state: state(try reader.next()),
            hasAI: try reader.next(),
            plan: try reader.next()
        )
    }

    static func brand(_ row: SQLRow) throws -> Brand {
        var reader = SQLRowReader(row)
        return Brand(
            id: BrandID(try reader.next()),
            client: ClientID(try reader.next()),
            key: try TenantKey(reader.next()),
            name: try reader.next(),
            state: state(try reader.next()),
            hasAI: try reader.next()
        )
    }

    static func location(_ row: SQLRow) throws -> Location {
        var reader = SQLRowReader(row)
        return Location(
            id: LocationID(try reader.next()),
            brand: BrandID(try reader.next()),
            key: try TenantKey(reader.next()),
            name: try reader.next()
        )
    }

    static func user(_ row: SQLRow) throws -> HostUser {
        var reader = SQLRowReader(row)
        return HostUser(
            id: UserID(try reader.next()),
            issuer: try reader.next(),
            subject: try TenantKey(reader.next()),
            name: try reader.next(),
            granted: try rights(reader.next(), reader.next())
        )
    }

    static func rights(_ permissions: String, _ grants: String) -> UserRights {
        UserRights(
            permissions: Set(words(permissions).compactMap(Permission.init(rawValue:))),
            grants: Set(words(grants))
        )
    }

    static func text(_ words: some Sequence<String>) -> String { words.sorted().joined(separator: " ") }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// What a newer version calls otherwise may not be changed by this one.
    private static func state(_ word: String) -> TenantState { TenantState(rawValue: word) ?? .suspended }
}

/// Lists of a session's scope as JSON text.
enum ScopeText {
    static func numbers(_ numbers: some Sequence<Int64>) -> String {
        text(numbers.sorted().map(JSONValue.integer))
    }

    static func words(_ words: Set<String>) -> String { text(words.sorted().map(JSONValue.string)) }

    static func numbers(_ text: String) throws -> [Int64] {
        try elements(text).compactMap(\.integer)
    }

    static func words(_ text: String) throws -> Set<String> { Set(try elements(text).compactMap(\.string)) }

    private static func text(_ values: [JSONValue]) -> String {
        String(decoding: JSONValue.array(values).bytes, as: UTF8.self)
    }

    private static func elements(_ text: String) throws -> [JSONValue] {
        guard let elements = try? JSONValue(parsing: Array(text.utf8)).array else {
            throw SQLError(.shape, message: "a session's scope is no list")
        }
        return elements
    }
}
