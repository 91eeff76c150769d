import CLinux
import Core
import Domain
import Synchronization
import Testing

@testable import Processes

/// A sessions directory of its own, runners of the built program, and the events of all runs.
final class Workbench: Sendable {
    let directory: TemporaryDirectory
    let configuration: ProcessesConfiguration
    let processes: Processes
    let journal: EventJournal
    let mask: MaskList?
    private let service: Task<Void, any Error>
    private let reader: Task<Void, Never>

    init(
        directory: TemporaryDirectory = TemporaryDirectory(),
        secrets: [String] = [],
        _ change: (inout ProcessesConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = ProcessesConfiguration(
            runnerPath: try Workbench.runnerPath(),
            sessionsPath: directory.path + "/sessions",
            installation: directory.id
        )
        change(&configuration)
        self.directory = directory
        self.configuration = configuration
        mask = secrets.isEmpty ? nil : MaskList(values: secrets.map { Array($0.utf8) })
        let processes = try await makeProcesses(
            configuration,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        self.processes = processes
        let journal = EventJournal()
        self.journal = journal
        service = Task { try await processes.service.run() }
        reader = Task { for await event in processes.runner.events { await journal.add(event) } }
    }

    /// Forgets all, as a server does that ends; runs go on.
    func stop() async {
        service.cancel()
        _ = try? await service.value
        await reader.value
    }

    deinit { service.cancel() }

    static let folder: SessionName = {
        guard let name = try? SessionName("box") else { preconditionFailure("a fixed valid name") }
        return name
    }()

    static func id(_ number: Int) -> TicketID { TicketID(session: SessionID(7), number: number) }

    /// The program that the build put beside the tests.
    static func runnerPath() throws -> String {
        var path = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &path, 4_095)
        var folder = String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if !folder.contains(".build") || !folder.contains("Tests") {
            for argument in CommandLine.arguments where argument.contains(".build") { folder = argument }
        }
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            if unsafe access(folder + "/deckhand-runner", X_OK) == 0 { return folder + "/deckhand-runner" }
        }
        throw TestProblem("deckhand-runner is not built: swift build --product deckhand-runner")
    }

    func request(_ number: Int, _ command: String, _ change: (inout RunRequest) -> Void = { _ in })
        -> RunRequest
    {
        var request = RunRequest(ticket: Self.id(number), folder: Self.folder, command: command)
        request.mask = mask
        request.limits.grace = .milliseconds(200)
        request.limits.time = .seconds(60)
        change(&request)
        return request
    }

    /// Runs a command to its end.
    func run(_ number: Int, _ command: String, _ change: (inout RunRequest) -> Void = { _ in }) async throws
        -> RunOutcome
    {
        try await processes.runner.start(request(number, command, change))
        return try await finished(number)
    }

    func finished(_ number: Int, within limit: Duration = .seconds(30)) async throws -> RunOutcome {
        try await eventually("ticket \(number) is over", within: limit) {
            await self.journal.outcome(Self.id(number))
        }
    }

    func started(_ number: Int) async throws {
        _ = try await eventually("ticket \(number) has started") {
            await self.journal.hasStarted(Self.id(number)) ? true : nil
        }
    }

    func output(_ number: Int, _ stream: OutputStream = .combined, limit: Int = 1 << 20) async throws
        -> [UInt8]
    {
        let reference = OutputReference(folder: Self.folder, number: number)
        var bytes: [UInt8] = []
        var offset: Int64 = 0
        while bytes.count < limit {
            let chunk = try await processes.outputs.read(
                reference,
                stream: stream,
                from: offset,
                count: 1 << 20
            )
            if chunk.bytes.isEmpty, chunk.next == offset { break }
            bytes += chunk.bytes
            offset = chunk.next
        }
        return bytes
    }

    func text(_ number: Int, _ stream: OutputStream = .combined) async throws -> String {
        String(decoding: try await output(number, stream), as: UTF8.self)
    }

    func path(_ name: String) -> String { configuration.sessionsPath + "/box/" + name }
    func journalText(_ number: Int) -> String {
        String(decoding: contents(path("\(number).run")) ?? [], as: UTF8.self)
    }

    /// The process id of a ticket's runner, from its journal.
    func runnerPID(_ number: Int) -> Int32? {
        RunJournal(bytes: contents(path("\(number).run")) ?? []).runner?.pid
    }
    /// Kills a runner that waits for a ticket, if there is one.
    func killSpare() {
        (processes.runner as? TicketRunner)?.watch.table.withLock { table in
            if let spare = table.spares.last { _ = kill(spare.pid, SIGKILL) }
        }
    }
    /// Processes of a ticket that live.
    func survivors(_ number: Int) -> Int {
        ProcessTable.marked(Array("DECKHAND_TICKET=\(directory.id)/7/\(number)".utf8)).count
    }
}

/// What happened, in order.
actor EventJournal {
    private(set) var finishedCount: [TicketID: Int] = [:]
    private var outcomes: [TicketID: RunOutcome] = [:]
    private var startedTickets: Set<TicketID> = []

    func add(_ event: RunEvent) {
        switch event {
        case .started(let ticket, _): startedTickets.insert(ticket)
        case .finished(let ticket, let outcome):
            outcomes[ticket] = outcome
            finishedCount[ticket, default: 0] += 1
        }
    }

    func outcome(_ ticket: TicketID) -> RunOutcome? { outcomes[ticket] }
    func hasStarted(_ ticket: TicketID) -> Bool { startedTickets.contains(ticket) }
}

struct TestProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waits for a value, and fails when it does not come in time.
func eventually<Value: Sendable>(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ look: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline {
        if let value = try await look() { return value }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw TestProblem("not in time: \(what)")
}

func contents(_ path: String) -> [UInt8]? { ProcessTable.contents(path, limit: 256 << 20) }

func put(_ bytes: some Sequence<UInt8>, at path: String) throws {
    let file = try #require(Descriptor(unsafe dh_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)))
    try #require(file.write(Array(bytes)) == 0)
}

/// A directory that goes with its last reference.
final class TemporaryDirectory: Sendable {
    let id = "t\(UInt64.random(in: 0...UInt64.max))"
    let path: String

    init(in parent: String = "/tmp") {
        path = "\(parent)/deckhand-processes-\(id)"
        _ = unsafe mkdir(path, 0o755)
    }

    deinit { removeAll(path) }
}

private func removeAll(_ path: String) {
    if let stream = unsafe opendir(path) {
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if unsafe entry.pointee.d_type == UInt8(DT_DIR) {
                removeAll(path + "/" + name)
            } else {
                _ = unsafe unlink(path + "/" + name)
            }
        }
        unsafe closedir(stream)
    }
    _ = unsafe rmdir(path)
}
