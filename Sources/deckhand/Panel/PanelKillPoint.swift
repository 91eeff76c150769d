import CLinux
import Synchronization

/// Where tests let an installation die: `DECKHAND_KILL_AT=panel:n` ends the process at its nth change of a file.
enum PanelKillPoint {
    private static let left = Atomic<Int>(0)

    static func arm(_ text: String?) {
        guard let text, text.hasPrefix("panel:"), let count = Int(text.dropFirst(6)), count > 0 else {
            return
        }
        left.store(count, ordering: .relaxed)
    }

    @Sendable static func edge() {
        guard left.load(ordering: .relaxed) > 0 else { return }
        if left.subtract(1, ordering: .relaxed).newValue == 0 { _ = kill(getpid(), SIGKILL) }
    }
}
