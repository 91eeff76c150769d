internal import Core
internal import Dispatch
internal import SQL
internal import Synchronization

/// Carries the write-ahead log into the database beside the writer, on a connection and a thread of its own.
///
/// That syncs both files, which takes milliseconds; commits go on meanwhile (https://sqlite.org/wal.html, section 2.2).
/// What they append is left to the next pass, and the last few pages to the writer itself: only a log of which nothing
/// is left is begun anew, and while commits come only the writer can see to that.
final class Checkpointer: Sendable {
    /// So many pages may be left to the writer, whom they cost a fraction of a millisecond.
    private static let fewPages = 128
    private static let maximumPasses = 8
    private static let patience = DispatchTimeInterval.seconds(5)

    private struct State {
        var thread: DedicatedThread?
        var connection: SQLiteConnection?
        var isWorking = false
        var isClosed = false
    }

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a checkpointer; thread and connection are made when they are needed.
    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Begins, unless that is under way; `done` is called when only the writer's part is left, or when it failed.
    func begin(_ pages: LogPages, done: @escaping @Sendable () -> Void) {
        let thread = state.withLock { state -> DedicatedThread? in
            guard !state.isWorking, !state.isClosed else { return nil }
            state.isWorking = true
            let thread = state.thread ?? DedicatedThread(name: "sql-checkpoint")
            state.thread = thread
            return thread
        }
        thread?.perform { [self] in
            do {
                try carry(pages)
            } catch let error as SQLError {
                logger.warning("checkpoint failed", LogField("sqlite.code", error.code))
            } catch {
                logger.warning("checkpoint failed", LogField("error", LogValue.error(error)))
            }
            state.withLock { $0.isWorking = false }
            done()
        }
    }

    /// Blocks the calling thread until what is under way is done, for five seconds at most.
    func wait() {
        guard let thread = state.withLock({ $0.thread }) else { return }
        let isDone = DispatchSemaphore(value: 0)
        thread.perform { isDone.signal() }
        _ = isDone.wait(timeout: .now() + Self.patience)
    }

    /// Closes the connection; returns when what is under way is done.
    func close() async {
        let thread = state.withLock { state in
            state.isClosed = true
            return state.thread
        }
        _ = try? await thread?.run { [self] in state.withLock { $0.connection.take() }?.close() }
    }

    private func carry(_ pages: LogPages) throws {
        let connection = try opened()
        var before = -1
        for _ in 0..<Self.maximumPasses {
            let carried = try connection.checkpoint()
            // Readers may keep a part back.
            let left = pages.count.load(ordering: .relaxed) - carried
            guard carried > before, left > Self.fewPages else { return }
            before = carried
        }
    }

    private func opened() throws -> SQLiteConnection {
        if let connection = state.withLock({ $0.connection }) { return connection }
        let connection = try SQLiteConnection(path: path, isReader: false)
        state.withLock { $0.connection = connection }
        return connection
    }
}
