internal import CLinux

/// Sockets handed over by the service manager (sd_listen_fds(3)).
public enum InheritedDescriptors: Sendable {
    /// The descriptors that `LISTEN_FDS` and `LISTEN_PID` announce to this process; empty when there are none.
    ///
    /// Starts at 3, as the protocol says. The caller removes the variables from what it passes to children.
    public static func all(environment: [String: String]) -> [Int32] {
        all(environment: environment, processID: getpid())
    }

    static func all(environment: [String: String], processID: Int32) -> [Int32] {
        guard let process = environment["LISTEN_PID"].flatMap({ Int32($0) }), process == processID,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0, count <= 64
        else { return [] }
        return Array(3..<(3 + count))
    }
}
