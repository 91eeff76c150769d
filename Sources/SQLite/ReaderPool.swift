internal import Core
internal import SQL
internal import Synchronization

/// The connections that read, each with its thread: whichever is free takes the next job.
final class ReaderPool: Sendable {
    private struct Reader: Sendable {
        let connection: SQLiteConnection
        let thread: DedicatedThread
    }

    let queue: JobQueue
    private let readers: [Reader]
    private let reads = Atomic<Int>(0)

    init(_ readers: [(connection: SQLiteConnection, thread: DedicatedThread)]) {
        self.readers = readers.map { Reader(connection: $0.connection, thread: $0.thread) }
        queue = JobQueue(consumers: readers.count, capacity: 20_000)
    }

    var readCount: Int { reads.load(ordering: .relaxed) }
    var keptStatements: Int { readers.reduce(0) { $0 + $1.connection.keptStatements } }

    func submit(_ job: any Job) {
        do throws(SQLError) {
            guard let index = try queue.add(job) else { return }
            readers[index].thread.perform { [self] in drain(index) }
        } catch {
            job.finish(error)
        }
    }

    func cancel(_ job: any Job) {
        if queue.withdraw(job) { return job.finish(CancellationError()) }
        for reader in readers { reader.connection.interrupt(job) }
    }

    func close() async {
        await queue.close()
        for reader in readers { _ = try? await reader.thread.run { reader.connection.close() } }
    }

    private func drain(_ index: Int) {
        let connection = readers[index].connection
        while let job = queue.take(1, for: index).first {
            let error = run(job, on: connection)
            reads.add(1, ordering: .relaxed)
            job.finish(error)
        }
    }

    private func run(_ job: any Job, on connection: SQLiteConnection) -> (any Error)? {
        defer { connection.rollBack() }
        do {
            try connection.control("begin")
            try connection.perform(job)
            return nil
        } catch {
            return error
        }
    }
}
