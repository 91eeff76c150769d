import API
import Application
import Core
import Domain
import HTTPServer
import SQL
import SQLite
import Storage
import Synchronization
import TestSupport
import Testing

/// The edge over the assistant's use cases, a real database, a model that says what the test wrote, and a runner that
/// starts nothing; asked without a socket.
final class AssistantHarness: Sendable {
    static let hash = "h4sh-h4sh-h4sh-h4sh-h4sh-h4sh-h4sh"
    static let baseURL = "https://hands.example/base"
    static let passphrase = "three quiet words"
    static let issuer = "https://shop.example"
    static let otherIssuer = "https://other.example"

    let clock = ManualClock()
    let log = MemoryLogSink()
    let deltas = FakeDeltaStore()
    let outputs = MemoryOutputStore()
    let files = MemoryArtifactFiles()
    let artifacts: ArtifactService
    let stores: Stores
    let model: FakeModelProvider
    let runner: FakeCommandRunner
    let scheduler: TicketScheduler
    let engine: TurnEngine
    let approvals: ApprovalService
    let operators: OperatorService
    let signIns: SignInService
    let tokens: TokenService
    let hosts: HostServices
    let logins: LoginSupervisor
    let checkpoints = MemoryCheckpoints()
    let services: EdgeServices
    let edge: Edge
    private let folder: ScratchFolder
    let database: any FileDatabase

