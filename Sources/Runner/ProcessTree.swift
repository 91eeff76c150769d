import CLinux

/// The descendants of the runner: as their subreaper it is the parent of all that lost theirs (prctl(2)).
struct ProcessTree {
    /// All descendants, found by their parents in proc_pid_stat(5).
    static func descendants() -> [pid_t] {
        var parents: [(pid: pid_t, parent: pid_t)] = []
        guard let directory = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(directory) }
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe Array($0.prefix { $0 != 0 })
            }
            guard let pid = JournalLine.number(name), pid > 0 else { continue }
            let fields = statFields(readFile(text("/proc/") + name + text("/stat")))
            guard fields.count > 1, fields[0].first != 90, let parent = JournalLine.number(fields[1]) else {
                continue
            }
            parents.append((pid_t(truncatingIfNeeded: pid), pid_t(truncatingIfNeeded: parent)))
        }
        var found: [pid_t] = []
        var frontier: [pid_t] = [getpid()]
        while let ancestor = frontier.popLast() {
            for entry in parents where entry.parent == ancestor {
                found.append(entry.pid)
                frontier.append(entry.pid)
            }
        }
        return found
    }

    /// Asks all of them to end; those that are stopped are woken to hear it.
    ///
    /// Returns how many there were.
    @discardableResult
    static func terminate() -> Int {
        let found = descendants()
        for pid in found {
            _ = kill(pid, SIGTERM)
            _ = kill(pid, SIGCONT)
        }
        return found.count
    }

    /// Kills all of them: stopped first until no new one appears, so that a fork bomb cannot outrun it.
    static func destroy() {
        var stopped: [pid_t] = []
        for _ in 0..<8 {
            let fresh = descendants().filter { !stopped.contains($0) }
            if fresh.isEmpty { break }
            for pid in fresh { _ = kill(pid, SIGSTOP) }
            stopped += fresh
        }
        for pid in stopped { _ = kill(pid, SIGKILL) }
    }
}
