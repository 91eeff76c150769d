internal import CLinux
internal import CMicroHTTPD

/// A certificate chain with its key, both PEM.
struct Certificate: Sendable, Equatable {
    let chain: [UInt8]
    let key: [UInt8]
}

/// One running daemon of libmicrohttpd with its threads.
///
/// `@unchecked Sendable`: the library's functions used here may be called from any thread (manual, "MHD_stop_daemon",
/// "MHD_quiesce_daemon"), and ``stop()`` is called once, by the listener that owns it.
@safe final class Daemon: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let context: ListenerContext
    private let certificate: UnsafeMutablePointer<CChar>?
    private let key: UnsafeMutablePointer<CChar>?

    /// Starts serving a listening socket, which the daemon owns from now on; nil when it cannot start.
    init?(socket: Int32, context: ListenerContext, threads: Int, certificate: Certificate?) {
        let limits = context.core.configuration.limits
        self.context = context
        unsafe self.certificate = certificate.flatMap {
            unsafe strdup(String(decoding: $0.chain, as: UTF8.self))
        }
        unsafe key = certificate.flatMap { unsafe strdup(String(decoding: $0.key, as: UTF8.self)) }
        var settings = unsafe dh_mhd_settings()
        unsafe settings.listen_socket = socket
        unsafe settings.threads = UInt32(threads)
        unsafe settings.connections = UInt32(limits.connections)
        unsafe settings.connections_per_address = UInt32(limits.connectionsPerAddress)
        unsafe settings.timeout_seconds = UInt32(max(1, limits.idleTimeout.components.seconds))
        // Room for the largest head, the library's table of its fields, and the header of the response.
        unsafe settings.memory =
            limits.requestLine + limits.headerBytes + limits.headerCount * 64 + (16 << 10)
        unsafe settings.certificate = unsafe UnsafePointer(self.certificate)
        unsafe settings.key = unsafe UnsafePointer(key)
        unsafe settings.context = Unmanaged.passUnretained(context).toOpaque()
        unsafe settings.log = DaemonCallbacks.log
        unsafe settings.access = DaemonCallbacks.access
        unsafe settings.completed = DaemonCallbacks.completed
        unsafe settings.connection = DaemonCallbacks.connectionChanged
        unsafe settings.target = DaemonCallbacks.target
        guard let started = unsafe dh_mhd_start(&settings) else {
            unsafe free(self.certificate)
            unsafe free(key)
            return nil
        }
        unsafe pointer = started
    }

    /// The open connections.
    var connectionCount: Int { unsafe Int(dh_mhd_connection_count(pointer)) }

    /// Stops accepting and closes the listening socket.
    func stopAccepting() {
        let socket = unsafe MHD_quiesce_daemon(pointer)
        if socket >= 0 { _ = close(socket) }
    }

    /// Closes all connections and ends the threads; blocks until they ended.
    ///
    /// No connection may be suspended, and ``stopAccepting()`` must have been called.
    func stop() {
        unsafe MHD_stop_daemon(pointer)
        unsafe free(certificate)
        unsafe free(key)
    }
}
