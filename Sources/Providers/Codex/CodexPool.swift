internal import Core
internal import Domain
internal import Processes

/// The running app-servers: at most one per profile, started when they are needed and ended when nobody needs them.
actor CodexPool {
    private struct Entry {
        let connection: CodexConnection
        var users = 0
        var unused = ContinuousClock.now
    }

    private static let startPatience = Duration.seconds(20)
    private static let lockPatience = Duration.seconds(5)
    /// The program keeps every thread it began.
    private static let mostThreads = 200

    private let settings: CodexSettings
    private let failures: CodexFailures
    private let logger: Logger
    private let sweeper = DeadlineSweeper()
    private let files = DedicatedThread(name: "codex")
    private var entries: [String: Entry] = [:]
    /// Profiles that something is done with, and who waits to do the next.
    private var busy: [String: [CheckedContinuation<Void, Never>]] = [:]
    private var isClosed = false

    init(_ settings: CodexSettings, _ failures: CodexFailures, _ logger: Logger) {
        self.settings = settings
        self.failures = failures
        self.logger = logger
    }

    /// The folder that the program is told to be its home.
    nonisolated func home(_ profile: String) -> String { "\(settings.profiles)/codex/\(profile)" }
    nonisolated private func workspace(_ profile: String) -> String {
        "\(settings.workspaces)/codex/\(profile)"
    }

    /// Says whether a profile holds credentials.
    func hasCredentials(_ profile: String) async throws -> Bool {
        let path = home(profile)
        return try await files.run { PrivateFolder.holds("auth.json", in: path) }
    }

    /// The app-server of a profile, started if it does not run; to be given back by ``giveBack(_:)``.
    func take(_ profile: String) async throws -> CodexConnection {
        await enter(profile)
        defer { leave(profile) }
        if let entry = entries[profile], !entry.connection.hasEnded {
            entries[profile]?.users += 1
            return entry.connection
        }
        try await makeRoom()
        guard !isClosed else { throw failures.stopping }
        // Holds the place while it starts.
        let connection = try await start(profile)
        entries[profile] = Entry(connection: connection, users: 1)
        if isClosed {
            await connection.end()
            throw failures.stopping
        }
        return connection
    }

    /// Gives an app-server back; it is ended if its user spoiled it and nobody else uses it.
    func giveBack(_ connection: CodexConnection, ending: Bool = false) async {
        guard var entry = entries[connection.profile], entry.connection === connection else { return }
        entry.users -= 1
        entry.unused = .now
        entries[connection.profile] = entry
        guard entry.users == 0, ending || connection.threads >= Self.mostThreads else { return }
        entries[connection.profile] = nil
        await connection.end()
    }

    /// Says whether somebody else uses it.
    func isShared(_ connection: CodexConnection) -> Bool {
        guard let entry = entries[connection.profile] else { return false }
        return entry.connection === connection && entry.users > 1
    }

    /// Ends the app-server of a profile, and removes its folders.
    func remove(_ profile: String) async throws {
        await enter(profile)
        defer { leave(profile) }
        if let entry = entries.removeValue(forKey: profile) { await entry.connection.end() }
        let folders = [home(profile), workspace(profile)]
        try await files.run { for folder in folders { try PrivateFolder.remove(folder) } }
    }

    /// Ends what nobody used for a while.
    func endUnused() async {
        let now = ContinuousClock.now
        for (profile, entry) in entries where entry.connection.hasEnded { entries[profile] = nil }
        let unused = entries.filter { $0.value.users == 0 && now - $0.value.unused >= settings.idle }
        for (profile, entry) in unused {
            // Somebody may have come while another one ended.
            guard let current = entries[profile], current.connection === entry.connection, current.users == 0
            else { continue }
            entries[profile] = nil
            await entry.connection.end()
        }
    }

    /// Ends all, and starts none any more.
    func close() async {
        isClosed = true
        let all = entries.values.map(\.connection)
        entries = [:]
        await withDiscardingTaskGroup { group in
            for connection in all { group.addTask { await connection.end() } }
        }
    }

    // MARK: Starting

    private func makeRoom() async throws {
        let running = entries.filter { !$0.value.connection.hasEnded }
        guard Set(running.keys).union(busy.keys).count > settings.maximumProcesses else { return }
        let unused = running.filter { $0.value.users == 0 && busy[$0.key] == nil }
        guard let oldest = unused.min(by: { $0.value.unused < $1.value.unused }) else { throw failures.full }
        entries[oldest.key] = nil
        await oldest.value.connection.end()
    }

    private func start(_ profile: String) async throws -> CodexConnection {
        let (home, workspace, failures) = (home(profile), workspace(profile), failures)
        let lock = try await files.run {
            let folder = try PrivateFolder(making: home)
            _ = try PrivateFolder(making: workspace)
            guard let lock = try folder.lock(within: Self.lockPatience) else { throw failures.heldElsewhere }
            return lock
        }
        let connection: CodexConnection
        do {
            connection = try await CodexConnection.start(
                CodexCommand.program(settings, home: home, workspace: workspace),
                profile: profile,
                lock,
                sweeper
            )
        } catch let failure as Failure where failure.code == "program_unavailable" {
            throw failures.missing
        }
        do {
            try await greet(connection)
            return connection
        } catch {
            let errors = connection.errors
            await connection.end()
            logger.error(
                "codex did not start",
                .init("errors", LogValue.untrusted(String(errors.suffix(2_000))))
            )
            throw await explained(error)
        }
    }

    /// An older program knows not all of the flags and ends at once: then its version is what has to be said.
    private func explained(_ error: any Error) async -> any Error {
        guard let failure = error as? Failure, failure.code == failures.incompatible.code,
            let words = await CodexVersion.words(of: settings.program)
        else { return error }
        return CodexVersion.problem(words, failures.id) ?? failure
    }

    private func greet(_ connection: CodexConnection) async throws {
        let greeting = JSONValue.object([
            "clientInfo": .object([
                "name": .string("deckhand"), "title": .string("Deckhand"), "version": .string("1"),
            ]),
            "capabilities": .object([
                "experimentalApi": .bool(true),
                "optOutNotificationMethods": .array([
                    .string("thread/readState/changed"), .string("remoteControl/status/changed"),
                ]),
            ]),
        ])
        let answer: JSONValue
        do {
            answer = try await connection.ask("initialize", greeting, within: Self.startPatience)
        } catch is CodexGone { throw failures.incompatible } catch is CodexRefusal {
            throw failures.incompatible
        } catch is CodexWait.Silence { throw failures.silent }
        connection.say("initialized")
        let version = CodexCommand.version(in: answer["userAgent"]?.string ?? "")
        if let version, version.lexicographicallyPrecedes(CodexCommand.oldestVersion) {
            throw failures.tooOld(version)
        }
        if connection.complaint != nil { throw failures.incompatible }
    }

    // MARK: One at a time

    private func enter(_ profile: String) async {
        guard busy[profile] != nil else {
            busy[profile] = []
            return
        }
        await withCheckedContinuation { busy[profile]?.append($0) }
    }

    private func leave(_ profile: String) {
        guard var waiting = busy[profile], !waiting.isEmpty else {
            busy[profile] = nil
            return
        }
        let next = waiting.removeFirst()
        busy[profile] = waiting
        next.resume()
    }

    nonisolated var deadlines: DeadlineSweeper { sweeper }
}
