internal import CLinux
internal import Core
internal import Synchronization

/// A running program that is talked with in lines.
///
/// It has a session and process group of its own and is killed with this server (prctl(2), PR_SET_PDEATHSIG); files that it makes
/// are for its user alone (umask 077). Whoever starts it must ``end()`` it.
public final class PipedProcess: Sendable {
    private struct State {
        var input: [UInt8] = []
        var closesInput = false
        var isEnding = false
        var hasEnded = false
        var errors: [UInt8] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Who is told what a program says; called on the program's own thread, and never while it is told something else.
    public struct Listener: Sendable {
        let take: @Sendable ([UInt8]) -> Bool
        let end: @Sendable () -> Void

        /// Makes a listener.
        ///
        /// `take` gets a line without its end, and says whether it took it; otherwise it is asked again, before any other line,
        /// and the program is not read from meanwhile. `end` is called once, when the program is gone and all lines were offered.
        public init(take: @escaping @Sendable ([UInt8]) -> Bool, end: @escaping @Sendable () -> Void) {
            self.take = take
            self.end = end
        }
    }

    /// The number of the process.
    public let id: Int32
    private let program: PipedProgram
    private let state = Mutex(State())
    private let listener: Listener
    private let wake: Descriptor
    // Lives as long as the process: the kernel kills a child when the thread ends that made it.
    private let thread: DedicatedThread

    private init(
        _ program: PipedProgram,
        id: Int32,
        _ listener: Listener,
        wake: Descriptor,
        thread: DedicatedThread
    ) {
        self.program = program
        self.listener = listener
        self.id = id
        self.wake = wake
        self.thread = thread
    }

    /// Starts a program; `program_unavailable` (unavailable) when it cannot be started.
    public static func start(_ program: PipedProgram, _ listener: Listener) async throws -> PipedProcess {
        let thread = DedicatedThread(name: "piped")
        return try await thread.run {
            guard let wake = Descriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))) else {
                throw SystemFailure.current("eventfd")
            }
            let started = try PipedStart(program)
            let process = PipedProcess(program, id: started.id, listener, wake: wake, thread: thread)
            thread.perform { process.serve(started) }
            return process
        }
    }

    // MARK: Talking

    /// Hands over bytes, to be written as the program takes them; false when it has ended or takes nothing in.
    public func send(_ bytes: [UInt8]) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.hasEnded, !state.closesInput,
                state.input.count + bytes.count <= program.waitingInput
            else { return false }
            state.input += bytes
            return true
        }
        if isTaken { rouse() }
        return isTaken
    }

    /// The end of what it said as errors; for the log only.
    public var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }

    /// Whether it is there no more.
    public var hasEnded: Bool { state.withLock { $0.hasEnded } }

    // MARK: The end

    /// Begins to end it: its input is closed, then it is sent TERM, then KILL, with the program's patience between.
    public func beginEnd() {
        state.withLock { state in
            state.closesInput = true
            state.isEnding = true
        }
        rouse()
    }

    /// Ends it and all that is left of its process group; returns when it is gone.
    public func end() async {
        beginEnd()
        await ended()
    }

    /// Returns when it is gone; never, unless something ends it.
    public func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.hasEnded { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func rouse() {
        let one: UInt64 = 1
        _ = unsafe withUnsafeBytes(of: one) { unsafe CLinux.write(wake.raw, $0.baseAddress, 8) }
    }

    // MARK: The thread

    private func serve(_ started: PipedStart) {
        var pump = PipedPump(started, wake: wake.raw, program: program)
        while pump.isRunning {
            let (input, closes, isEnding) = state.withLock { state in
                defer { state.input = [] }
                return (state.input, state.closesInput, state.isEnding)
            }
            pump.give(input, closing: closes)
            if isEnding { pump.beginEnd() }
            pump.turn()
            pump.handOver(listener.take)
            if !pump.errors.isEmpty {
                state.withLock { state in
                    state.errors = Array((state.errors + pump.errors).suffix(program.keptErrors))
                }
                pump.errors = []
            }
        }
        pump.handOver(listener.take)
        listener.end()
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
