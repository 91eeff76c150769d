import CLinux

/// Named instants at which a test lets the runner die; none is chosen in ordinary use.
enum KillPoint: UInt8, CaseIterable {
    /// The journal has its name, nothing else was done.
    case claimed
    /// All is ready for the command.
    case beforeSpawn
    /// The command's process is there, the journal does not say so.
    case afterSpawn
    /// Some output is in the file.
    case midOutput
    /// The command has ended, the journal does not say so.
    case afterExitBeforeSync
    /// The journal is complete, the server was not told.
    case afterSyncBeforeNotify
    /// The runner was given another ticket, and has not claimed it.
    case givenAnother

    nonisolated(unsafe) static var chosen: [UInt8] = []

    private var name: StaticString {
        switch self {
        case .claimed: "runner-claimed"
        case .beforeSpawn: "runner-before-spawn"
        case .afterSpawn: "runner-after-spawn"
        case .midOutput: "runner-mid-output"
        case .afterExitBeforeSync: "runner-after-exit-before-sync"
        case .afterSyncBeforeNotify: "runner-after-sync-before-notify"
        case .givenAnother: "runner-given-another"
        }
    }

    /// Dies here if a test chose this point.
    func pass() {
        guard unsafe !KillPoint.chosen.isEmpty, unsafe KillPoint.chosen == text(name) else { return }
        _ = kill(getpid(), SIGKILL)
    }

    /// Their names, one on a line, for the test that tries them all.
    static func list() -> [UInt8] {
        var lines: [UInt8] = []
        for point in allCases { lines += text(point.name) + [10] }
        return lines
    }
}
