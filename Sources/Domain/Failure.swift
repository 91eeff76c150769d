/// An expected failure: what went wrong in words that are safe to show, and what to do next.
///
/// Every other error is *internal*: logged in full at the edge, shown as a fixed sentence.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The family of a failure; the edge maps it to a status code in one table.
    public enum Kind: Sendable, CaseIterable {
        case invalid, unauthenticated, forbidden, notFound, methodNotAllowed, conflict, gone, tooLarge,
            rateLimited
        case insufficientCredits, unavailable, timedOut, cancelled, `internal`
        /// Well-formed but not acceptable: names, ranges, combinations.
        case unprocessable
        /// The request line is too long.
        case uriTooLong
        /// The asked-for bytes do not exist.
        case rangeNotSatisfiable
    }

    /// The family.
    public let kind: Kind
    /// A stable snake-case word, such as `ticket_not_found`.
    public let code: String
    /// One sentence, safe to show.
    public let message: String
    /// What to do next.
    public let hint: String?
    /// When trying again makes sense.
    public let retryAfter: Duration?
    /// How the wallet stands that could not pay; nil for every other failure.
    public var funds: Funds?

    /// Makes a failure.
    public init(
        _ kind: Kind,
        code: String,
        message: String,
        hint: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
