internal import CLinux
internal import Core
internal import Domain
internal import SQL
internal import SQLite
internal import Storage

/// `deckhand restore FOLDER`: brings a backup back.
///
/// It is copied and checked beside the present data first. Where no server runs it is put in place at once; beside a
/// running server it waits, and the next start of the server puts it in place. Earlier data is never deleted.
struct RestoreCommand: Sendable {
    let configuration: Configuration

    enum Outcome: Sendable {
        /// In place; the earlier data is in this folder.
        case done(replaced: String?)
        /// A server runs: in place at its next start.
        case waits
    }

    func run(from source: String) async throws -> Outcome {
        let pending = PendingRestore(
            path: configuration.dataDirectory,
            sessions: configuration.sessionsDirectory
        )
        let partial = pending.staged + ".partial"
        let thread = DedicatedThread(name: "restore")
        try await thread.run {
            guard unsafe access("\(source)/\(BackupCommand.manifest)", F_OK) == 0 else {
                throw Failure(
                    .invalid,
                    code: "no_backup",
                    message: "There is no complete backup at \(source).",
                    hint: "Name a folder that was made by: deckhand backup FOLDER"
                )
            }
            guard !pending.waits else {
                throw Failure(
                    .conflict,
                    code: "restore_waits",
                    message: "Another restore waits in \(pending.staged) already.",
                    hint: "Restart the server to put it in place, or remove that folder."
                )
            }
            try Self.stage(source, partial, pending)
        }
        try await Self.check("\(partial)/\(BackupCommand.database)")
        return try await thread.run {
            guard unsafe rename(partial, pending.staged) == 0 else {
                throw FileCopy.failure("finish", partial)
            }
            let lock: Int32
            do throws(Failure) {
                lock = try DataDirectoryLock.take(in: pending.path)
            } catch {
                guard error.code == "data_directory_in_use" else { throw error }
                return .waits
            }
            defer { close(lock) }
            return .done(replaced: try pending.apply())
        }
    }

    private static func stage(_ source: String, _ partial: String, _ pending: PendingRestore) throws(Failure)
    {
        _ = unsafe mkdir(pending.path, 0o700)
        try removeLeftovers(partial)
        try removeLeftovers(pending.stagedSessions)
        try FileCopy.makeFolder(partial)
        // Also where the backup has none: what is there now belongs to the database that goes.
        try FileCopy.makeFolder("\(partial)/artifacts")
        for (name, kind) in try FileCopy.entries(of: source) {
            switch (name, kind) {
            case ("sessions", .folder):
                _ = try FileCopy.folder(from: "\(source)/sessions", to: pending.stagedSessions)
            case ("artifacts", .folder):
                for (folder, kind) in try FileCopy.entries(of: "\(source)/artifacts") where kind == .folder {
                    let path = "artifacts/\(folder)"
                    _ = try FileCopy.folder(from: "\(source)/\(path)", to: "\(partial)/\(path)")
                }
            case ("keys", .folder), ("settings.d", .folder):
                _ = try FileCopy.folder(from: "\(source)/\(name)", to: "\(partial)/\(name)")
            case (_, .file): try FileCopy.file(from: "\(source)/\(name)", to: "\(partial)/\(name)")
            default: continue
            }
        }
        let mark = "\(partial)/mark-\(SystemWallClock().now().seconds)"
        let descriptor = unsafe dh_open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileCopy.failure("write", mark) }
        close(descriptor)
        sync()
    }

    /// Removes what an interrupted restore left.
    private static func removeLeftovers(_ folder: String) throws(Failure) {
        guard unsafe access(folder, F_OK) == 0 else { return }
        for (name, kind) in try FileCopy.entries(of: folder) {
            if kind == .folder {
                try removeLeftovers("\(folder)/\(name)")
            } else {
                _ = unsafe unlink("\(folder)/\(name)")
            }
        }
        guard unsafe rmdir(folder) == 0 else { throw FileCopy.failure("remove", folder) }
    }

    /// Opens the copied database, so that a damaged one, or one of a newer program, is refused before anything changes.
    private static func check(_ path: String) async throws {
        let database = try await openSQLite(
            path: path,
            readers: 1,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        do {
            _ = try await migrate(database, at: SystemWallClock().now())
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}
