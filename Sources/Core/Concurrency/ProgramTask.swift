internal import Dispatch
internal import Synchronization

/// Runs a program's asynchronous part from its synchronous main thread.
///
/// An asynchronous `main` parks the main thread in `dispatch_main`, which unblocks all signals there, so that SIGTERM
/// would end the process before ``SignalSource`` sees it. Here the main thread waits with its mask as it is.
public enum ProgramTask: Sendable {
    /// Runs the body to its end and returns its exit code; blocks the calling thread.
    public static func run(_ body: @escaping @Sendable () async -> Int32) -> Int32 {
        let result = ExitCode()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            result.value.store(await body(), ordering: .releasing)
            done.signal()
        }
        done.wait()
        return result.value.load(ordering: .acquiring)
    }
}

private final class ExitCode: Sendable {
    let value = Atomic<Int32>(1)
}
