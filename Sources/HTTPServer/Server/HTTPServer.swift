public import Core

/// An HTTP/1.1 server on libmicrohttpd.
public final class HTTPServer: Service {
    private let configuration: HTTPServerConfiguration
    private let responder: any HTTPResponder
    private let logger: Logger
    private let metrics: MetricsRegistry

    /// Makes a server; it listens when it runs.
    public init(
        configuration: HTTPServerConfiguration,
        responder: any HTTPResponder,
        logger: Logger,
        metrics: MetricsRegistry
    ) {
        self.configuration = configuration
        self.responder = responder
        self.logger = logger
        self.metrics = metrics
    }

    /// Listens and answers until the task is cancelled; then drains.
    ///
    /// Throws ``HTTPServerError`` when it cannot listen.
    public func run() async throws {
        throw HTTPServerError(reason: "not there yet")
    }

    /// Waits until all listeners are bound, and says where; empty when the server ended before.
    public func waitUntilListening() async -> [BoundListener] { [] }

    /// Reads the certificate files again; a broken one keeps the old one.
    public func reloadCertificates() async {}
}

/// Why a server could not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// A sentence that names the listener or setting.
    public let reason: String
    /// The sentence.
    public var description: String { reason }
}

/// A listener as it is bound.
public struct BoundListener: Sendable, Hashable {
    /// Its kind.
    public let kind: HTTPListenerKind
    /// The address for IP listeners, the path for Unix sockets.
    public let address: String
    /// The port for IP listeners, otherwise 0.
    public let port: UInt16
}
