/// A listener as it is bound.
public struct BoundListener: Sendable, Hashable {
    /// Its kind.
    public let kind: HTTPListenerKind
    /// The address for IP listeners, the path for Unix sockets.
    public let address: String
    /// The port for IP listeners, otherwise 0.
    public let port: UInt16
}
