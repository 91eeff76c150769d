internal import Core
internal import SQL
internal import Synchronization

/// The one connection that writes, with its thread: commits all jobs that wait when it becomes free together.
final class Writer: Sendable {
    /// So many jobs share one commit at most.
    private static let batchLimit = 128
    /// So many pages (4 KiB each) in the write-ahead log are worth a checkpoint, which syncs two files.
    private static let checkpointPages = 4_000
    /// With so many, commits wait for it: a checkpoint takes long enough for thousands of pages of commits.
    private static let mostPages = 4 * checkpointPages

    let queue = JobQueue(consumers: 1, capacity: 20_000)
    let connection: SQLiteConnection
    private let thread: DedicatedThread
    private let logger: Logger
    private let writes = Atomic<Int>(0)
    private let commits = Atomic<Int>(0)
    private let checkpointDue = Atomic<Int>(checkpointPages)
    private let checkpointer: Checkpointer
    /// The checkpointer has left the last pages to this thread.
    private let isLastPartDue = Atomic<Bool>(false)

    init(
        connection: SQLiteConnection,
        thread: DedicatedThread,
        checkpointer: Checkpointer,
        logger: Logger
    ) {
        self.checkpointer = checkpointer
        self.connection = connection
        self.thread = thread
        self.logger = logger
    }

    var writeCount: Int { writes.load(ordering: .relaxed) }
    var commitCount: Int { commits.load(ordering: .relaxed) }

    func submit(_ job: Job) {
        do throws(SQLError) {
            guard try queue.add(job) != nil else { return }
            thread.perform { [self] in drain() }
        } catch {
            job.finish(error)
        }
    }

    func cancel(_ job: Job) {
        if queue.withdraw(job) { job.finish(CancellationError()) } else { connection.interrupt(job) }
    }

    func close() async {
        await queue.close()
        await checkpointer.close()
        _ = try? await thread.run { [connection] in connection.close() }
    }

    private func drain() {
        var isFailing = false
        while true {
            var batch = queue.take(atMost: Self.batchLimit, for: 0)
            if batch.isEmpty { return }
            var areApart = isFailing
            isFailing = false
            while !batch.isEmpty {
                let attempt = attempt(batch, apart: areApart && batch.count > 1)
                isFailing = isFailing || attempt.hasFailed
                areApart = areApart || attempt.hasFailed
                batch = attempt.remaining
            }
            checkpointIfDue()
        }
    }

    /// Runs jobs in one transaction and finishes them; returns those that have to be run again because one of them lost
    /// the transaction, or failed where it could not be undone alone.
    ///
    /// Savepoints, which undo a job alone, cost every job more than the rare second run costs: they are set only when
    /// jobs are `apart`, after a failure.
    private func attempt(_ batch: [Job], apart: Bool) -> (remaining: [Job], hasFailed: Bool) {
        do {
            try connection.control("begin immediate")
        } catch {
            for job in batch { job.finish(error) }
            return ([], false)
        }
        var outcomes: [(job: Job, error: (any Error)?)] = []
        outcomes.reserveCapacity(batch.count)
        for (index, job) in batch.enumerated() {
            let error = apart ? runApart(job) : run(job)
            guard connection.isInTransaction else {
                return (restart(batch, without: index, because: error), true)
            }
            if error != nil, !apart, batch.count > 1 {
                connection.rollBack()
                return (batch, true)
            }
            outcomes.append((job, error))
        }
        commit(outcomes)
        return ([], outcomes.contains { $0.error != nil })
    }

    private func run(_ job: Job) -> (any Error)? {
        do {
            try connection.perform(job)
            return nil
        } catch {
            return error
        }
    }

    /// Runs one job, and undoes what it did when it fails.
    private func runApart(_ job: Job) -> (any Error)? {
        do {
            try connection.control("savepoint job")
            try connection.perform(job)
            if connection.isInTransaction { try connection.control("release job") }
            return nil
        } catch {
            guard connection.isInTransaction else { return error }
            do {
                try connection.control("rollback to job")
                try connection.control("release job")
            } catch {
                connection.rollBack()
            }
            return error
        }
    }

    /// The engine gave up the whole transaction (https://sqlite.org/lang_transaction.html, section 3): only the job
    /// that was the cause fails, unless the storage itself is at fault.
    private func restart(_ batch: [Job], without index: Int, because error: (any Error)?) -> [Job] {
        let cause = error ?? SQLError(.statement, message: "the body ended the transaction")
        guard (cause as? SQLError)?.isOfStorage != true else {
            for job in batch { job.finish(cause) }
            return []
        }
        batch[index].finish(cause)
        var others = batch
        others.remove(at: index)
        return others
    }

    private func commit(_ outcomes: [(job: Job, error: (any Error)?)]) {
        let stored = outcomes.count { $0.error == nil }
        guard stored > 0 else {
            connection.rollBack()
            for (job, error) in outcomes { job.finish(error) }
            return
        }
        do {
            try connection.control("commit")
        } catch {
            connection.rollBack()
            for (job, _) in outcomes { job.finish(error) }
            return
        }
        writes.add(stored, ordering: .relaxed)
        commits.add(1, ordering: .relaxed)
        for (job, error) in outcomes { job.finish(error) }
    }

    /// After the callers were resumed, so that none of them waits for it.
    private func checkpointIfDue() {
        if isLastPartDue.exchange(false, ordering: .acquiringAndReleasing) { finishCheckpoint() }
        let pages = connection.logPages.count.load(ordering: .relaxed)
        let due = checkpointDue.load(ordering: .relaxed)
        // Far below what the last attempt saw: the log began anew.
        if pages + Self.checkpointPages < due {
            checkpointDue.store(Self.checkpointPages, ordering: .relaxed)
        }
        guard pages >= due else { return }
        // A reader may keep part of the log in use; then the next attempt waits for as much again.
        checkpointDue.store(pages + Self.checkpointPages, ordering: .relaxed)
        if pages >= Self.mostPages {
            checkpointer.wait()
            finishCheckpoint()
            return
        }
        checkpointer.begin(connection.logPages) { [weak self] in
            self?.isLastPartDue.store(true, ordering: .releasing)
        }
    }

    private func finishCheckpoint() {
        do {
            _ = try connection.checkpoint()
        } catch {
            logger.warning("checkpoint failed", LogField("sqlite.code", error.code))
        }
    }
}
