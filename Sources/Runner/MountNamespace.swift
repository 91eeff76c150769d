import CLinux

/// A mount namespace of another process, held by a descriptor.
enum MountNamespace {
    /// Makes one in a child that runs `prepare`, which returns 0 or an errno.
    ///
    /// Gives the namespace's descriptor and 0, or -1 and the errno of what failed.
    static func make(_ prepare: () -> Int32) -> (namespace: Int32, error: Int32) {
        var ready: [Int32] = [-1, -1]
        var release: [Int32] = [-1, -1]
        guard unsafe dh_pipe(&ready, O_CLOEXEC) == 0, unsafe dh_pipe(&release, O_CLOEXEC) == 0 else {
            return (-1, dh_errno())
        }
        let pid = dh_fork()
        if pid == 0 {
            _ = close(release[1])
            let error = prepare()
            _ = writeAll(ready[1], [UInt8(truncatingIfNeeded: error)])
            var byte: UInt8 = 0
            _ = unsafe read(release[0], &byte, 1)
            _exit(0)
        }
        _ = close(ready[1])
        _ = close(release[0])
        guard pid > 0 else {
            let error = dh_errno()
            _ = close(ready[0])
            _ = close(release[1])
            return (-1, error)
        }
        let made = descriptor(of: pid, ready[0])
        _ = close(ready[0])
        _ = close(release[1])
        // Where children are reaped by the kernel there is nothing to wait for.
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, dh_errno() == EINTR {}
        return made
    }

    private static func descriptor(of pid: pid_t, _ ready: Int32) -> (namespace: Int32, error: Int32) {
        var answer: UInt8 = UInt8(EIO)
        _ = unsafe read(ready, &answer, 1)
        guard answer == 0 else { return (-1, Int32(answer)) }
        let path = text("/proc/") + decimal(pid) + text("/ns/mnt")
        let namespace = unsafe withCString(path) { unsafe dh_open($0, O_RDONLY | O_CLOEXEC, 0) }
        return (namespace, namespace < 0 ? dh_errno() : 0)
    }
}
