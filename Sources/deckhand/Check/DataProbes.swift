import CLinux
import Core
import Domain

/// What the data directory is like; every probe may block.
enum DataProbes {
    private static let rounds = 200

    static func all(_ configuration: Configuration) -> [Finding] {
        let path = configuration.dataDirectory
        guard unsafe access(path, F_OK) == 0 else { return [missing(path)] }
        var findings = [state(configuration)]
        findings.append(speed(path))
        findings += [space("data.space", path)]
        if unsafe access(configuration.sessionsDirectory, F_OK) == 0,
            device(configuration.sessionsDirectory) != device(path)
        {
            findings.append(space("sessions.space", configuration.sessionsDirectory))
        }
        return findings
    }

    /// What changes while a server runs.
    static func running(_ configuration: Configuration) -> [Finding] {
        let (path, sessions) = (configuration.dataDirectory, configuration.sessionsDirectory)
        return [space("data.space", path)]
            + (device(sessions) != device(path) ? [space("sessions.space", sessions)] : [])
    }

    /// The speed of the disk by fewer rounds, because others wait for it meanwhile.
    static func quickSpeed(_ configuration: Configuration) -> Finding {
        speed(configuration.dataDirectory, rounds: 20)
    }

    private static func missing(_ path: String) -> Finding {
        var parent = path
        while unsafe access(parent, F_OK) != 0, let slash = parent.lastIndex(of: "/"), parent != "/" {
            parent = slash == parent.startIndex ? "/" : String(parent[..<slash])
        }
        return unsafe access(parent + "/.", W_OK | X_OK) == 0
            ? Finding("data.directory", .fine, "\(path) will be made at the first start")
            : Finding(
                "data.directory",
                .broken,
                "\(path) cannot be made: \(parent) is not a directory that can be written",
                hint: "Name another one with DECKHAND_DATA."
            )
    }

    private static func state(_ configuration: Configuration) -> Finding {
        do throws(Failure) {
            _ = try openExistingDataDirectory(configuration)
            if isListable(configuration.dataDirectory) {
                return Finding(
                    "data.directory",
                    .weak,
                    "\(configuration.dataDirectory) can be listed by others",
                    hint: "Take that right away: chmod 0700 \(configuration.dataDirectory)"
                )
            }
            return Finding("data.directory", .fine, "\(configuration.dataDirectory), private, with its keys")
        } catch {
            let isNew = unsafe access(configuration.dataDirectory + "/keys/master", F_OK) != 0
            if isNew, error.code == "data_directory_unsafe", ownerIsFine(configuration.dataDirectory) {
                return Finding(
                    "data.directory",
                    .fine,
                    "\(configuration.dataDirectory), keys will be made at the first start"
                )
            }
            return Finding("data.directory", .broken, error.message, hint: error.hint)
        }
    }

    private static func isListable(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & 0o044 != 0
    }

    private static func ownerIsFine(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    /// The median of appending 4 KiB and fdatasync(2): what every durable submission waits for.
    private static func speed(_ path: String, rounds: Int = rounds) -> Finding {
        let file = "\(path)/check-\(getpid())"
        let descriptor = unsafe dh_open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            return Finding(
                "data.speed",
                .broken,
                "nothing can be written there: \(SystemError.text(dh_errno()))"
            )
        }
        defer { _ = close(descriptor) }
        _ = unsafe unlink(file)
        let block = [UInt8](repeating: 0x61, count: 4_096)
        var times: [Duration] = []
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            guard unsafe write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0
            else {
                return Finding(
                    "data.speed",
                    .broken,
                    "writing fails: \(SystemError.text(dh_errno()))",
                    hint: "Free space on the disk."
                )
            }
            times.append(ContinuousClock.now - start)
        }
        let median = times.sorted()[rounds / 2]
        let isSlow = median > .milliseconds(10)
        return Finding(
            "data.speed",
            isSlow ? .weak : .fine,
            "\(median.inMicroseconds) µs to append and sync 4 KiB (median of \(rounds))",
            hint: isSlow ? "Submissions wait for this; put the data directory on a faster disk." : nil
        )
    }

    private static func space(_ name: String, _ path: String) -> Finding {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else {
            return Finding(name, .weak, "not known: \(SystemError.text(dh_errno()))")
        }
        let free = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        let text = "\(free >> 20) MiB free"
        guard free >= 64 << 20 else {
            return Finding(
                name,
                .broken,
                text,
                hint: "Free space before starting: outputs and the database need it."
            )
        }
        return Finding(
            name,
            free < 1 << 30 ? .weak : .fine,
            text,
            hint: free < 1 << 30 ? "Free some soon, or lower DECKHAND_KEEP_BYTES." : nil
        )
    }

    private static func device(_ path: String) -> UInt {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? UInt(status.st_dev) : 0
    }
}
