internal import CLinux
internal import Core

/// How fast this machine is now: for promises in seconds, which a machine that others keep busy cannot hold.
public enum Pace: Sendable {
    private static let rounds = 10
    /// What one round takes at most on a machine with nothing else to do.
    private static let usual: Duration = .milliseconds(4)

    /// Runs a body and says how long it took and how long it may have taken, given a limit for an idle machine.
    public static func time(
        _ limit: Duration,
        _ body: () async throws -> Void
    ) async throws -> (taken: Duration, allowed: Duration) {
        let before = try await slowness()
        let start = ContinuousClock.now
        try await body()
        let taken = ContinuousClock.now - start
        return (taken, limit * max(before, try await slowness()))
    }

    /// A limit for an idle machine, stretched for this one.
    public static func stretched(_ limit: Duration) async throws -> Duration {
        limit * (try await slowness())
    }

    /// How many times slower than usual processes are started and ended, in the slowest of some rounds; at least 1.
    private static func slowness() async throws -> Double {
        let longest = try await DedicatedThread(name: "pace").run {
            var longest = Duration.zero
            for _ in 0..<rounds {
                let start = ContinuousClock.now
                startAndEnd()
                longest = max(longest, ContinuousClock.now - start)
            }
            return longest
        }
        return max(1, longest / usual)
    }

    private static func startAndEnd() {
        var pid: pid_t = 0
        var arguments = unsafe [strdup("true"), nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        guard unsafe posix_spawn(&pid, "/bin/true", nil, nil, &arguments, nil) == 0 else { return }
        while waitpid(pid, nil, 0) < 0, dh_errno() == EINTR {}
    }
}
