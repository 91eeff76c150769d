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
        let job = ValueJob(body)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.await(with: continuation)
                readers.submit(job)
            }
        } onCancel: {
            job.cancel()
            readers.cancel(job)
        }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        let job = ValueJob(body)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.await(with: continuation)
                writer.submit(job)
            }
        } onCancel: {
            job.cancel()
            writer.cancel(job)
        }
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
