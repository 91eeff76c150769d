import Domain

/// Paths of the JSON face.
///
/// Names are checked, so nothing needs to be escaped.
struct TicketPath: Sendable {
    let session: String
    let number: Int

    /// Throws ``UsageError`` when the words are no session's name or no number.
    init(session: String, number: String) throws(UsageError) {
        self.session = try Self.checked(session)
        self.number = try ParsedArguments.ticketNumber(number)
    }

    init(session: String, number: Int) {
        self.session = session
        self.number = number
    }

    var text: String { "/v1/sessions/\(session)/tickets/\(number)" }

    static func tickets(of session: String) -> String { "/v1/sessions/\(session)/tickets" }

    static func checked(_ session: String) throws(UsageError) -> String {
        do throws(Failure) {
            return try SessionName(session).rawValue
        } catch {
            throw UsageError("“\(TextTable.printable(session))” is no session's name. \(error.hint ?? "")")
        }
    }
}
