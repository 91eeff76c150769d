internal import Core
internal import SQL
internal import Synchronization

/// The connections that read, each with its thread: whichever is free takes the next jobs.
final class ReaderPool: Sendable {
    private struct Reader: Sendable {
        let connection: SQLiteConnection
        let thread: DedicatedThread
    }

    /// So many jobs share a snapshot and a wake-up of their callers at most; few, because they wait for each other.
    private static let batchLimit = 4

    let queue: JobQueue
    private let readers: [Reader]
    private let reads = Atomic<Int>(0)

    init(_ readers: [(connection: SQLiteConnection, thread: DedicatedThread)]) {
        self.readers = readers.map { Reader(connection: $0.connection, thread: $0.thread) }
        queue = JobQueue(consumers: readers.count, capacity: 20_000)
    }

    var readCount: Int { reads.load(ordering: .relaxed) }
    var keptStatements: Int { readers.reduce(0) { $0 + $1.connection.keptStatements } }

    func submit(_ job: Job) {
        do throws(SQLError) {
            guard let index = try queue.add(job) else { return }
            readers[index].thread.perform { [self] in drain(index) }
        } catch {
            job.finish(error)
        }
    }

    func cancel(_ job: Job) {
        if queue.withdraw(job) { return job.finish(CancellationError()) }
        for reader in readers { reader.connection.interrupt(job) }
    }

    func close() async {
        await queue.close()
        for reader in readers { _ = try? await reader.thread.run { reader.connection.close() } }
    }

    private func drain(_ index: Int) {
        while true {
            let batch = queue.take(atMost: Self.batchLimit, of: readers.count, for: index)
            if batch.isEmpty { return }
            let errors = run(batch, on: readers[index].connection)
            reads.add(batch.count, ordering: .relaxed)
            for (job, error) in zip(batch, errors) { job.finish(error) }
        }
    }

    /// Runs jobs that wait already: the snapshot that they share is younger than any of them.
    private func run(_ batch: [Job], on connection: SQLiteConnection) -> [(any Error)?] {
        defer { connection.rollBack() }
        do {
            try connection.control("begin")
        } catch {
            return batch.map { _ in error }
        }
        return batch.map { job in
            do {
                try connection.perform(job)
                return nil
            } catch {
                return error
            }
        }
    }
}
