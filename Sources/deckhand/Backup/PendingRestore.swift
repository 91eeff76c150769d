internal import CLinux
internal import Core
internal import Domain

/// A backup that was brought in beside the data it is to replace, complete and checked.
///
/// It is put in place by renames, one item after the other; each step can be done again, so that a crash in the middle
/// is repaired by the next start. What was there before stays in a folder named by the time.
struct PendingRestore: Sendable {
    /// The data directory.
    let path: String
    /// The sessions directory, which may lie elsewhere.
    let sessions: String

    private static let items = [
        "deltas.sqlite-wal", "deltas.sqlite-shm", "deltas.sqlite",
        "deckhand.sqlite-wal", "deckhand.sqlite-shm", BackupCommand.database, "keys", "hash", "README.md",
        "CONTEXT.md", "audit", "artifacts", "deckhand.json5", "settings.d",
    ]

    var staged: String { path + "/restore" }
    var stagedSessions: String { sessions + ".restore" }

    /// Whether a complete backup waits.
    var waits: Bool { unsafe access("\(staged)/\(BackupCommand.manifest)", F_OK) == 0 }

    /// Puts it in place, if one waits; returns where the earlier data is now.
    ///
    /// Only under the data directory's lock.
    func apply() throws(Failure) -> String? {
        guard waits else { return nil }
        let mark = try self.mark()
        let replaced = "\(path)/replaced-\(mark)"
        guard unsafe mkdir(replaced, 0o700) == 0 || dh_errno() == EEXIST else {
            throw FileCopy.failure("make", replaced)
        }
        for item in Self.items {
            // The database's companions have no counterpart in a backup, and belong to what is replaced: so do deltas,
            // whose chats may have got other numbers by then, and checkpoints of a chain that goes on elsewhere.
            let isCompanion =
                item.hasPrefix(BackupCommand.database + "-") || item.hasPrefix("deltas.") || item == "audit"
            guard isCompanion || Self.exists("\(staged)/\(item)") else { continue }
            try Self.move("\(path)/\(item)", to: "\(replaced)/\(item)")
            if !isCompanion { try Self.move("\(staged)/\(item)", to: "\(path)/\(item)") }
        }
        if Self.exists(stagedSessions) {
            try Self.move(sessions, to: "\(sessions).replaced-\(mark)")
            try Self.move(stagedSessions, to: sessions)
        }
        // Last: from here on nothing waits any more.
        try Self.move("\(staged)/\(BackupCommand.manifest)", to: "\(replaced)/restored-from.json")
        _ = unsafe unlink("\(staged)/mark-\(mark)")
        _ = unsafe rmdir(staged)
        sync()
        return replaced
    }

    /// A text that names this restore, the same after a crash: written when it was staged.
    private func mark() throws(Failure) -> String {
        let prefix = "mark-"
        for entry in try FileCopy.entries(of: staged) where entry.name.hasPrefix(prefix) {
            return String(entry.name.dropFirst(prefix.count))
        }
        throw Failure(
            .invalid,
            code: "restore_incomplete",
            message: "The restore in \(staged) is not complete.",
            hint: "Remove that folder and restore again."
        )
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Renames, when there is something to rename.
    private static func move(_ source: String, to target: String) throws(Failure) {
        guard exists(source) else { return }
        guard unsafe rename(source, target) == 0 else { throw FileCopy.failure("move", source) }
    }
}
