import CLinux

/// The control groups of one run: one directory under version 2, one per controller under version 1 (cgroups(7)).
struct ControlGroup {
    private var directories: [[UInt8]] = []
    private var isVersion2 = false
    private var memory: [UInt8] = []
    /// Open `cgroup.procs` files, by which the command's process enters.
    private(set) var entrances: [Int32] = []

    /// Makes the groups that the limits need, as far as the machine lets us.
    init(spec: RunSpec) {
        guard spec.memoryBytes >= 0 || spec.processes >= 0 else { return }
        let name = text("/ticket-") + spec.token.map { $0 == 47 ? 45 : $0 }
        if !spec.groupsV2.isEmpty {
            isVersion2 = true
            let directory = spec.groupsV2 + name
            guard make(directory) else { return }
            memory = directory
            if spec.memoryBytes >= 0 {
                _ = writeFile(directory + text("/memory.max"), decimal(spec.memoryBytes))
                _ = writeFile(directory + text("/memory.swap.max"), text("0"))
                _ = writeFile(directory + text("/memory.oom.group"), text("1"))
            }
            if spec.processes >= 0 { _ = writeFile(directory + text("/pids.max"), decimal(spec.processes)) }
            return
        }
        if spec.memoryBytes >= 0, !spec.groupsMemory.isEmpty, make(spec.groupsMemory + name) {
            memory = spec.groupsMemory + name
            _ = writeFile(memory + text("/memory.limit_in_bytes"), decimal(spec.memoryBytes))
            _ = writeFile(memory + text("/memory.memsw.limit_in_bytes"), decimal(spec.memoryBytes))
        }
        if spec.processes >= 0, !spec.groupsPids.isEmpty, make(spec.groupsPids + name) {
            _ = writeFile(spec.groupsPids + name + text("/pids.max"), decimal(spec.processes))
        }
    }

    /// There is no group.
    var isEmpty: Bool { directories.isEmpty }

    /// Says whether the tree's memory is limited by a group.
    var limitsMemory: Bool { !memory.isEmpty }
    /// Says whether the tree's processes are limited by a group.
    func limitsProcesses(_ spec: RunSpec) -> Bool {
        isVersion2 ? !directories.isEmpty : directories.count > (limitsMemory ? 1 : 0)
    }

    /// Says whether the kernel ended a process of the tree for lack of memory.
    var ranOutOfMemory: Bool {
        guard limitsMemory else { return false }
        let file = readFile(memory + (isVersion2 ? text("/memory.events") : text("/memory.oom_control")))
        for line in file.split(separator: 10) {
            let words = line.split(separator: 32)
            if words.count == 2, words[0].elementsEqual("oom_kill".utf8) {
                return (JournalLine.number(words[1]) ?? 0) > 0
            }
        }
        return false
    }

    /// Kills all that is in the group at once, where the kernel can.
    func destroy() {
        guard isVersion2 else { return }
        for directory in directories { _ = writeFile(directory + text("/cgroup.kill"), text("1")) }
    }

    /// Removes the groups; they are empty when the tree is gone.
    func remove() {
        for directory in directories { _ = unsafe withCString(directory) { unsafe rmdir($0) } }
    }

    /// The command is in; nobody else enters.
    mutating func closeEntrances() {
        for entrance in entrances { _ = close(entrance) }
        entrances = []
    }

    private mutating func make(_ directory: [UInt8]) -> Bool {
        guard unsafe withCString(directory, { unsafe mkdir($0, 0o755) }) == 0 || dh_errno() == EEXIST else {
            return false
        }
        let entrance = unsafe withCString(directory + text("/cgroup.procs")) {
            unsafe dh_open($0, O_WRONLY | O_CLOEXEC, 0)
        }
        guard entrance >= 0 else { return false }
        directories.append(directory)
        entrances.append(entrance)
        return true
    }
}
