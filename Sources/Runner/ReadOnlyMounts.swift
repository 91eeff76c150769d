import CLinux

/// A mount namespace in which no file can be written but those of a private directory in memory.
///
/// It is made anew for each run that asks for it, since mounts change. It needs root. Devices, pipes and sockets can be
/// written as ever (mount(2), MS_RDONLY), and a program that sets out to leave it as root can: it is a second net below
/// the rules for commands, and no prison.
enum ReadOnlyMounts {
    private static let mountInfo = text("/proc/self/mountinfo")

    /// The namespace's descriptor and 0, or -1 and the errno of what failed.
    ///
    /// It begins as the namespace `base`, or as the caller's own where that is -1. `scratch` is a directory that becomes
    /// the private one; empty for none.
    static func make(over base: Int32, scratch: [UInt8]) -> (namespace: Int32, error: Int32) {
        MountNamespace.make {
            if base >= 0, setns(base, CLONE_NEWNS) != 0 { return dh_errno() }
            guard unshare(CLONE_NEWNS) == 0 else { return dh_errno() }
            // Mounts taken away outside go here too, ours stay here.
            guard unsafe mount(nil, "/", nil, UInt(MS_REC | MS_SLAVE), nil) == 0 else { return dh_errno() }
            let error = protect()
            return error == 0 && !scratch.isEmpty ? mountScratch(scratch) : error
        }
    }

    /// 0 where it can be made, else an errno.
    static func probe() -> Int32 {
        let made = make(over: -1, scratch: [])
        if made.namespace >= 0 { _ = close(made.namespace) }
        return made.error
    }

    private static func protect() -> Int32 {
        if dh_make_mounts_read_only() == 0 { return 0 }
        // Before Linux 5.12 each mount has to be named (mount_setattr(2)).
        return dh_errno() == ENOSYS ? protectEach() : dh_errno()
    }

    private static func protectEach() -> Int32 {
        for line in readFile(mountInfo).split(separator: 10) {
            // proc_pid_mountinfo(5): the fifth field is the mount point, the sixth its options.
            let fields = line.split(separator: 32)
            guard fields.count > 5 else { continue }
            let path = unescaped(fields[4])
            let flags = UInt(MS_REMOUNT | MS_BIND | MS_RDONLY) | kept(fields[5])
            let isDone = unsafe withCString(path) { unsafe mount(nil, $0, nil, flags, nil) == 0 }
            // A mount that another one covers cannot be reached by anybody else either.
            if !isDone, dh_errno() != ENOENT, dh_errno() != EINVAL || path.count == 1 { return dh_errno() }
        }
        return 0
    }

    /// What a mount must not lose when its flags are set anew.
    private static func kept(_ options: ArraySlice<UInt8>) -> UInt {
        var flags: UInt = 0
        for option in options.split(separator: 44) {
            let name = Array(option)
            if name == text("nosuid") { flags |= UInt(MS_NOSUID) }
            if name == text("nodev") { flags |= UInt(MS_NODEV) }
            if name == text("noexec") { flags |= UInt(MS_NOEXEC) }
            if name == text("noatime") { flags |= UInt(MS_NOATIME) }
            if name == text("nodiratime") { flags |= UInt(MS_NODIRATIME) }
            if name == text("relatime") { flags |= UInt(MS_RELATIME) }
        }
        return flags
    }

    /// Blanks and the like are written as a backslash and three octal digits.
    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            guard byte == 92, rest.count >= 3 else {
                result.append(byte)
                continue
            }
            var value = 0
            for _ in 0..<3 { value = value * 8 + Int(rest.removeFirst() & 7) }
            result.append(UInt8(truncatingIfNeeded: value))
        }
        return result
    }

    private static func mountScratch(_ path: [UInt8]) -> Int32 {
        let isMounted = unsafe withCString(path) {
            unsafe mount(
                "none",
                $0,
                "tmpfs",
                UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC),
                "mode=1777,size=256m,nr_inodes=16k"
            ) == 0
        }
        return isMounted ? 0 : dh_errno()
    }
}
