/// Bounds of a server; sizes are in bytes.
public struct HTTPLimits: Sendable {
    /// The longest request line.
    public var requestLine = 64 << 10
    /// The header fields together.
    public var headerBytes = 32 << 10
    /// The number of header fields.
    public var headerCount = 100
    /// The largest body.
    public var body = 25_000_000
    /// All bodies being received or handled, together.
    public var bodiesInFlight = 256 << 20
    /// Connections per listener.
    public var connections = 4_096
    /// Connections per client address and listener; behind a proxy all clients have the proxy's address.
    public var connectionsPerAddress = 1_024
    /// Requests waiting for a handler.
    public var queue = 1_024
    /// Requests handled at once, those that wait for an event included.
    public var concurrentRequests = 2_048
    /// What a streamed response may hold for a slow client.
    public var streamBuffer = 256 << 10
    /// How long a connection may be silent.
    public var idleTimeout: Duration = .seconds(60)
    /// How long the head of a request may take to arrive.
    public var headTimeout: Duration = .seconds(15)
    /// How long a body may take to arrive, plus the time it needs at ``bodyRate``.
    public var bodyTimeout: Duration = .seconds(30)
    /// The slowest rate at which a body may arrive, in bytes per second.
    public var bodyRate = 16 << 10
    /// How long requests in flight may take to end when the server stops.
    public var drainTimeout: Duration = .seconds(10)

    /// The documented defaults.
    public init() {}
}
