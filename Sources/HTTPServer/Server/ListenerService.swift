internal import CLinux
internal import Core
internal import Synchronization

/// One listening socket with the daemon that serves it, and the daemons that it has replaced.
final class ListenerService: Sendable {
    private struct State {
        var daemon: Daemon?
        var certificate: Certificate?
        var refusedCertificate: Certificate?
        var retired: [Daemon] = []
        var isListening = true
    }

    let socket: ListenSocket
    private let files: CertificateFiles?
    private let context: ListenerContext
    private let core: ServerCore
    private let state = Mutex(State())

    /// Binds; call ``start()`` next.
    init(_ listener: HTTPListener, core: ServerCore) throws(HTTPServerError) {
        socket = try ListenSocket(listener)
        if case .tls(_, _, let chain, let key) = listener {
            files = CertificateFiles(chain: chain, key: key)
        } else {
            files = nil
        }
        self.core = core
        context = ListenerContext(core: core, kind: socket.kind, isOnLoopback: socket.isOnLoopback)
    }

    deinit { stopListening() }

    /// Starts to serve; blocks while files are read and threads started.
    func start() throws(HTTPServerError) {
        var certificate: Certificate?
        if let files {
            guard let read = files.read() else {
                throw HTTPServerError(
                    reason: "cannot read the certificate \(files.chain) or its key \(files.key)"
                )
            }
            certificate = read
        }
        guard let daemon = makeDaemon(certificate) else {
            throw HTTPServerError(
                reason: certificate == nil
                    ? "cannot start serving \(socket.bound.address):\(socket.bound.port)"
                    : "the certificate or its key cannot be used, or they do not belong together"
            )
        }
        state.withLock { state in
            state.daemon = daemon
            state.certificate = certificate
        }
    }

    /// Reads the certificate again, and replaces the daemon if it has changed and can be used.
    ///
    /// The new daemon takes over the listening socket; connections of the old one go on. Blocks.
    func reloadCertificate() {
        guard let files else { return }
        state.withLock { state in
            closeRetired(&state)
            guard state.isListening, let certificate = files.read(), certificate != state.certificate,
                certificate != state.refusedCertificate
            else { return }
            guard let daemon = makeDaemon(certificate) else {
                state.refusedCertificate = certificate
                return core.logger.warning("new certificate cannot be used, the old one stays")
            }
            if let old = state.daemon {
                old.stopAccepting()
                state.retired.append(old)
            }
            state.daemon = daemon
            state.certificate = certificate
            state.refusedCertificate = nil
            core.logger.notice("certificate replaced")
        }
    }

    private func closeRetired(_ state: inout State) {
        // A suspended connection must not be stopped under its handler, so a daemon goes when its last one has gone.
        state.retired.removeAll { daemon in
            guard daemon.connectionCount == 0 else { return false }
            daemon.stop()
            return true
        }
    }

    /// Stops accepting connections.
    func stopAccepting() {
        state.withLock { $0.daemon?.stopAccepting() }
        stopListening()
    }

    private func stopListening() {
        let wasListening = state.withLock { state in
            defer { state.isListening = false }
            return state.isListening
        }
        if wasListening { _ = close(socket.descriptor) }
    }

    /// Closes all connections; nothing may be suspended.
    ///
    /// Blocks.
    func stop() {
        let daemons = state.withLock { state in
            defer { (state.daemon, state.retired) = (nil, []) }
            return state.retired + (state.daemon.map { [$0] } ?? [])
        }
        for daemon in daemons { daemon.stop() }
        if socket.kind == .unix, !socket.isInherited { _ = unsafe unlink(socket.bound.address) }
    }

    /// Each daemon gets a duplicate of the socket, so that one can close its own while the next goes on.
    private func makeDaemon(_ certificate: Certificate?) -> Daemon? {
        let copy = dh_fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return nil }
        let threads = socket.kind == .unix ? 1 : core.configuration.threads
        if let daemon = Daemon(socket: copy, context: context, threads: threads, certificate: certificate) {
            return daemon
        }
        _ = close(copy)
        return nil
    }
}
