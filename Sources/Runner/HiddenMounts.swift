import CLinux

/// A mount namespace in which directories are covered by empty read-only file systems, made once for all runs.
///
/// It needs root. For other users a user namespace would be needed, in which `sudo` does not work; so it is not made.
enum HiddenMounts {
    /// The namespace's descriptor and 0, or -1 and the errno of what failed.
    static func make(_ paths: [[UInt8]]) -> (namespace: Int32, error: Int32) {
        MountNamespace.make { cover(paths) }
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
