import CLinux
import Core
import Domain
import Testing

@testable import Processes

/// How fast tickets are, against the bare start of the same shell on the same machine in the same run.
@Suite(
    "The cost of a ticket",
    .serialized,
    .enabled(if: unsafe getenv("DECKHAND_BENCH") != nil, "set DECKHAND_BENCH=1")
)
struct ThroughputTests {
    @Test("`true` tickets per second are at least half of what the machine can start")
    func throughput() async throws {
        let count = 4_000
        let bare = try await bareRate(count)
        let bench = try await ResultsBench()
        let warm = try await bench.rate(500, from: 1)
        let rate = try await bench.rate(count, from: 10_000)
        print("bare \(Int(bare))/s, tickets \(Int(rate))/s (warm-up \(Int(warm))/s), ratio \(rate / bare)")
        #expect(rate / bare > 0.5)
    }

    private func bareRate(_ count: Int) async throws -> Double {
        let clock = ContinuousClock()
        let begin = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let thread = DedicatedThread(name: "bare")
                    try await thread.run { for _ in 0..<(count / 2) { try spawnTrue() } }
                }
            }
            try await group.waitForAll()
        }
        return Double(count) / (clock.now - begin).inSeconds
    }
}

private func spawnTrue() throws {
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [
        strdup("bash"), strdup("-c"), strdup("true"), nil,
    ]
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("PATH=/usr/bin:/bin"), nil]
    defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    guard unsafe posix_spawn(&pid, "/bin/bash", nil, nil, &arguments, &environment) == 0 else {
        throw TestProblem("spawn")
    }
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, dh_errno() == EINTR {}
}

private var benchParent: String {
    guard let value = unsafe getenv("DECKHAND_BENCH") else { return "/tmp" }
    let text = unsafe String(cString: value)
    return text.hasPrefix("/") ? text : "/tmp"
}

/// Runs many tickets, eight at a time, each awaited by its event.
private actor ResultsBench {
    private let processes: Processes
    /// The place of the files, which `DECKHAND_BENCH=/a/directory` names.
    ///
    /// Without a journal, ext4 avoids the inodes of files that were deleted within the
    /// last minutes and looks at each of them, so a place where many were deleted measures that instead.
    private let directory = TemporaryDirectory(in: benchParent)
    private var waiting: [TicketID: CheckedContinuation<Void, Never>] = [:]
    private var done: Set<TicketID> = []
    private var reader: Task<Void, Never>?

    init() async throws {
        let configuration = ProcessesConfiguration(
            runnerPath: try Workbench.runnerPath(),
            sessionsPath: directory.path + "/sessions",
            installation: directory.id
        )
        processes = try await makeProcesses(configuration, logger: Logger(level: .error, sink: NullLogSink()))
        let runner = processes.runner
        reader = Task { [weak self] in
            for await case .finished(let ticket, _) in runner.events { await self?.finished(ticket) }
        }
    }

    func rate(_ count: Int, from first: Int) async throws -> Double {
        let clock = ContinuousClock()
        let begin = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask { [self] in
                    for number in stride(from: first + lane, to: first + count, by: 8) {
                        let ticket = Workbench.id(number)
                        try await processes.runner.start(
                            RunRequest(ticket: ticket, folder: Workbench.folder, command: "true")
                        )
                        await end(of: ticket)
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(count) / (clock.now - begin).inSeconds
    }

    private func end(of ticket: TicketID) async {
        if done.remove(ticket) != nil { return }
        await withCheckedContinuation { waiting[ticket] = $0 }
    }

    private func finished(_ ticket: TicketID) {
        if let caller = waiting.removeValue(forKey: ticket) { caller.resume() } else { done.insert(ticket) }
    }
}
