import CLinux
import Core
import Domain

/// The lock that one server holds on its data directory (flock(2): it ends with the process, however that ends).
enum DataDirectoryLock {
    /// A killed server may leave a child behind that was forked and not yet executed: it holds the lock so long.
    private static let patience: Duration = .seconds(10)
    private static let pause: UInt32 = 5_000

    /// Takes the lock and returns its descriptor; throws `data_directory_in_use` with the other's process id.
    ///
    /// Waits, blocking, only while the server that wrote its id is gone.
    static func take(in directory: String) throws(Failure) -> Int32 {
        let path = directory + "/deckhand.lock"
        let descriptor = unsafe dh_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .unavailable,
                code: "data_directory_unusable",
                message: "The lock file \(path) cannot be opened: \(SystemError.text(dh_errno()))."
            )
        }
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let process = holder(descriptor)
            if process.map(isGone) ?? true, ContinuousClock.now < deadline {
                _ = usleep(pause)
                continue
            }
            let holder = process.map { " (process \($0))" } ?? ""
            _ = close(descriptor)
            throw Failure(
                .conflict,
                code: "data_directory_in_use",
                message: "Another server\(holder) uses the data directory \(directory).",
                hint: "Stop it first, or give this one a directory of its own with DECKHAND_DATA."
            )
        }
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, text, text.count, 0)
        return descriptor
    }

    private static func holder(_ descriptor: Int32) -> pid_t? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0, let process = pid_t(String(decoding: buffer[..<count], as: UTF8.self).trimmed) else {
            return nil
        }
        return process > 0 ? process : nil
    }

    /// Says whether there is no such process; one that was killed and not collected yet counts as there.
    private static func isGone(_ process: pid_t) -> Bool { kill(process, 0) != 0 && dh_errno() == ESRCH }
}
