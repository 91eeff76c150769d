internal import SQL
internal import Synchronization

/// The jobs that wait for one or more connections, in the order of their arrival, up to a bound.
final class JobQueue: Sendable {
    private struct State {
        var jobs: [Job] = []
        /// Jobs before this place were taken.
        var head = 0
        /// Connections that sleep.
        var idle: [Int]
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let consumers: Int
    private let capacity: Int

    /// Makes a queue for connections numbered from 0, all of which sleep.
    init(consumers: Int, capacity: Int) {
        self.consumers = consumers
        self.capacity = capacity
        state = Mutex(State(idle: Array(0..<consumers)))
    }

    var count: Int { state.withLock { $0.jobs.count - $0.head } }

    /// Adds a job; returns the sleeping connection that is to be woken for it, if there is one.
    func add(_ job: Job) throws(SQLError) -> Int? {
        try state.withLock { state throws(SQLError) -> Int? in
            guard !state.isClosed else { throw SQLError(.closed, message: "the database is closed") }
            guard state.jobs.count - state.head < capacity else {
                throw SQLError(.busy, message: "too many transactions wait")
            }
            state.jobs.append(job)
            return state.idle.popLast()
        }
    }

    /// Takes up to `limit` jobs, but only its share where several connections take from the queue; none means that the
    /// connection sleeps from now on.
    func take(atMost limit: Int, of sharers: Int = 1, for consumer: Int) -> [Job] {
        let (jobs, closers) = state.withLock { state -> ([Job], [CheckedContinuation<Void, Never>]) in
            let waiting = state.jobs.count - state.head
            let end = state.head + min(limit, (waiting + sharers - 1) / sharers)
            guard end > state.head else {
                state.idle.append(consumer)
                guard state.isClosed, state.idle.count == consumers else { return ([], []) }
                defer { state.closers = [] }
                return ([], state.closers)
            }
            let jobs = Array(state.jobs[state.head..<end])
            state.head = end
            if state.head == state.jobs.count {
                state.jobs.removeAll(keepingCapacity: state.jobs.count <= 1_024)
                state.head = 0
            } else if state.head >= 1_024 {
                state.jobs.removeSubrange(..<state.head)
                state.head = 0
            }
            return (jobs, [])
        }
        for closer in closers { closer.resume() }
        return jobs
    }

    /// Takes back a job that still waits; false when it does not.
    func withdraw(_ job: Job) -> Bool {
        state.withLock { state in
            guard let index = state.jobs[state.head...].firstIndex(where: { $0 === job }) else {
                return false
            }
            state.jobs.remove(at: index)
            return true
        }
    }

    /// Refuses further jobs and returns when all connections sleep.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.idle.count == consumers { return true }
                state.closers.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }
}
