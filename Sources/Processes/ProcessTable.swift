internal import CLinux

/// What `/proc` says about processes (proc(5)).
enum ProcessTable {
    /// The present boot's id.
    static func bootID() -> String {
        let text = contents("/proc/sys/kernel/random/boot_id", limit: 64) ?? []
        return String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)
    }

    /// The fields behind the name; the first one is the state, the second the parent.
    static func stat(of pid: Int32) -> [String]? {
        guard let text = contents("/proc/\(pid)/stat", limit: 4_096), let end = text.lastIndex(of: 41) else {
            return nil
        }
        return text[(end + 1)...].split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A handle on the process if it lives and is the one that started then; a number alone may be used again.
    static func open(pid: Int32, start: Int64) -> Descriptor? {
        guard pid > 0, let handle = Descriptor(dh_pidfd_open(pid, 0)) else { return nil }
        // Read after the handle exists: from then on the number cannot change its owner.
        guard let fields = stat(of: pid), fields.count > 19, fields[0] != "Z", Int64(fields[19]) == start
        else { return nil }
        return handle
    }

    /// Processes whose initial environment has this `NAME=value`, or whose limits have this number, with their names.
    static func marked(_ marker: [UInt8], or mark: Int64? = nil) -> [(
        handle: Descriptor, pid: Int32, name: String
    )] {
        guard let directory = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(directory) }
        var found: [(handle: Descriptor, pid: Int32, name: String)] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = Int32(name), pid != getpid(), let handle = Descriptor(dh_pidfd_open(pid, 0)),
                hasEnvironment(pid, marker) || mark.map({ hasLimit(pid, $0) }) ?? false
            else { continue }
            let program = contents("/proc/\(pid)/comm", limit: 64).map {
                String(decoding: $0.prefix { $0 != 10 }, as: UTF8.self)
            }
            found.append((handle, pid, program ?? "?"))
        }
        return found
    }

    private static func hasEnvironment(_ pid: Int32, _ marker: [UInt8]) -> Bool {
        (contents("/proc/\(pid)/environ", limit: 4 << 20) ?? []).split(separator: 0).contains {
            $0.elementsEqual(marker)
        }
    }

    private static func hasLimit(_ pid: Int32, _ limit: Int64) -> Bool {
        let number = Array(limit.description.utf8)
        return (contents("/proc/\(pid)/limits", limit: 4_096) ?? []).split(whereSeparator: {
            $0 == 32 || $0 == 10
        })
        .contains { $0.elementsEqual(number) }
    }

    /// How many files a process has open.
    static func openFiles(of pid: Int32) -> Int {
        guard let directory = unsafe opendir("/proc/\(pid)/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    /// Reads a small file; nil when it cannot be read.
    static func contents(_ path: String, limit: Int) -> [UInt8]? {
        guard let file = unsafe Descriptor(dh_open(path, O_RDONLY | O_CLOEXEC, 0)) else { return nil }
        return file.read(at: 0, count: limit)
    }
}
