/// Why a server could not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// A sentence that names the listener or setting.
    public let reason: String
    /// The sentence.
    public var description: String { reason }
}
