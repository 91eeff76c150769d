import CLinux

/// A mount namespace in which directories are covered by empty read-only file systems, made once for all runs.
///
/// It needs root. For other users a user namespace would be needed, in which `sudo` does not work; so it is not made.
enum HiddenMounts {
    /// The namespace's descriptor and 0, or -1 and the errno of what failed.
    static func make(_ paths: [[UInt8]]) -> (namespace: Int32, error: Int32) {
        var ready: [Int32] = [-1, -1]
        var release: [Int32] = [-1, -1]
        guard unsafe dh_pipe(&ready, O_CLOEXEC) == 0, unsafe dh_pipe(&release, O_CLOEXEC) == 0 else {
            return (-1, dh_errno())
        }
        let pid = dh_fork()
        if pid == 0 {
            _ = close(release[1])
            let error = cover(paths)
            _ = writeAll(ready[1], [UInt8(truncatingIfNeeded: error)])
            var byte: UInt8 = 0
            _ = unsafe read(release[0], &byte, 1)
            _exit(0)
        }
        guard pid > 0 else { return (-1, dh_errno()) }
        _ = close(ready[1])
        _ = close(release[0])
        defer {
            _ = close(ready[0])
            _ = close(release[1])
        }
        var answer: UInt8 = UInt8(EIO)
        _ = unsafe read(ready[0], &answer, 1)
        guard answer == 0 else { return (-1, Int32(answer)) }
        let path = text("/proc/") + decimal(pid) + text("/ns/mnt")
        let namespace = unsafe withCString(path) { unsafe dh_open($0, O_RDONLY | O_CLOEXEC, 0) }
        return (namespace, namespace < 0 ? dh_errno() : 0)
    }

    private static func cover(_ paths: [[UInt8]]) -> Int32 {
        guard unshare(CLONE_NEWNS) == 0 else { return dh_errno() }
        // Mounts made outside still arrive, ours stay here.
        guard unsafe mount(nil, "/", nil, UInt(MS_REC | MS_SLAVE), nil) == 0 else { return dh_errno() }
        for path in paths {
            let failed = unsafe withCString(path) {
                unsafe mount(
                    "none",
                    $0,
                    "tmpfs",
                    UInt(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC),
                    "mode=0,size=4k"
                ) != 0
            }
            // What is not there, or is the socket's file, needs another cover: a file is covered by /dev/null.
            guard failed else { continue }
            let error = dh_errno()
            guard error == ENOTDIR else { return error }
            let covered = unsafe withCString(path) {
                unsafe mount("/dev/null", $0, nil, UInt(MS_BIND), nil) == 0
            }
            guard covered else { return dh_errno() }
        }
        return 0
    }
}
