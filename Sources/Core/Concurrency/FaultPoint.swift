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
    /// A fact of a turn is about to be stored.
    case beforeTurnRecord = "server-before-turn-record"
    /// A fact of a turn is stored, nobody was told.
    case afterTurnRecord = "server-after-turn-record"
    /// Deltas of a turn are written, nobody was told.
    case afterTurnDeltas = "server-after-turn-deltas"
    /// A model gave a title or a summary, nothing is stored.
    case afterSideCall = "server-after-side-call"
    /// It is stored that a turn is to end, and it goes on yet.
    case afterCancelMark = "server-after-cancel-mark"
    /// The bytes of an artifact are kept, the database does not know.
    case afterArtifactFile = "server-after-artifact-file"
    /// An artifact is removed from the database, its bytes are there.
    case afterArtifactRemoval = "server-after-artifact-removal"

    private static let armed = Atomic<Int>(-1)
    private static let left = Atomic<Int>(0)

    /// Arms the point of this name; false when there is none.
    ///
    /// With `:n` after the name the process dies when the point is reached for the nth time.
    public static func arm(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let point = FaultPoint(rawValue: String(name)),
            let index = allCases.firstIndex(of: point)
        else { return false }
        let count = parts.count == 2 ? Int(parts[1]) : 1
        guard let count, count > 0 else { return false }
        left.store(count, ordering: .relaxed)
        armed.store(index, ordering: .relaxed)
        return true
    }

    /// Ends the process with SIGKILL if this point is armed.
    public func reach() {
        let index = Self.armed.load(ordering: .relaxed)
        guard index >= 0, Self.allCases[index] == self else { return }
        if Self.left.subtract(1, ordering: .relaxed).newValue == 0 { _ = kill(getpid(), SIGKILL) }
    }
}
