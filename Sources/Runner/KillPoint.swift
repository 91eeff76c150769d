import CLinux

/// Named instants at which a test lets the runner die; none is chosen in ordinary use.
enum KillPoint {
    nonisolated(unsafe) static var chosen: [UInt8] = []

    /// Dies here if a test chose this point.
    static func pass(_ name: StaticString) {
        guard unsafe !chosen.isEmpty, unsafe chosen == text(name) else { return }
        _ = kill(getpid(), SIGKILL)
    }
}
