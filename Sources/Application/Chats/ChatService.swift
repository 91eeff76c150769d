public import Core
public import Domain

/// The use cases of chats, each with its permission.
///
/// Everybody sees their own chats only. Errors are `Failure` or `CancellationError`; anything else is internal.
public struct ChatService: Sendable {
    private static let maximumText = 1 << 20
    private static let maximumImage = 20 << 20
    private static let usePrecision = Duration.seconds(86_400)

    private let store: any ChatStore
    private let deltas: any ChatDeltaStore
    private let hub: ChatHub
    private let engine: TurnEngine
    private let models: ModelCatalog
    private let clock: any WallClock
    private let accounts: AccountService?
    private let credits: CreditService?
    private let secrets: SecretVault?

    /// Puts the service together; without `accounts` nobody has chosen a model of their own, without `credits` nobody pays,
    /// and without `secrets` nothing that is said is taken for one.
    public init(
        store: any ChatStore,
        deltas: any ChatDeltaStore,
        hub: ChatHub,
        engine: TurnEngine,
        models: ModelCatalog,
        clock: any WallClock,
        accounts: AccountService? = nil,
        credits: CreditService? = nil,
        secrets: SecretVault? = nil
    ) {
        self.secrets = secrets
        self.accounts = accounts
        self.credits = credits
        self.store = store
        self.deltas = deltas
        self.hub = hub
        self.engine = engine
        self.models = models
        self.clock = clock
    }

    // MARK: Chats

    /// Makes a chat; the earlier one when the caller has one with the same key.
    public func create(_ draft: ChatDraft, as principal: Principal) async throws -> Chat {
        try principal.require(.chat)
        try Self.check(draft.place, for: principal)
        var draft = draft
        draft.title = try draft.title.map(Self.checkedTitle)
        try requireNoSecret([draft.title, draft.key].compactMap(\.self), "title or key", principal)
        if let key = draft.key, !(1...128).contains(key.utf8.count) {
            throw Failure(
                .unprocessable,
                code: "invalid_chat_key",
                message: "A chat's key has 1 to 128 bytes."
            )
        }
        if let model = draft.model { _ = try models.resolve(model) }
        return try await store(for: principal).create(draft, owner: principal.id, at: clock.now())
    }

    /// The caller's chat.
    public func chat(_ id: ChatID, as principal: Principal) async throws -> Chat {
        try principal.require(.chat)
        return try await found(id, principal)
    }

    /// The caller's chat with this key at a place, or nil.
    public func chat(key: String, at place: Place? = nil, as principal: Principal) async throws -> Chat? {
        try principal.require(.chat)
        return try await store(for: principal).chat(key: key, at: place, owner: principal.id)
    }

