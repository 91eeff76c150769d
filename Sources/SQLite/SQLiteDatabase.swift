internal import Core
internal import SQL

/// A database file with one writing and several reading connections.
final class SQLiteDatabase: FileDatabase {
    private let path: String
    private let writer: Writer
    private let readers: ReaderPool

    init(path: String, writer: Writer, readers: ReaderPool) {
        self.path = path
        self.writer = writer
        self.readers = readers
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        try await value(of: body, submit: readers.submit, cancel: readers.cancel)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        try await value(of: body, submit: writer.submit, cancel: writer.cancel)
    }

    private func value<Value: Sendable>(
        of body: @escaping @Sendable (borrowing Connection) throws -> Value,
        submit: (Job) -> Void,
        cancel: @escaping @Sendable (Job) -> Void
    ) async throws -> Value {
        let kept = Kept<Value>()
        let job = Job { connection in kept.keep(try body(connection)) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.await(with: continuation)
                submit(job)
            }
        } onCancel: {
            job.cancel()
            cancel(job)
        }
        guard let value = kept.value else { throw CancellationError() }
        return value
    }

    func backup(to target: String) async throws { try await Backup(of: path, to: target).run() }

    func close() async {
        await readers.close()
        await writer.close()
    }

    var statistics: DatabaseStatistics {
        var statistics = DatabaseStatistics()
        statistics.reads = readers.readCount
        statistics.writes = writer.writeCount
        statistics.commits = writer.commitCount
        statistics.waitingReads = readers.queue.count
        statistics.waitingWrites = writer.queue.count
        statistics.keptStatements = readers.keptStatements + writer.connection.keptStatements
        return statistics
    }
}
