internal import CLinux
internal import Synchronization

/// A named place where tests let the process die, so that recovery is tried at every step that matters.
///
/// Nothing is armed unless the program was started with `DECKHAND_KILL_AT`; an unarmed point costs one atomic load.
public enum FaultPoint: String, Sendable, CaseIterable {
    /// The ticket is stored, its caller has no answer yet.
    case afterAppend = "server-after-append"
    /// The ticket is marked as starting, no runner was asked for.
    case afterMarkStarting = "server-after-mark-starting"
    /// A runner exists, nothing about it is known to the database.
    case afterSpawn = "server-after-spawn"
    /// The run is over, the database does not know.
    case beforeFinish = "server-before-finish"
    /// The end is stored, nobody was told.
    case afterFinish = "server-after-finish"

    private static let armed = Atomic<Int>(-1)

    /// Arms the point of this name; false when there is none.
    public static func arm(_ name: String) -> Bool {
        guard let point = FaultPoint(rawValue: name), let index = allCases.firstIndex(of: point) else {
            return false
        }
        armed.store(index, ordering: .relaxed)
        return true
    }

    /// Ends the process with SIGKILL if this point is armed.
    public func reach() {
        let index = Self.armed.load(ordering: .relaxed)
        guard index >= 0, Self.allCases[index] == self else { return }
        _ = kill(getpid(), SIGKILL)
    }
}
