internal import CLinux
internal import Synchronization

/// A thread of its own that runs the jobs of actors: the place for calls that block.
///
/// An actor returns it as its executor; an ordinary `await` on the actor then moves the blocking call off the
/// cooperative pool. The thread ends after the last reference is gone and its queue is empty.
public final class DedicatedThread: SerialExecutor {
    private let queue: JobQueue

    /// Starts the thread.
    ///
    /// - Parameter name: what tools show, cut to 15 bytes (pthread_setname_np(3)).
    public init(name: String) {
        let queue = JobQueue()
        self.queue = queue
        let box = unsafe Unmanaged.passRetained(ThreadStart(queue: queue, name: String(name.prefix(15))))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                _ = unsafe pthread_setname_np(pthread_self(), start.name)
                start.queue.run()
                return nil
            },
            box.toOpaque()
        )
        precondition(code == 0, "cannot start a thread: the machine is out of threads or memory")
        _ = pthread_detach(thread)
    }

    deinit { queue.close() }

    /// Takes a job; the concurrency runtime calls it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let executor = unsafe asUnownedSerialExecutor()
        queue.push { unsafe unowned.runSynchronously(on: executor) }
    }

    /// The executor as the runtime wants it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Runs a blocking closure on the thread, some time later.
    public func perform(_ body: @escaping @Sendable () -> Void) { queue.push(body) }

    /// Runs a blocking closure on the thread and returns what it returned.
    ///
    /// Cancellation does not stop a closure that has begun.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.push { continuation.resume(with: Result(catching: body)) }
        }
    }
}

/// The jobs of one thread, in the order of their arrival.
///
/// `@unchecked Sendable`: `jobs` and `isClosed` are guarded by `mutex`, which lives as long as the object.
@safe private final class JobQueue: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [() -> Void] = []
    private var isClosed = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func push(_ job: @escaping () -> Void) {
        unsafe pthread_mutex_lock(mutex)
        jobs.append(job)
        let wakes = jobs.count == 1
        unsafe pthread_mutex_unlock(mutex)
        if wakes { unsafe pthread_cond_signal(condition) }
    }

    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_signal(condition)
    }

    func run() {
        while true {
            unsafe pthread_mutex_lock(mutex)
            while jobs.isEmpty, !isClosed { unsafe pthread_cond_wait(condition, mutex) }
            let batch = jobs
            jobs.removeAll(keepingCapacity: false)
            unsafe pthread_mutex_unlock(mutex)
            if batch.isEmpty { return }
            for job in batch { job() }
        }
    }
}

private final class ThreadStart: Sendable {
    let queue: JobQueue
    let name: String
    init(queue: JobQueue, name: String) {
        self.queue = queue
        self.name = name
    }
}
