import CLinux

/// The process that forks the runners: it holds nothing that a run needs, so killing it harms none.
///
/// A fork of a small process is cheaper than starting a program. Children are reaped by the kernel (SIGCHLD is ignored).
struct Resident {
    private static let room = 1 << 17
    private let socket: Int32
    private let mounts: Int32
    private let hello: Int32
    private var surroundings: Surroundings

    init(socket: Int32, hidden: [[UInt8]]) {
        self.socket = socket
        // What runners and commands need alike is done once, here, and inherited.
        dh_default_signals()
        dh_no_core_files()
        dh_ignore_signal(SIGCHLD)
        dh_ignore_signal(SIGPIPE)
        // A runner inherits this: a request to end that comes early waits until the runner listens.
        Run.blockSignals()
        _ = umask(0o077)
        _ = dh_fcntl(socket, F_SETFD, Int(FD_CLOEXEC))
        surroundings = Surroundings()
        if hidden.isEmpty {
            mounts = -1
            hello = -1
        } else {
            let made = HiddenMounts.make(hidden)
            mounts = made.namespace
            hello = made.error
        }
    }

    /// Serves until the server's end is closed.
    mutating func serve() -> Never {
        reply(id: 0, pid: Int64(getpid()), error: hello, descriptor: -1)
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: Self.room, alignment: 16)
        while true {
            var descriptors = [Int32](repeating: -1, count: Int(DH_MAX_DESCRIPTORS))
            var count: Int32 = 0
            var sender: pid_t = 0
            let received = unsafe dh_receive_message(
                socket,
                buffer,
                Self.room,
                &descriptors,
                &count,
                &sender,
                0
            )
            if received < 0, dh_errno() == EINTR { continue }
            guard received > 0 else { exit(0) }
            descriptors.removeLast(descriptors.count - Int(count))
            let bytes = unsafe UnsafeRawBufferPointer(start: buffer, count: received)
            if let message = unsafe RunMessage(head: Array(bytes.prefix(RunMessage.headSize))[...]), count > 0
            {
                unsafe start(
                    message,
                    UnsafeRawBufferPointer(rebasing: bytes.dropFirst(RunMessage.headSize)),
                    descriptors
                )
            }
            for descriptor in descriptors { _ = close(descriptor) }
        }
    }

    private mutating func start(
        _ message: RunMessage,
        _ bytes: UnsafeRawBufferPointer,
        _ descriptors: [Int32]
    ) {
        surroundings.beforeFork = Surroundings.ticks()
        let pid = dh_fork()
        if pid == 0 {
            _ = close(socket)
            var worker = Worker(surroundings: surroundings, mounts: mounts)
            unsafe worker.work(message, bytes, descriptors)
        }
        let error = pid < 0 ? dh_errno() : 0
        // The child cannot be gone and its number in use again within these microseconds: numbers go round.
        let descriptor = pid < 0 ? -1 : dh_pidfd_open(pid, 0)
        reply(id: message.id, pid: Int64(pid), error: error, descriptor: descriptor)
        if descriptor >= 0 { _ = close(descriptor) }
    }

    private func reply(id: UInt64, pid: Int64, error: Int32, descriptor: Int32) {
        let answer = RunReply(id: id, pid: pid, error: Int64(error)).bytes
        var passed = descriptor
        _ = unsafe answer.withUnsafeBytes {
            unsafe dh_send_message(socket, $0.baseAddress, answer.count, &passed, descriptor >= 0 ? 1 : 0)
        }
    }
}
