internal import CLinux

/// The signals that end or refresh a server.
public enum ServerSignal: Sendable {
    /// SIGTERM or SIGINT: end gracefully.
    case terminate
    /// SIGHUP: read files again.
    case reload
}

/// Delivers signals to tasks; the signals are blocked in all threads and read from a signalfd(2).
public final class SignalSource: Sendable {
    private let descriptor: Int32
    private let window: Int32

    /// Blocks SIGTERM, SIGINT, SIGHUP and SIGWINCH, and ignores SIGPIPE; call it before any other thread is started.
    public init() {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { _ = unsafe sigaddset(&set, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        dh_ignore_signal(SIGPIPE)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
        _ = unsafe sigemptyset(&set)
        _ = unsafe sigaddset(&set, SIGWINCH)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        window = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
    }

    /// The signals as they arrive.
    public func signals() -> AsyncStream<ServerSignal> {
        Self.stream("signals", descriptor, keeping: 8) { $0 == SIGHUP ? .reload : .terminate }
    }

    /// Changes of the size of the terminal that this process has (SIGWINCH); several may arrive as one.
    public func windowChanges() -> AsyncStream<Void> {
        Self.stream("window", window, keeping: 1) { _ in }
    }

    private static func stream<Element: Sendable>(
        _ name: String,
        _ descriptor: Int32,
        keeping limit: Int,
        _ element: @escaping @Sendable (Int32) -> Element
    ) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self,
            bufferingPolicy: .bufferingNewest(limit)
        )
        let thread = DedicatedThread(name: name)
        thread.perform {
            while true {
                var info = signalfd_siginfo()
                let count = unsafe read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size)
                if count < 0, dh_errno() == EINTR { continue }
                guard count == MemoryLayout<signalfd_siginfo>.size else { return continuation.finish() }
                continuation.yield(element(Int32(info.ssi_signo)))
            }
        }
        return stream
    }
}
