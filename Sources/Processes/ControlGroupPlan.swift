internal import CLinux

/// Where runners make the control groups of tickets with memory or process limits (cgroups(7)); empty where they cannot.
struct ControlGroupPlan: Sendable, Equatable {
    var version2 = ""
    var memory = ""
    var pids = ""

    /// No groups: limits are set per process then.
    static let none = ControlGroupPlan()

    /// Looks at the machine, and prepares the server's own delegated group if there is one (version 2).
    static func detect() -> ControlGroupPlan {
        let mounts = lines("/proc/self/mounts").map { $0.split(separator: " ").map(String.init) }
        let own = lines("/proc/self/cgroup").map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        if let mount = mounts.first(where: { $0.count > 3 && $0[2] == "cgroup2" })?[1],
            let path = own.first(where: { $0.count == 3 && $0[0] == "0" })?[2],
            let base = prepare(mount: mount, path: path)
        {
            return ControlGroupPlan(version2: base)
        }
        func version1(_ controller: String) -> String {
            guard
                let mount = mounts.first(where: {
                    $0.count > 3 && $0[2] == "cgroup"
                        && $0[3].split(separator: ",").contains { $0 == controller }
                })?[1],
                let path = own.first(where: {
                    $0.count == 3 && $0[1].split(separator: ",").contains { $0 == controller }
                })?[2]
            else { return "" }
            let base = path == "/" ? mount : mount + path
            return unsafe access(base, W_OK) == 0 ? base : ""
        }
        return ControlGroupPlan(memory: version1("memory"), pids: version1("pids"))
    }

    /// Makes `deckhand-tickets` below the group that hands on controllers, which must itself be without processes.
    private static func prepare(mount: String, path: String) -> String? {
        guard let place = ControlGroupPlace(ofServer: path) else { return nil }
        let base = place.base == "/" ? mount : mount + place.base
        let controllers =
            lines(base + "/cgroup.controllers").first?.split(separator: " ").map(String.init) ?? []
        guard controllers.contains("memory"), controllers.contains("pids") else { return nil }
        if place.mustBeEmptied {
            _ = unsafe mkdir(base + ControlGroupPlace.server, 0o755)
            for process in lines(base + "/cgroup.procs") {
                write(process, to: base + ControlGroupPlace.server + "/cgroup.procs")
            }
        }
        let tickets = base + "/deckhand-tickets"
        guard write("+memory +pids", to: base + "/cgroup.subtree_control"),
            unsafe mkdir(tickets, 0o755) == 0 || dh_errno() == EEXIST,
            write("+memory +pids", to: tickets + "/cgroup.subtree_control")
        else { return nil }
        return tickets
    }

    /// Kills what is in a ticket's group.
    func destroy(token: String) {
        for directory in directories(token) { Self.write("1", to: directory + "/cgroup.kill") }
    }

    /// Removes a ticket's groups.
    func remove(token: String) {
        for directory in directories(token) { _ = unsafe rmdir(directory) }
    }

    private func directories(_ token: String) -> [String] {
        let name = "/ticket-" + String(token.map { $0 == "/" ? "-" : $0 })
        return [version2, memory, pids].filter { !$0.isEmpty }.map { $0 + name }
    }

    private static func lines(_ path: String) -> [String] {
        (ProcessTable.contents(path, limit: 1 << 20) ?? []).split(separator: 10).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @discardableResult
    private static func write(_ text: String, to path: String) -> Bool {
        guard let file = unsafe Descriptor(dh_open(path, O_WRONLY | O_CLOEXEC, 0)) else { return false }
        return file.write(Array(text.utf8)) == 0
    }
}
