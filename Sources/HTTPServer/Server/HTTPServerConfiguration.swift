/// Where a server listens.
public enum HTTPListener: Sendable, Hashable {
    /// Plain HTTP on an address (a literal address or `localhost`) and port; port 0 lets the kernel choose.
    case tcp(host: String, port: UInt16)
    /// HTTPS with a PEM certificate chain and its PEM key, read again when the files change.
    case tls(host: String, port: UInt16, certificateFile: String, keyFile: String)
    /// A Unix stream socket at a path (at most 103 bytes) with these permission bits.
    case unix(path: String, mode: UInt32 = 0o600)
    /// A listening stream socket that was handed over by the service manager; the server owns it from now on.
    case inherited(descriptor: Int32)
}

/// The header in which trusted proxies name the client.
public enum HTTPForwardingHeader: Sendable {
    /// `X-Forwarded-For` and `X-Forwarded-Proto`.
    case xForwarded
    /// `Forwarded` (RFC 7239).
    case forwarded
}

/// What a server does; everything that it needs to know before it starts.
public struct HTTPServerConfiguration: Sendable {
    /// Where to listen; at least one.
    public var listeners: [HTTPListener]
    /// Bounds on sizes, numbers and times.
    public var limits: HTTPLimits
    /// The path below which everything lies, such as `/deckhand`; empty for none.
    public var basePath: String
    /// Host names that requests may carry, without port (any port matches) or with one.
    ///
    /// Loopback listeners also take `localhost`, `127.0.0.1` and `[::1]`; Unix sockets take anything.
    public var allowedHosts: [String]
    /// Networks in CIDR notation whose forwarding headers are believed, such as `127.0.0.1/32`; `unix` stands for
    /// peers on Unix sockets.
    public var trustedProxies: [String]
    /// The one header that is read from them; the other could have been sent by the client.
    public var forwardingHeader: HTTPForwardingHeader = .xForwarded
    /// Threads of each listener that move bytes.
    public var threads: Int
    /// How often certificate files are looked at.
    public var certificateCheckInterval: Duration

    /// The longest silence of an event stream; shorter than what proxies wait for.
    public var heartbeat: Duration = .seconds(15)

    /// Makes a configuration with the documented defaults.
    public init(
        listeners: [HTTPListener],
        limits: HTTPLimits = HTTPLimits(),
        basePath: String = "",
        allowedHosts: [String] = [],
        trustedProxies: [String] = [],
        threads: Int = 2,
        certificateCheckInterval: Duration = .seconds(2)
    ) {
        self.listeners = listeners
        self.limits = limits
        self.basePath = basePath
        self.allowedHosts = allowedHosts
        self.trustedProxies = trustedProxies
        self.threads = threads
        self.certificateCheckInterval = certificateCheckInterval
    }
}
