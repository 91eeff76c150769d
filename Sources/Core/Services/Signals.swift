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

    /// Blocks SIGTERM, SIGINT and SIGHUP, and ignores SIGPIPE; call it before any other thread is started.
    public init() {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { _ = unsafe sigaddset(&set, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        dh_ignore_signal(SIGPIPE)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
    }

    /// The signals as they arrive.
    public func signals() -> AsyncStream<ServerSignal> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServerSignal.self,
            bufferingPolicy: .bufferingNewest(8)
        )
        let thread = DedicatedThread(name: "signals")
        let descriptor = descriptor
        thread.perform {
            while true {
                var info = signalfd_siginfo()
                let count = unsafe read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size)
                if count < 0, dh_errno() == EINTR { continue }
                guard count == MemoryLayout<signalfd_siginfo>.size else { return continuation.finish() }
                continuation.yield(Int32(info.ssi_signo) == SIGHUP ? .reload : .terminate)
            }
        }
        return stream
    }
}
