internal import CSQLite
internal import Core
internal import Glibc
internal import SQL
internal import Synchronization

/// One copy of a database in use: of one snapshot, under a temporary name until it is complete and synced.
final class Backup: Sendable {
    private let source: String
    private let target: String
    private let isCancelled = Atomic<Bool>(false)

    init(of source: String, to target: String) {
        self.source = source
        self.target = target
    }

    /// Copies on a thread of its own.
    func run() async throws {
        let thread = DedicatedThread(name: "backup")
        try await withTaskCancellationHandler {
            try await thread.run { [self] in try copy() }
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
    }

    private func copy() throws {
        guard unsafe access(target, F_OK) != 0 else {
            throw SQLError(.inaccessible, message: "the file exists already")
        }
        let partial = target + ".partial"
        _ = unsafe unlink(partial)
        do {
            try PrivateFile.create(partial)
            try copyPages(to: partial)
            guard unsafe rename(partial, target) == 0 else {
                throw SQLError(.inaccessible, code: Int(errno), message: "the copy cannot be given its name")
            }
            PrivateFile.syncFolder(of: target)
        } catch {
            _ = unsafe unlink(partial)
            throw error
        }
    }

    private func copyPages(to path: String) throws {
        let connection = try SQLiteConnection(path: source, isReader: true)
        // The open transaction keeps the snapshot; else each commit of the writer would start the copy again.
        try connection.control("begin")
        try connection.control("select count(*) from sqlite_schema")
        let file = try SQLiteHandle(path: path, flags: SQLITE_OPEN_READWRITE)
        var copy = try connection.copy(into: file)
        while try copy.step(pages: 256) {
            if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        }
    }
}