    init(
        _ script: [ScriptedAnswer] = [],
        capabilities: ModelCapabilities = ModelCapabilities(),
        policy: any CommandPolicy = AllowEverything(),
        filter: OwnerFilter = OwnerFilter(),
        scopes: ScopeFilter = ScopeFilter(),
        limits: UserLimitSettings = UserLimitSettings(),
        prices: PriceList = AssistantHarness.prices,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in AssistantHarness.exited("ok\n") }
    ) async throws {
        folder = try ScratchFolder()
        database = try await openSQLite(
            path: folder.file("deckhand.db"),
            readers: 2,
            durability: .process,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        stores = makeStores(on: database, filter: filter, scopes: scopes)
        model = try FakeModelProvider(
            script: script,
            capabilities: capabilities,
            meter: UsageMeter(
                store: stores.usage,
                clock: clock,
                logger: Logger(level: .trace, sink: log, clock: clock)
            )
        )
        runner = FakeCommandRunner(answer: answer)
        let logger = Logger(level: .trace, sink: log, clock: clock)
        let cryptography = FakeCryptography()
        let metrics = MetricsRegistry()
        let hub = TicketHub()
        let composer = ApprovalComposer(
            policy: policy,
            scripts: NoScripts(),
            suggestions: LiteralSuggestions(),
            cryptography: cryptography,
            settings: ApprovalSettings(host: "web1", user: "www", home: "/home/www")
        )
        let journal = ApprovalJournal(hub: ApprovalHub(), audit: stores.audit, logger: logger)
        let vault = SecretVault(store: stores.secrets, sealer: FakeSealer(), logger: logger)
        scheduler = TicketScheduler(
            store: stores.tickets,
            runner: runner,
            hub: hub,
            limits: RunningLimits(),
            defaults: RunLimits(),
            clock: clock,
            logger: logger,
            metrics: metrics,
            gate: ApprovalGate(
                store: stores.approvals,
                composer: composer,
                journal: journal,
                clock: clock,
                logger: logger
            ),
            secrets: vault
        )
        let approvals = ApprovalService(
            store: stores.approvals,
            proposals: stores.proposals,
            tickets: stores.tickets,
            runner: runner,
            scheduler: scheduler,
            composer: composer,
            journal: journal,
            clock: clock,
            logger: logger
        )
        self.approvals = approvals
        let tickets = TicketService(
            store: stores.tickets,
            runner: runner,
            scheduler: scheduler,
            outputs: outputs,
            audit: stores.audit,
            policy: policy,
            hub: hub,
            cryptography: cryptography,
            clock: clock,
            maximumQueued: 100,
            approvals: approvals,
            secrets: vault
        )
        operators = OperatorService(
            operators: stores.operators,
            passphrases: FakePassphrases(),
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock
        )
        signIns = SignInService(
            operators: stores.operators,
            signIns: stores.signIns,
            passphrases: FakePassphrases(),
            tokens: FakeSignInTokens(),
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock,
            hub: SignInHub()
        )
        tokens = TokenService(
            tokens: stores.tokens,
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock
        )
        let applications = [Self.issuer, Self.otherIssuer].map { issuer in
            var host = HostSettings(name: "host", issuer: issuer, audience: "deckhand", keys: [])
            host.newClientsHaveAI = true
            host.limits = limits
            return host
        }
        let sessions = HostSessionService(
            hosts: applications,
            roles: .standard,
            verifier: FakeHostTokens(),
            sessions: stores.userSessions,
            audit: stores.audit,
            cryptography: cryptography,
            clock: clock
        )
        artifacts = ArtifactService(
            store: stores.artifacts,
            files: files,
            cryptography: cryptography,
            settings: ArtifactSettings(),
            clock: clock,
            logger: logger,
            metrics: metrics
        )
        let chatHub = ChatHub()
        let connected = AccountModels(id: try ProviderID("codex"), answering: model)
        let directory = FakeProviderDirectory(model, connected)
        engine = TurnEngine(
            services: TurnServices(
                chats: stores.chats,
                deltas: deltas,
                hub: chatHub,
                providers: directory,
                principals: EverybodyChats(users: sessions),
                tickets: tickets,
                outputs: OutputService(outputs: outputs),
                settings: AssistantSettings(),
                cryptography: cryptography,
                clock: clock,
                logger: logger,
                approval: { try await approvals.approval(for: $0)?.id.rawValue },
                typing: ApprovedTyping(tickets: tickets, approvals: approvals),
                artifacts: artifacts,
                sessions: sessions.hub
            ),
            machineRestarted: false
        )
        let models = ModelCatalog(directory, configured: nil)
        hosts = HostServices(
            sessions: sessions,
            tenants: TenantService(
                hosts: applications,
                tenants: stores.tenants,
                sessions: stores.userSessions,
                users: sessions,
                turns: UserTurns(engine),
                audit: stores.audit,
                clock: clock,
                shares: stores.shares
            ),
            limits: UserLimits(applications, clock: clock)
        )
        let accounts = FakeAccountProvider(try ProviderID("codex"))
        let connectable = ConnectableProvider(
            sources: [.account],
            accounts: accounts,
            models: connected
        )
        logins = LoginSupervisor(
            providers: [connectable],
            store: stores.accounts,
            audit: stores.audit,
            clock: clock,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        let places = TenantPlaces(stores.tenants)
        let credits = CreditService(
            wallets: stores.wallets,
            meter: stores.meter,
            audit: stores.audit,
            prices: prices,
            clock: clock
        )
        let own = AccountService(
            providers: [connectable],
            store: stores.accounts,
            sealer: FakeSealer(),
            supervisor: logins,
            audit: stores.audit,
            clock: clock,
            loginLifetime: .seconds(9_999)
        )
        services = EdgeServices(
            tickets: tickets,
            outputs: OutputService(outputs: outputs),
            access: AccessService(
                hash: Secret(Self.hash),
                tokens: stores.tokens,
                signIns: signIns,
                cryptography: cryptography,
                clock: clock
            ),
            signIns: signIns,
            assistant: AssistantServices(
                chats: ChatService(
                    store: stores.chats,
                    deltas: deltas,
                    hub: chatHub,
                    engine: engine,
                    models: models,
                    clock: clock,
                    accounts: own,
                    credits: credits,
                    secrets: vault
                ),
                completions: CompletionService(models: models, accounts: own, credits: credits),
                models: models,
                approvals: approvals,
                sealer: FakeSealer()
            ),
            secrets: SecretService(
                store: stores.secrets,
                sealer: FakeSealer(),
                audit: stores.audit,
                clock: clock,
                vault: vault
            ),
            shares: ShareService(
                shares: stores.shares,
                chats: stores.chats,
                operators: stores.operators,
                audit: stores.audit,
                cryptography: cryptography,
                clock: clock,
                users: sessions
            ),
            hosts: hosts,
            credits: CreditServices(
                service: credits,
                reader: WalletReader(wallets: stores.wallets, meter: stores.meter, places: places),
                places: places
            ),
            accounts: own,
            audit: AuditService(trail: stores.auditTrail, audit: stores.audit, clock: clock),
            actions: try Self.actions(stores, clock),
            admin: Self.admin(stores, operators: operators, tokens: tokens, clock),
            oversight: try Self.oversight(stores, applications, clock),
            inspection: Self.inspection(stores, checkpoints, clock),
            artifacts: artifacts,
            metrics: metrics,
            readiness: { nil },
            settings: EdgeSettings(
                baseURL: { Self.baseURL },
                basePath: "/base",
                allowedOrigins: [],
                shellIsOn: true,
                serverUID: 1_000,
                answerLimit: 1 << 20,
                runLimits: RunLimits(),
                runningLimits: RunningLimits(),
                maximumQueued: 100,
                version: "1.2.3",
                pageOverride: { _ in nil }
            ),
            logger: logger,
            clock: clock
        )
        edge = Edge(services)
    }

    /// Models cost nothing, a document does.
    static let prices = PriceList(
        models: ["fake/*": CallPrice(input: 0, output: 0)],
        items: ["document": Credits(minor: 500)]
    )

    /// The end of a command that printed a text.
    static func exited(_ text: String, code: Int = 0) -> RunOutcome {
        let bytes = Array(text.utf8)
        return RunOutcome(
            state: .exited(code: code),
            facts: RunFacts(
                started: Timestamp(seconds: 0),
                finished: Timestamp(seconds: 1),
                outputBytes: Int64(bytes.count),
                stdoutBytes: Int64(bytes.count)
            ),
            inlineOutput: InlineOutput(combined: bytes, stretches: [bytes.count])
        )
    }

    /// A call of the function `shell`.
    static func call(_ id: String, _ command: String) -> ToolCall {
        let arguments = JSONValue.object(["command": .string(command)]).bytes
        return ToolCall(
            id: id,
            request: .function(name: "shell", arguments: String(decoding: arguments, as: UTF8.self))
        )
    }

    /// Runs scheduler, engine and approvals for as long as `body` takes.
    func running(_ body: () async throws -> Void) async throws {
        try await withServices([scheduler, engine, approvals, logins], body)
    }

    // MARK: People

    /// Makes an operator who is signed in, as a client.
    func person(
        _ name: String = "ann",
        _ permissions: Set<Permission> = Set(Permission.allCases)
    ) async throws -> AssistantCaller {
        _ = try await operators.create(
            try OperatorName(name),
            passphrase: Secret(Self.passphrase),
            permissions: permissions,
            runAs: nil,
            by: .hash
        )
        let answer = try await send(
            .post,
            "/v1/signin",
            body: Array(
                #"{"username":"\#(name)","passphrase":"\#(Self.passphrase)","kind":"client"}"#.utf8
            )
        )
        return AssistantCaller(harness: self, bearer: try #require(answer["token"]?.string))
    }

    /// Whoever has a token with these permissions.
    func program(_ permissions: Set<Permission>) async throws -> AssistantCaller {
        let made = try await tokens.create(
            name: "program",
            permissions: permissions,
            lifetime: nil,
            by: .hash
        )
        return AssistantCaller(harness: self, bearer: made.text.reveal())
    }

    // MARK: Asking

    func respond(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        headers: HTTPHeaders = [:],
        body: [UInt8] = []
    ) async -> HTTPResponse {
        let request = HTTPRequest(
            method: method,
            rawTarget: path,
            path: path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init),
            pathText: path,
            query: HTTPQuery(query.map { HTTPQuery.Item(name: $0.0, value: $0.1) }),
            headers: headers,
            body: body,
            peer: .ip("192.0.2.7", port: 9),
            clientAddress: "192.0.2.7",
            id: "r-1"
        )
        return await edge.respond(to: request)
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        query: [(String, String)] = [],
        headers: HTTPHeaders = [:],
        body: [UInt8] = []
    ) async throws -> Answer {
        try await Answer(respond(method, path, query: query, headers: headers, body: body))
    }
}

/// Somebody who asks with a credential in the header.
struct AssistantCaller: Sendable {
    let harness: AssistantHarness
    let bearer: String

    func api(
        _ method: HTTPMethod,
        _ path: String,
        _ query: [(String, String)] = [],
        json: String? = nil,
        headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await Answer(respond(method, path, query, json: json, headers: headers))
    }

    func respond(
        _ method: HTTPMethod,
        _ path: String,
        _ query: [(String, String)] = [],
        json: String? = nil,
        headers: HTTPHeaders = [:]
    ) async -> HTTPResponse {
        var headers = headers
        headers["Authorization"] = "Bearer \(bearer)"
        return await harness.respond(
            method,
            path,
            query: query,
            headers: headers,
            body: json.map { Array($0.utf8) } ?? []
        )
    }

    /// Makes a chat; its id.
    func chat() async throws -> Int64 {
        try #require(try await api(.post, "/v1/chats")["id"]?.integer)
    }
}

/// Everybody may chat and use the shell, but for users of host applications.
private struct EverybodyChats: PrincipalDirectory {
    let users: HostSessionService

    func principal(_ id: PrincipalID) async throws -> Principal? {
        Principal(id: id, permissions: [.chat, .shellRead, .shellRun, .shellInput])
    }

    func principal(_ id: PrincipalID, at place: Place?, in session: UserSessionID?) async throws
        -> Principal?
    {
        guard let user = UserID(id), let place, let session else { return try await principal(id) }
        return try await users.principal(of: user, at: place, in: session)
    }
}

/// There are no script files.
private struct NoScripts: ScriptFiles {
    func file(at path: String, upTo maximumBytes: Int) async -> ScriptFile? { nil }
}

/// Proposes the command itself.
private struct LiteralSuggestions: RuleSuggestions {
    func suggestion(for question: PolicyQuestion) async -> String? { "allow: \(question.command)" }
}
