import API
import Application
import Core
import Domain
import HTTPServer
import TestSupport

/// The edge over stores and a runner in memory, asked without a socket.
final class EdgeHarness: Sendable {
    static let hash = "h4sh-h4sh-h4sh-h4sh-h4sh-h4sh-h4sh"
    static let baseURL = "https://hands.example/base"

    let clock = ManualClock()
    let store = MemoryTicketStore()
    let tokens = MemoryTokenStore()
    let outputs: MemoryOutputStore
    let runner: FakeCommandRunner
    let scheduler: TicketScheduler
    let log = MemoryLogSink()
    let hub = TicketHub()
    let edge: Edge
    let services: EdgeServices
    let tokenService: TokenService
    let people = MemorySignInStores()
    let operators: OperatorService
    let signIns: SignInService
    let secrets = MemorySecretStore()
    let chats = FakeChatStore()

    init(
        origins: Set<String> = [],
        shellIsOn: Bool = true,
        answerLimit: Int = 1 << 20,
        maximumQueued: Int = 1_000,
        longestRead: Int = 1 << 30,
        policy: any CommandPolicy = AllowEverything(),
        notReady: String? = nil,
        pages: [String: String] = [:],
        panel: PanelSettings? = nil,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in nil }
    ) {
        let cryptography = FakeCryptography()
        let logger = Logger(level: .trace, sink: log, clock: clock)
        let metrics = MetricsRegistry()
        outputs = MemoryOutputStore(longestRead: longestRead)
        runner = FakeCommandRunner(answer: answer)
        let vault = SecretVault(store: secrets, sealer: FakeSealer(), logger: logger)
        scheduler = TicketScheduler(
            store: store,
            runner: runner,
            hub: hub,
            limits: RunningLimits(),
            defaults: RunLimits(),
            clock: clock,
            logger: logger,
            metrics: metrics,
            secrets: vault
        )
        let tickets = TicketService(
            store: store,
            runner: runner,
            scheduler: scheduler,
            outputs: outputs,
            audit: MemoryAuditStore(),
            policy: policy,
            hub: hub,
            cryptography: cryptography,
            clock: clock,
            maximumQueued: maximumQueued,
            secrets: vault
        )
        tokenService = TokenService(
            tokens: tokens,
            audit: MemoryAuditStore(),
            cryptography: cryptography,
            clock: clock
        )
        operators = OperatorService(
            operators: people,
            passphrases: FakePassphrases(),
            audit: MemoryAuditStore(),
            cryptography: cryptography,
            clock: clock
        )
        signIns = SignInService(
            operators: people,
            signIns: people,
            passphrases: FakePassphrases(),
            tokens: FakeSignInTokens(),
            audit: MemoryAuditStore(),
            cryptography: cryptography,
            clock: clock,
            hub: SignInHub()
        )
        let (people, clock, signIns) = (people, clock, signIns)
        let panels = panel.map {
            PanelSignIns(
                settings: $0,
                operators: people,
                signIns: signIns,
                users: FewUsers(),
                audit: MemoryAuditStore(),
                cryptography: cryptography,
                clock: clock
            )
        }
        services = EdgeServices(
            tickets: tickets,
            outputs: OutputService(outputs: outputs),
            access: AccessService(
                hash: Secret(Self.hash),
                tokens: tokens,
                signIns: signIns,
                cryptography: cryptography,
                clock: clock
            ),
            signIns: signIns,
            secrets: SecretService(
                store: secrets,
                sealer: FakeSealer(),
                audit: MemoryAuditStore(),
                clock: clock,
                vault: vault
            ),
            shares: ShareService(
                shares: MemoryShareStore(chats: chats),
                chats: chats,
                operators: people,
                audit: MemoryAuditStore(),
                cryptography: cryptography,
                clock: clock
            ),
            panels: panels,
            metrics: metrics,
            readiness: { notReady },
            settings: EdgeSettings(
                baseURL: { Self.baseURL },
                basePath: "/base",
                allowedOrigins: origins,
                shellIsOn: shellIsOn,
                serverUID: 1_000,
                answerLimit: answerLimit,
                runLimits: RunLimits(),
                runningLimits: RunningLimits(),
                maximumQueued: maximumQueued,
                version: "1.2.3",
                pageOverride: { pages[$0] }
            ),
            logger: logger,
            clock: clock
        )
        edge = Edge(services)
    }

    /// Runs the scheduler for as long as `body` takes.
    func running(_ body: () async throws -> Void) async throws {
        try await withServices([scheduler], body)
    }

    /// Asks, with the hash in the query unless told otherwise.
    func get(
        _ path: String,
        _ query: [(String, String)] = [],
        hash: String? = EdgeHarness.hash,
        headers: HTTPHeaders = [:],
        method: HTTPMethod = .get
    ) async throws -> Answer {
        let all = (hash.map { [("hash", $0)] } ?? []) + query
        return try await send(method, path, query: all, headers: headers)
    }

    /// Asks the JSON face, with the hash as a bearer credential unless told otherwise.
    func api(
        _ method: HTTPMethod,
        _ path: String,
        _ query: [(String, String)] = [],
        json: String? = nil,
        body: [UInt8] = [],
        headers: HTTPHeaders = [:],
        bearer: String? = EdgeHarness.hash
    ) async throws -> Answer {
        var headers = headers
        if let bearer { headers["Authorization"] = "Bearer \(bearer)" }
        if json != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        let bytes = json.map { Array($0.utf8) } ?? body
        return try await send(method, path, query: query, headers: headers, body: bytes)
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        peer: HTTPPeer = .ip("192.0.2.7", port: 9),
        clientAddress: String? = nil
    ) async throws -> Answer {
        let isLocal = if case .local = peer { true } else { false }
        let request = HTTPRequest(
            method: method,
            rawTarget: path,
            path: path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init),
            pathText: path,
            query: HTTPQuery(query.map { HTTPQuery.Item(name: $0.0, value: $0.1) }),
            headers: headers,
            body: body,
            peer: peer,
            clientAddress: clientAddress ?? (isLocal ? "local" : "192.0.2.7"),
            id: "r-1"
        )
        return try await Answer(edge.respond(to: request))
    }

    /// Follows a link of an answer as it is, with parameters added at its end.
    func follow(_ link: String, _ more: [(String, String)] = [], headers: HTTPHeaders = [:]) async throws
        -> Answer
    {
        let parts = link.dropFirst(Self.baseURL.count).split(separator: "?", maxSplits: 1)
        let query = parts[1].split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
        }
        return try await send(.get, String(parts[0]), query: query + more, headers: headers)
    }

    /// A finished ticket with this output, kept as a file.
    func plantFinished(
        _ output: [(OutputStream, [UInt8])],
        session: String = "s",
        state: TicketState = .exited(code: 0),
        command: String = "make"
    ) async throws -> Ticket {
        let name = try SessionName(session)
        let known = try await store.session(named: name)
        let home =
            if let known { known } else {
                try await store.createSession(SessionDraft(name: name), by: .hash, at: clock.now())
            }
        let sizes = output.map { Int64($0.1.count) }
        let errors = output.filter { $0.0 == .stderr }.reduce(0) { $0 + Int64($1.1.count) }
        let total = sizes.reduce(0, +)
        let ticket = store.plant(
            state,
            command: command,
            in: home,
            run: RunFacts(
                started: clock.now(),
                finished: clock.now() + .milliseconds(1_250),
                wallTime: .milliseconds(1_250),
                userTime: .milliseconds(20),
                systemTime: .milliseconds(3),
                peakMemory: 4_096,
                outputBytes: total,
                stdoutBytes: total - errors,
                stderrBytes: errors
            ),
            at: clock.now()
        )
        let reference = OutputReference(folder: name, number: ticket.id.number)
        outputs.append([], to: reference)
        for (stream, bytes) in output { outputs.append(bytes, from: stream, to: reference) }
        return ticket
    }
}
