/// How a client connects; nothing is taken from the environment.
public struct HTTPClientConfiguration: Sendable {
    /// Until a connection stands, name look-up and TLS included.
    public var connectTimeout: Duration = .seconds(10)
    /// From the start of a request until the head of its response; nil for no limit.
    public var firstByteTimeout: Duration? = .seconds(60)
    /// Without any byte while the body arrives; time in which the reader holds the sender back does not count.
    public var silenceTimeout: Duration? = .seconds(60)
    /// A Unix socket that is connected to instead of the URL's host.
    public var unixSocketPath: String?
    /// The URL of a proxy; nil for none, whatever `http_proxy` says.
    public var proxy: String?
    /// Hosts that are reached without the proxy: names, domains, addresses, or `*` (CURLOPT_NOPROXY(3)); `no_proxy`
    /// of the environment is not looked at.
    public var proxyBypass: [String] = []
    /// A PEM file of certificate authorities; nil for the system's.
    public var certificateAuthorityFile: String?
    /// What is said in `User-Agent`.
    public var userAgent = "deckhand"
    /// Requests under way at a time; more are refused with `tooManyRequests`.
    public var maximumConcurrentRequests = 256
    /// Bytes of one response's body that may wait for their reader before the sender is held back.
    public var bufferedBytes = 256 << 10
    /// Bytes of one response's head.
    public var maximumHeaderBytes = 256 << 10

    /// The defaults.
    public init() {}
}
