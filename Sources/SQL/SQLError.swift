/// What an engine, or reading a row, can fail with; the same for every engine.
///
/// Carries the engine's code and message, and never a bound value.
public struct SQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The family of an error.
    public enum Kind: Sendable {
        /// A unique or primary key is taken.
        case uniqueViolation
        /// Another constraint was violated.
        case constraint
        /// Somebody else holds a lock, or too much is waiting; later it may work.
        case busy
        /// No space is left.
        case full
        /// Reading or writing the storage failed.
        case inputOutput
        /// The storage cannot be opened or written to.
        case inaccessible
        /// The stored bytes are no sound database.
        case corrupt
        /// The statement was interrupted because its caller was cancelled.
        case interrupted
        /// The database is closed.
        case closed
        /// A row does not have the column, or not with this type.
        case shape
        /// The statement itself is wrong.
        case statement
    }

    /// The family.
    public let kind: Kind
    /// The engine's own code; 0 when the error is not the engine's.
    public let code: Int
    /// The engine's message, or a sentence.
    public let message: String

    /// Makes an error.
    public init(_ kind: Kind, code: Int = 0, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    /// For logs: the kind, the code and the message.
    public var description: String {
        code == 0 ? "\(kind): \(message)" : "\(kind) (\(code)): \(message)"
    }
}
