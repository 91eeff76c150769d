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
        let known = try await Self.check("\(partial)/\(BackupCommand.database)")
        try await thread.run { try Self.dropStrangers(pending.stagedSessions, known) }
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
        try FileCopy.removeFolder(partial)
        try FileCopy.removeFolder(pending.stagedSessions)
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

    /// Opens the copied database, so that a damaged one, or one of a newer program, is refused before anything changes.
    ///
    /// Returns the numbers of the tickets of each session, by its name.
    private static func check(_ path: String) async throws -> [String: Set<Int64>] {
        let database = try await openSQLite(
            path: path,
            readers: 1,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        do {
            _ = try await migrate(database, at: SystemWallClock().now())
            let known = try await database.read { db in
                var known: [String: Set<Int64>] = [:]
                try db.forEach(
                    "select s.name, t.number from sessions s left join tickets t on t.session_id = s.id"
                ) {
                    let number: Int64? = try $0.get("number")
                    known[try $0.get("name"), default: []].formUnion(number.map { [$0] } ?? [])
                    return true
                }
                return known
            }
            await database.close()
            return known
        } catch {
            await database.close()
            throw error
        }
    }

    /// Outputs are copied after the database, so there may be some of tickets that it does not know: the next tickets would
    /// find them in their way.
    private static func dropStrangers(_ sessions: String, _ known: [String: Set<Int64>]) throws(Failure) {
        guard unsafe access(sessions, F_OK) == 0 else { return }
        for (folder, kind) in try FileCopy.entries(of: sessions) where kind == .folder {
            guard let numbers = known[folder] else {
                try FileCopy.removeFolder("\(sessions)/\(folder)")
                continue
            }
            for (name, kind) in try FileCopy.entries(of: "\(sessions)/\(folder)") where kind == .file {
                guard let number = Int64(name.prefix { $0 != "." }), !numbers.contains(number) else {
                    continue
                }
                _ = unsafe unlink("\(sessions)/\(folder)/\(name)")
            }
        }
    }
}
