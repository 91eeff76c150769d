internal import CLinux
internal import Domain
internal import Synchronization

/// Sessions' folders that were opened a moment ago, for those who must not wait for the disk.
///
/// Only a moment: whoever moves a folder away finds the next runs in a new one.
final class RecentFolders: Sendable {
    private static let most = 64
    private static let moment = Duration.seconds(1)

    private struct Opened {
        let folder: Descriptor
        let time: ContinuousClock.Instant
    }

    private let opened = Mutex<[SessionName: Opened]>([:])

    /// The folder, if it was opened a moment ago and has not been removed.
    func folder(_ name: SessionName) -> Descriptor? {
        guard let found = opened.withLock({ $0[name] }), ContinuousClock.now - found.time < Self.moment else {
            return nil
        }
        // Answered from memory for an open file (fstat(2)); a removed folder has no name left.
        var status = stat()
        return unsafe fstat(found.folder.raw, &status) == 0 && status.st_nlink > 0 ? found.folder : nil
    }

    /// The name is to lead to another folder from now on.
    func forget(_ name: SessionName) {
        let old = opened.withLock { $0.removeValue(forKey: name) }
        withExtendedLifetime(old) {}
    }

    /// Remembers a folder.
    func keep(_ folder: Descriptor, of name: SessionName) {
        let now = ContinuousClock.now
        // Closed here, not within the lock.
        let old = opened.withLock { opened in
            let old = opened
            if opened.count >= Self.most { opened = [:] }
            opened[name] = Opened(folder: folder, time: now)
            return old
        }
        withExtendedLifetime(old) {}
    }
}
