internal import Core
internal import Domain
internal import SQL

// Searches look at so many rows at a time, so that no request is slow, however much there is.
//
// `like` takes the letters A to Z as the same in either case. (PostgreSQL: `ilike`.)
extension SQLTicketStore {
    /// Rows that one search looks at.
    static let searchedRows = 10_000

    func sessions(matching words: String, madeBy maker: PrincipalID?, after cursor: SessionID?, limit: Int)
        async throws -> SearchPage<Session, SessionID>
    {
        let first = cursor?.rawValue ?? 0
        let condition = maker.map { "created_by = \($0.rawValue)" as SQLStatement } ?? "1 = 1"
        return try await gate.read { db in
            let edge: Int64? = try db.first(
                "select id from sessions where id > \(first) order by id limit 1 offset \(Self.searchedRows)"
            )?.get("id")
            let rows = try db.all(
                """
                select \(SessionRow.columns) from sessions
                where id > \(first) and id < \(edge ?? .max) and \(condition)
                    and name like \(Self.pattern(words)) escape '\\'
                order by id limit \(Page<Session>.rows(for: limit))
                """
            )
            let page = try Page(rows, limit: limit, SessionRow.session)
            let last = page.hasMore ? page.elements.last?.id : edge.map { SessionID($0 - 1) }
            return SearchPage(elements: page.elements, next: last)
        }
    }

    func tickets(
        matching words: String,
        in session: SessionID,
        after number: Int?,
        limit: Int,
        newestFirst: Bool
    ) async throws -> SearchPage<Ticket, Int> {
        let place = number.map { session.firstRowKey + Int64(min(max($0, 0), 0xFFFF_FFFF)) }
        let (low, high) =
            newestFirst
            ? (session.firstRowKey, place ?? session.lastRowKey + 1)
            : (place ?? session.firstRowKey, session.lastRowKey + 1)
        let order: SQLStatement = newestFirst ? "desc" : "asc"
        return try await gate.read { db in
            let edge: Int64? = try db.first(
                """
                select id from tickets where id > \(low) and id < \(high)
                order by id \(order) limit 1 offset \(Self.searchedRows)
                """
            )?.get("id")
            let rows = try db.all(
                """
                select \(TicketRow.columns) from \(TicketRow.tables)
                where t.id > \(newestFirst ? edge ?? low : low) and t.id < \(newestFirst ? high : edge ?? high)
                    and t.command like \(Self.pattern(words)) escape '\\'
                order by t.id \(order) limit \(Page<Ticket>.rows(for: limit))
                """
            )
            let page = try Page(rows, limit: limit, TicketRow.ticket)
            guard !page.hasMore else {
                return SearchPage(elements: page.elements, next: page.elements.last?.id.number)
            }
            // The row at the edge was not looked at: it is the first of the next page.
            let next = edge.map { Int($0 - session.firstRowKey) + (newestFirst ? 1 : -1) }
            return SearchPage(elements: page.elements, next: next)
        }
    }

    /// Text that stands anywhere, with nothing in it that means something else to `like`.
    private static func pattern(_ words: String) -> String {
        var pattern = "%"
        for character in words.unicodeScalars {
            if "%_\\".unicodeScalars.contains(character) { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }
}
