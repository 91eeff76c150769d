internal import CLinux
internal import Core
internal import Domain
internal import SQL
internal import SQLite

/// `deckhand backup FOLDER`: a copy of everything a server needs, made while it serves.
///
/// The database is copied first, as of one moment; outputs are copied after it, so that each ticket of the copy has at
/// least the output that it had at that moment. Bytes of artifacts are not removed meanwhile: what the server would remove it
/// leaves for later, so that each artifact of the copy has its own.
struct BackupCommand: Sendable {
    let configuration: Configuration
    let data: DataDirectory

    /// What a backup consists of, beside `sessions/`, ``folders`` and the manifest.
    static let files = ["keys/master", "keys/audit", "hash", "README.md", "CONTEXT.md", "deckhand.json5"]
    static let folders = ["artifacts", "settings.d"]
    static let manifest = "manifest.json"
    static let database = "deckhand.sqlite"

    /// Makes the backup; the folder appears under its name only when it is complete.
    ///
    /// Returns how many files it has.
    func run(to target: String) async throws -> Int {
        let partial = target + ".partial"
        do {
            return try await run(to: target, through: partial)
        } catch let failure as Failure where failure.code == "backup_exists" {
            throw failure
        } catch {
            // What is incomplete is nobody's backup, and would stop the next one.
            _ = try? await DedicatedThread(name: "backup").run { try FileCopy.removeFolder(partial) }
            throw error
        }
    }

    private func run(to target: String, through partial: String) async throws -> Int {
        let logger = Logger(level: .error, sink: NullLogSink())
        let thread = DedicatedThread(name: "backup")
        try await thread.run {
            guard unsafe access(target, F_OK) != 0 else {
                throw Failure(
                    .conflict,
                    code: "backup_exists",
                    message: "There is something at \(target) already.",
                    hint: "Name a folder that does not exist yet."
                )
            }
            guard unsafe access(partial, F_OK) != 0 else {
                throw Failure(
                    .conflict,
                    code: "backup_exists",
                    message: "There is an incomplete backup at \(partial), or one that is being made.",
                    hint: "Remove it, if no other backup is at work, and try again."
                )
            }
            try FileCopy.makeFolder(partial)
            try FileCopy.makeFolder(partial + "/keys")
        }
        let hold = try await thread.run { [path = data.artifactsPath] in try ArtifactHold(on: path) }
        defer { hold?.release() }
        let database = try await openSQLite(path: data.databasePath, readers: 1, logger: logger)
        do {
            try await database.backup(to: "\(partial)/\(Self.database)")
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        let path = data.path
        let sessions = configuration.sessionsDirectory
        return try await thread.run {
            var count = 1
            for name in Self.files where unsafe access("\(path)/\(name)", F_OK) == 0 {
                try FileCopy.file(from: "\(path)/\(name)", to: "\(partial)/\(name)")
                count += 1
            }
            count += try FileCopy.folder(from: sessions, to: "\(partial)/sessions")
            for name in Self.folders where unsafe access("\(path)/\(name)", F_OK) == 0 {
                count += try FileCopy.folder(from: "\(path)/\(name)", to: "\(partial)/\(name)")
            }
            try Self.writeManifest(partial, files: count)
            sync()
            guard unsafe rename(partial, target) == 0 else { throw FileCopy.failure("finish", target) }
            return count
        }
    }

    private static func writeManifest(_ folder: String, files: Int) throws(Failure) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("format")
            writer.integer(1)
            writer.key("version")
            writer.string(Version.current)
            writer.key("made")
            writer.time(SystemWallClock().now())
            writer.key("files")
            writer.integer(files)
        }
        do throws(PrivateFile.Trouble) {
            try PrivateFile.create("\(folder)/\(manifest)", writer.bytes + [10])
        } catch {
            throw Failure(
                .unavailable,
                code: "backup_failed",
                message: "The manifest cannot be written: \(error.reason)."
            )
        }
    }
}

/// Keeps the server from removing bytes of artifacts: a lock on their folder (flock(2)), which ends with this process at
/// the latest.
private struct ArtifactHold: Sendable {
    /// A removal of the server takes a moment.
    private static let patience = Duration.seconds(30)
    private static let pause: UInt32 = 5_000

    private let descriptor: Int32

    /// Takes the lock, blocking; nil where there is no such folder.
    init?(on path: String) throws(Failure) {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else {
            guard dh_errno() == ENOENT else { throw FileCopy.failure("read", path) }
            return nil
        }
        let deadline = ContinuousClock.now + Self.patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard dh_errno() == EWOULDBLOCK, ContinuousClock.now < deadline else {
                _ = close(descriptor)
                throw FileCopy.failure("lock", path)
            }
            _ = usleep(Self.pause)
        }
        self.descriptor = descriptor
    }

    func release() { _ = close(descriptor) }
}