    /// The caller's chats, newest first.
    public func chats(
        matching search: String?,
        after cursor: ChatCursor?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<Chat> {
        try principal.require(.chat)
        try principal.requireAI(at: nil)
        return try await store(for: principal).chats(
            of: principal.id,
            matching: search,
            after: cursor,
            limit: limit
        )
    }

    /// Changes a chat's title or model.
    public func change(_ id: ChatID, _ change: ChatChange, as principal: Principal) async throws -> Chat {
        try principal.require(.chat)
        var change = change
        change.title = try change.title.map(Self.checkedTitle)
        try requireNoSecret([change.title].compactMap(\.self), "title", principal)
        if let model = change.model { _ = try models.resolve(model) }
        change.isModelTitle = false
        try principal.requireChange(at: try await found(id, principal).place)
        guard let chat = try await engine.change(id, owner: principal.id, change) else {
            throw Self.chatNotFound
        }
        return chat
    }

    /// Forgets a chat with all that belongs to it; `turn_working` while the assistant works in it.
    public func remove(_ id: ChatID, as principal: Principal) async throws {
        try principal.require(.chat)
        try principal.requireChange(at: try await found(id, principal).place)
        guard try await store(for: principal).remove(id, owner: principal.id) else { throw Self.chatNotFound }
        engine.forget(id)
        hub.changed(id)
        try await deltas.remove([id])
    }

    // MARK: Turns

    /// Stores a message and lets the assistant work on it; returns once it is stored durably.
    ///
    /// The turn goes on whether anybody follows it or not.
    public func begin(_ request: TurnRequest, in chat: ChatID, as principal: Principal) async throws
        -> BegunTurn
    {
        try principal.require(.chat)
        var request = request
        if request.repeatsMessage {
            request.message = try await message(of: request.replacing, in: chat, principal)
        }
        try Self.check(request)
        try requireNoSecret(request.said, "message", principal)
        try requireNoSecret(request.earlier, "earlier conversation", principal)
        let found = try await found(chat, principal)
        try principal.requireChange(at: found.place)
        let model = try await models.resolve(request.model ?? found.model, for: principal, accounts)
        var draft = TurnDraft(
            message: request.message,
            options: TurnOptions(
                model: model,
                reasoning: request.reasoning,
                verbosity: request.verbosity,
                tools: request.tools,
                instructions: request.instructions,
                door: request.door
            )
        )
        draft.results = request.results
        draft.key = request.key
        draft.replacing = request.replacing
        draft.history = request.history
        draft.endsWithCaller = request.endsWithCaller
        draft.session = principal.session
        if request.isContinuation { try await checkContinuation(of: chat, principal) }
        try await requireFunds(for: request, of: model, in: found, principal)
        try engine.admit()
        let begun: BegunTurn
        do {
            let floor = max(
                try await deltas.lastNumber(of: chat),
                try await store.reservedNumber(of: chat)
            )
            begun = try await store(for: principal).begin(
                draft,
                in: chat,
                owner: principal.id,
                above: floor,
                at: clock.now()
            )
        } catch {
            engine.dismiss()
            throw error
        }
        guard !begun.wasRepeated else {
            engine.dismiss()
            return begun
        }
        engine.start(
            TurnEngine.Job(chat: found, turn: begun.turn, draft: draft, event: begun.event)
        )
        return begun
    }

    /// What was said in a turn, with its pictures.
    private func message(of turn: TurnID?, in chat: ChatID, _ principal: Principal) async throws
        -> [ContentPart]
    {
        guard let turn, try await self.turn(turn, as: principal).chat == chat,
            let first = try await store(for: principal).events(of: turn, owner: principal.id).first,
            case .turnStarted(let draft) = try first.body()
        else { throw Self.turnNotFound }
        return draft.message
    }

    /// The caller's turn.
    public func turn(_ id: TurnID, as principal: Principal) async throws -> Turn {
        try principal.require(.chat)
        guard let turn = try await store(for: principal).turn(id, owner: principal.id) else {
            throw Self.turnNotFound
        }
        if principal.scope != nil { _ = try await found(turn.chat, principal) }
        return turn
    }

    /// Somebody reads these chats of theirs: that is a use, from which the time counts that unused chats are kept.
    public func noteUse(of chats: [Chat], as principal: Principal) async throws {
        let now = clock.now()
        let edge = now - Self.usePrecision
        let old = chats.filter { $0.updated < edge }.map(\.id)
        guard !old.isEmpty else { return }
        _ = try await store(for: principal)
            .noteUse(of: old, owner: principal.id, unlessSince: edge, at: now)
    }

    /// Turns of a chat, newest first.
    public func turns(of chat: ChatID, before turn: TurnID?, limit: Int, as principal: Principal) async throws
        -> Page<Turn>
    {
        try principal.require(.chat)
        _ = try await found(chat, principal)
        return try await store(for: principal).turns(
            of: chat,
            owner: principal.id,
            before: turn,
            limit: limit
        )
    }

    /// Ends a turn: the provider's call, and the commands that it started.
    ///
    /// That it is to end is stored before anything else, so that it holds whatever becomes of this server. Returns the turn
    /// once its end is stored, or as it stands after `patience`. No error when it is over already.
    public func cancel(_ id: TurnID, patience: Duration = .seconds(10), as principal: Principal) async throws
        -> Turn
    {
        try principal.require(.chat)
        let turn = try await turn(id, as: principal)
        guard !turn.state.isOver else { return turn }
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = hub.watch(turn.chat, wake)
        defer { withExtendedLifetime(watch) {} }
        _ = try await store(for: principal).wantCancel(of: id, owner: principal.id)
        FaultPoint.afterCancelMark.reach()
        _ = engine.cancel(id)
        wake.yield()
        return try await withThrowingTaskGroup(of: Turn?.self) { group in
            group.addTask { [store] in
                for await _ in wakeups {
                    let current = try await store.turn(id, owner: principal.id)
                    if let current, current.state.isOver { return current }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            if let over = try await group.next() ?? nil { return over }
            return try await self.turn(id, as: principal)
        }
    }

    /// Asks to end a turn that the caller began, without waiting for its end; for callers that are cancelled themselves.
    public func abandon(_ begun: BegunTurn) { _ = engine.cancel(begun.turn.id) }

    // MARK: Events

    /// Events of a chat with higher numbers, in order; empty when there are none yet.
    ///
    /// `checked` is the chat as ``chat(_:as:)`` gave it to the caller, so that following costs no look-up each time.
    public func events(of checked: Chat, after number: Int64, limit: Int = 512) async throws -> [ChatEvent] {
        let last: Int64
        switch hub.recent(checked.id, after: number, limit: limit) {
        case .events(let events): return events
        case .stored(let through): last = through
        }
        let durable = try await store.events(
            of: checked.id,
            owner: checked.owner,
            after: number,
            limit: limit
        )
        let shown = try await deltas.events(of: checked.id, after: number, through: last, limit: limit)
        return Self.merged(durable.filter { $0.number <= last }, shown, limit: limit)
    }

    /// Yields into a stream at each new event of a chat, for as long as the subscription is held.
    public func watch(_ chat: ChatID, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        hub.watch(chat, wake)
    }

    /// All facts of a chat without deltas, in order, in pieces; for exports and shares.
    public func facts(of checked: Chat, after number: Int64, limit: Int) async throws -> [ChatEvent] {
        try await store.events(of: checked.id, owner: checked.owner, after: number, limit: limit)
    }

    /// Two ordered lists as one; where one was cut at its limit nothing beyond its end is known.
    private static func merged(_ durable: [ChatEvent], _ shown: [ChatEvent], limit: Int) -> [ChatEvent] {
        var bound = Int64.max
        if durable.count == limit { bound = min(bound, durable[limit - 1].number) }
        if shown.count == limit { bound = min(bound, shown[limit - 1].number) }
        let all = (durable + shown).filter { $0.number <= bound }
        return Array(all.sorted { $0.number < $1.number }.prefix(limit))
    }

    // MARK: Checks

    /// The store as the principal sees it; what works on a turn that is theirs needs no second look.
    private func store(for principal: Principal) -> any ChatStore { store.limited(to: principal.scope) }

    /// A user's chat belongs to a place that the user may see and change; an operator's to none.
    private static func check(_ place: Place?, for principal: Principal) throws(Failure) {
        guard let scope = principal.scope else {
            precondition(place == nil, "only chats of users belong to a place")
            return
        }
        guard let place, scope.admits(place) else {
            throw TenantService.noPlace
        }
        try principal.requireChange(at: place)
    }

    private func found(_ id: ChatID, _ principal: Principal) async throws -> Chat {
        guard let chat = try await store(for: principal).chat(id, owner: principal.id) else {
            throw Self.chatNotFound
        }
        try principal.requireAI(at: chat.place)
        return chat
    }

    /// Refuses at once what nobody can pay for; a turn that was begun before is given again all the same.
    private func requireFunds(
        for request: TurnRequest,
        of model: ModelReference,
        in chat: Chat,
        _ principal: Principal
    ) async throws {
        guard let credits, let place = chat.place, let provider = models.provider(model.provider),
            try await !provider.usesOwnAccount(of: principal.id)
        else { return }
        let tokens = request.message.reduce(0) { sum, part in
            if case .text(let text) = part { sum + CallSize.tokens(bytes: text.utf8.count) } else { sum }
        }
        do { try await credits.requireFunds(for: model, inputTokens: tokens, at: place) } catch {
            guard let key = request.key else { throw error }
            let latest = try await store.turns(of: chat.id, owner: principal.id, before: nil, limit: 50)
            guard latest.elements.contains(where: { $0.key == key }) else { throw error }
        }
    }

    private func checkContinuation(of chat: ChatID, _ principal: Principal) async throws {
        let last = try await store.turns(of: chat, owner: principal.id, before: nil, limit: 1).elements.first
        guard let last, last.state != .completed else {
            throw Failure(
                .conflict,
                code: "nothing_to_continue",
                message: "There is no turn that was stopped, failed or cancelled.",
                hint: "Send a message instead."
            )
        }
    }

    /// Nothing that would be stored, shared and sent to a vendor contains the value of a secret.
    private func requireNoSecret(_ texts: [String], _ part: String, _ principal: Principal) throws(Failure) {
        let namesAreKnown = principal.permissions.contains(.shellRun) && !principal.isCustomer
        try secrets?.check(said: texts, part, namesAreKnown: namesAreKnown)
    }

    private static func check(_ request: TurnRequest) throws(Failure) {
        let isEmpty = request.message.allSatisfy { part in
            if case .text(let text) = part { text.trimmed.isEmpty } else { false }
        }
        guard !isEmpty || !request.results.isEmpty || request.isContinuation else {
            throw Failure(
                .unprocessable,
                code: "message_missing",
                message: "There is no message.",
                hint: "Send \"message\": a text, or parts of text and images."
            )
        }
        var text = 0
        var images = 0
        for part in request.message {
            switch part {
            case .text(let value): text += value.utf8.count
            case .image(let image):
                images += image.bytes.count
                guard ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(image.mediaType) else {
                    throw Failure(
                        .unprocessable,
                        code: "image_type_unsupported",
                        message: "Images of this type are not taken.",
                        hint: "Send PNG, JPEG, GIF or WebP."
                    )
                }
            }
        }
        guard text <= maximumText, images <= maximumImage else {
            throw Failure(
                .tooLarge,
                code: "message_too_large",
                message: "The message has \(text) bytes of text and \(images) bytes of images.",
                hint: "At most \(maximumText) of text and \(maximumImage) of images are taken."
            )
        }
    }

    private static func checkedTitle(_ text: String) throws(Failure) -> String {
        let title = text.trimmed
        guard (1...200).contains(title.count), title.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Failure(
                .unprocessable,
                code: "invalid_title",
                message: "A title has 1 to 200 characters in one line."
            )
        }
        return title
    }

    private static var chatNotFound: Failure {
        Failure(
            .notFound,
            code: "chat_not_found",
            message: "There is no such chat.",
            hint: "List yours with GET /v1/chats."
        )
    }

    private static var turnNotFound: Failure {
        Failure(.notFound, code: "turn_not_found", message: "There is no such turn.")
    }
}
