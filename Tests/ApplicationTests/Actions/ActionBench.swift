import Core
import Domain
import SQL
import SQLite
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Application

/// A host application that answers what a test wrote, in order, and `{}` after that.
final class ScriptedHost: HostCaller {
    private struct State {
        var answers: [HostAnswer]
        var calls: [HostCall] = []
    }
    private let state: Mutex<State>

    init(_ answers: [HostAnswer] = []) { state = Mutex(State(answers: answers)) }

    func call(_ call: HostCall) async throws -> HostAnswer {
        state.withLock { state in
            state.calls.append(call)
            return state.answers.isEmpty ? .accepted(Array("{}".utf8)) : state.answers.removeFirst()
        }
    }

    /// What it answers next.
    func answer(_ answers: HostAnswer...) { state.withLock { $0.answers += answers } }
    /// What it was asked so far.
    var calls: [HostCall] { state.withLock { $0.calls } }
    /// The bodies of what it was asked.
    var bodies: [JSONValue] { calls.map { (try? JSONValue(parsing: $0.body)) ?? .null } }
}

/// Actions and context over real stores, with users of a host application.
final class ActionBench: Sendable {
    static let issuer = "https://shop.example"

    let clock = ManualClock()
    let host = ScriptedHost()
    let stores: Stores
    let database: any FileDatabase
    let sessions: HostSessionService
    let actions: ActionService
    let context: ContextService
    let credits: CreditService
    private let folder: ScratchFolder?
    private let serial = Atomic<Int>(0)
    /// What tells the tokens and secrets of this bench from those of another one on the same database.
    private let seed = UInt64.random(in: 0 ... .max)

    /// On a database of its own, or on one that is there; `wrap` may come between the actions and their store.
    init(
        actions: [Action] = [],
        sources: [ContextSource] = [],
        on path: String? = nil,
        wrap: (any ActionStore) -> any ActionStore = { $0 }
    ) async throws {
        folder = path == nil ? try ScratchFolder() : nil
        let logger = Logger(level: .error, sink: NullLogSink())
        database = try await openSQLite(
            path: path ?? folder?.file("deckhand.db") ?? "",
            readers: 2,
            logger: logger
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        stores = makeStores(on: database)
        var settings = HostSettings(name: "shop", issuer: Self.issuer, audience: "deckhand", keys: [])
        settings.newClientsHaveAI = true
        let rights = UserRights(permissions: Permission.forUsers, grants: ["jobs.create"])
        sessions = HostSessionService(
            hosts: [settings],
            roles: RoleTable([
                "all": rights, "same": rights, "some": UserRights(permissions: Permission.forUsers),
            ]),
            verifier: FakeHostTokens(),
            sessions: stores.userSessions,
            audit: stores.audit,
            cryptography: FakeCryptography(seed: seed),
            clock: clock
        )
        let requests = HostRequests(sessions: stores.userSessions, tenants: stores.tenants, clock: clock)
        credits = CreditService(
            wallets: stores.wallets,
            meter: stores.meter,
            audit: stores.audit,
            prices: nil,
            clock: clock
        )
        self.actions = ActionService(
            actions: actions,
            store: wrap(stores.actions),
            caller: host,
            requests: requests,
            credits: credits,
            clock: clock,
            pauses: [.zero, .zero]
        )
        context = ContextService(
            sources: sources,
            store: stores.actions,
            caller: host,
            requests: requests,
            clock: clock
        )
    }

    /// An action that makes a job, and asks when the chat holds text of the application.
    static func action(_ change: (inout Action) -> Void = { _ in }) throws -> Action {
        let schema = #"{"type":"object","properties":{"customer":{"type":"string"}}}"#
        var action = Action(
            issuer: issuer,
            name: "create_job",
            title: "Create a job",
            description: "Makes a job.",
            parameters: try JSONSchema(JSONValue(parsing: Array(schema.utf8))),
            endpoint: "https://shop.example/ai/create_job"
        )
        action.confirmation = .untrusted
        change(&action)
        return action
    }

    /// A source that is read when the model asks.
    static func source(_ name: String = "jobs", _ change: (inout ContextSource) -> Void = { _ in })
        -> ContextSource
    {
        var source = ContextSource(
            issuer: issuer,
            name: name,
            description: "The jobs.",
            endpoint: "https://shop.example/ai/context/\(name)"
        )
        change(&source)
        return source
    }

    /// An answer of the application with these facts.
    static func facts(_ facts: JSONValue...) -> HostAnswer {
        .accepted(JSONValue.object(["facts": .array(facts)]).bytes)
    }

    /// The same with one fact, whose members are texts.
    static func facts(_ members: [String: String]) -> HostAnswer {
        facts(.object(members.mapValues(JSONValue.string)))
    }

    // MARK: People and turns

    /// Lets a user in.
    func person(
        _ subject: String = "ann",
        client: String = "acme",
        brands: [String] = ["north"],
        locations: [String]? = nil,
        role: String = "all",
        more: [String: JSONValue] = [:]
    ) async throws -> KnownUserSession {
        var claims: [String: JSONValue] = [
            "iss": .string(Self.issuer), "sub": .string(subject), "client": .string(client),
            "jti": .string("\(seed)-\(serial.add(1, ordering: .relaxed).newValue)"),
            "brands": .array(brands.map(JSONValue.string)), "role": .string(role),
        ]
        claims["locations"] = locations.map { .array($0.map(JSONValue.string)) }
        claims.merge(more) { _, new in new }
        let token = FakeHostTokens.token(.object(claims))
        return try await sessions.exchange(Secret(token), from: "192.0.2.9").known
    }

    /// A turn that works, in a new chat at a place (the first brand unless told otherwise) or in an earlier one.
    func turn(
        of known: KnownUserSession,
        at place: Place? = nil,
        in earlier: ChatID? = nil,
        door: CallDoor = .chat,
        history: [ModelItem]? = nil
    ) async throws -> ToolContext {
        let brand = known.standing.brands.keys.min()
        let place = place ?? Place(client: known.standing.client.id, brand: brand)
        let owner = known.user.id.principal
        let now = clock.now()
        let chat: ChatID
        if let earlier {
            chat = earlier
        } else {
            chat = try await stores.chats.create(ChatDraft(place: place), owner: owner, at: now).id
        }
        let floor = try await stores.chats.reservedNumber(of: chat)
        let model = ModelReference(provider: try ProviderID("fake"), model: "model")
        var draft = TurnDraft(message: [.text("Do it.")], options: TurnOptions(model: model))
        draft.session = known.session.id
        draft.history = history
        let begun = try await stores.chats.begin(draft, in: chat, owner: owner, above: floor, at: now)
        let principal = try #require(
            try await sessions.principal(of: known.user.id, at: place, in: known.session.id)
        )
        return ToolContext(
            turn: begun.turn,
            principal: principal,
            place: place,
            door: door,
            hasNativeShell: false
        )
    }

