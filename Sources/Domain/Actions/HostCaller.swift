/// One call of a host application, which is signed.
public struct HostCall: Sendable {
    /// The application, whose key signs.
    public var issuer: String
    /// Where, as it was configured.
    public var endpoint: String
    /// JSON text; it holds the key too, so that the signature covers it.
    public var body: [UInt8]
    /// Calls with the same one take effect once.
    public var key: String
    /// How long it may take.
    public var timeout: Duration
    /// Bytes that the answer may have.
    public var maximumBytes: Int

    /// Makes a call.
    public init(
        issuer: String,
        endpoint: String,
        body: [UInt8],
        key: String,
        timeout: Duration,
        maximumBytes: Int
    ) {
        self.issuer = issuer
        self.endpoint = endpoint
        self.body = body
        self.key = key
        self.timeout = timeout
        self.maximumBytes = maximumBytes
    }
}

/// How a host application answered.
public enum HostAnswer: Sendable, Equatable {
    /// 2xx, with the body.
    case accepted([UInt8])
    /// It refuses, and would again; with the status and the body.
    case refused(Int, [UInt8])
    /// It was not reached, or says to come later: nothing was done; a sentence that is safe to show.
    case notDone(String)
    /// It did not answer, so that nobody knows what it did; a sentence that is safe to show.
    case unreachable(String)
}

/// Calls host applications.
public protocol HostCaller: Sendable {
    /// Makes one try; throws `CancellationError` only.
    func call(_ call: HostCall) async throws -> HostAnswer
}