    /// The turn that an earlier server left at work.
    func unfinished(of known: KnownUserSession) async throws -> ToolContext {
        let turn = try #require(try await stores.chats.workingTurns().first)
        let chat = try #require(try await stores.chats.chat(turn.chat, owner: turn.owner))
        let place = try #require(chat.place)
        let session = try #require(turn.session)
        let principal = try #require(
            try await sessions.principal(of: known.user.id, at: place, in: session)
        )
        return ToolContext(
            turn: turn,
            principal: principal,
            place: place,
            door: .chat,
            hasNativeShell: false
        )
    }

    /// Ends a turn.
    func finish(_ turn: Turn, as state: TurnState = .completed) async throws {
        let over = ChatEvent(
            .turnFinished(state, usage: TokenUsage(), failure: nil),
            number: turn.firstEvent + 1,
            turn: turn.id,
            at: clock.now()
        )
        let change = TurnChange(state: state, reason: nil, usage: TokenUsage())
        try await stores.chats.record([over], of: turn, change, reserving: 0, at: clock.now())
    }

    // MARK: Steps

    /// Carries out a step of a turn until it is over.
    func run(
        _ context: ToolContext,
        tool: String = "action_create_job",
        _ arguments: String = #"{"customer":"Smith"}"#,
        call: String = "c1",
        isRepeated: Bool = false
    ) async throws -> (text: String, isError: Bool) {
        let step = ToolStep(
            id: ToolStepID(call: call, index: 0),
            call: ToolCall(id: call, request: .function(name: tool, arguments: arguments)),
            isRepeated: isRepeated
        )
        let set: any TurnTools =
            tool.hasPrefix("action_") ? ActionTools(actions) : ContextTools(self.context)
        let outcome = try await set.run(step, in: context) { _ in }
        guard case .text(let text, let isError) = outcome.result else { return ("", true) }
        return (text, isError)
    }

    /// The same where a person is asked, who says yes or no once it waits.
    func run(_ context: ToolContext, saying yes: Bool, call: String = "c1") async throws -> (
        text: String, isError: Bool
    ) {
        async let outcome = run(context, call: call)
        try await waits(context)
        let id = try await newest(context).id
        if yes {
            _ = try await actions.confirm(id, as: context.principal)
        } else {
            _ = try await actions.decline(id, as: context.principal)
        }
        return try await outcome
    }

    /// What an earlier server stored of a step.
    func proposed(in context: ToolContext, price: Int64) async throws -> ActionID {
        let draft = ActionDraft(
            chat: context.turn.chat,
            turn: context.turn.id,
            step: ToolStepID(call: "c1", index: 0),
            owner: context.principal.id,
            place: try #require(context.place),
            issuer: Self.issuer,
            action: "create_job",
            arguments: "{}",
            price: Credits(minor: price),
            expires: clock.now() + ActionService.patience
        )
        return try await stores.actions.propose(draft, at: clock.now()).id
    }

    /// Waits until a proposal of a turn's owner awaits a decision.
    func waits(_ context: ToolContext) async throws {
        try await eventually("a proposal waits") {
            let page = try await actions.history(before: nil, limit: 1, as: context.principal)
            return page.elements.first?.state == .awaitingConfirmation
        }
    }

    /// The newest proposal of a turn's owner.
    func newest(_ context: ToolContext) async throws -> ActionProposal {
        let page = try await actions.history(before: nil, limit: 1, as: context.principal)
        return try #require(page.elements.first)
    }

    // MARK: Money and the log

    /// Puts credits into the client's wallet.
    func fund(_ amount: Int64, for known: KnownUserSession) async throws -> WalletID {
        let wallet = try await credits.open(WalletOwner(client: known.standing.client.id), by: .hash)
        let deposit = Deposit(.topup, Credits(minor: amount), key: "first", principal: .hash)
        _ = try await credits.deposit(deposit, to: wallet.id)
        return wallet.id
    }

    /// Balance and what is held.
    func money(_ id: WalletID) async throws -> [Int64] {
        let wallet = try await credits.wallet(id)
        return [wallet.balance.minor, wallet.held.minor]
    }

    /// Usage rows as `name cost`, newest first.
    func usage() async throws -> [String] {
        try await stores.meter.rows(UsageQuery(), before: nil, limit: 100).elements.map {
            "\($0.model) \($0.cost.minor)"
        }
    }

    /// What the audit log says of actions, oldest first.
    func audited() async throws -> [String] {
        try await stores.audit.entries(limit: 1_000).reversed().map(\.action).filter {
            $0.hasPrefix("action.")
        }
    }
}
