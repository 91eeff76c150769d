public import Core
public import Domain

/// What models propose to do in host applications: catalogue, decisions, history, and carrying it out.
public struct ActionService: Sendable {
    /// How long a person has to decide.
    public static let patience = Duration.seconds(86_400)
    private static let mostAnswered = 64 << 10
    private static let batch = 200

    let actions: [Action]
    let store: any ActionStore
    let hub = ActionHub()
    let clock: any WallClock
    private let caller: any HostCaller
    private let requests: HostRequests
    private let credits: CreditService
    /// Nil where no files are kept.
    private let files: AnsweredFiles?
    private let pauses: [Duration]

    /// Puts the service together; `pauses` are those before the application is asked once more.
    public init(
        actions: [Action],
        store: any ActionStore,
        caller: any HostCaller,
        requests: HostRequests,
        credits: CreditService,
        clock: any WallClock,
        artifacts: ArtifactService? = nil,
        pauses: [Duration] = [.milliseconds(500), .seconds(2)]
    ) {
        files = artifacts.map { AnsweredFiles(service: $0) }
        self.actions = actions
        self.store = store
        self.caller = caller
        self.requests = requests
        self.credits = credits
        self.clock = clock
        self.pauses = pauses
    }

    /// What amounts are in.
    public var unit: CreditUnit { credits.unit }

    // MARK: For people

    /// The actions that somebody may use somewhere in their scope.
    public func catalogue(as principal: Principal) throws -> [Action] {
        try principal.require(.aiAction)
        return actions.filter { action in
            action.issuer == principal.standing?.client.issuer
                && action.grant.map(principal.grants.contains) ?? true
        }
    }

    /// The caller's proposals, newest first.
    public func history(before id: ActionID?, limit: Int, as principal: Principal) async throws -> Page<
        ActionProposal
    > {
        let scope = try Self.scope(principal)
        return try await store.proposals(of: principal.id, in: scope, before: id, limit: limit)
    }

    /// The caller's proposal; `action_not_found`.
    public func proposal(_ id: ActionID, as principal: Principal) async throws -> ActionProposal {
        let scope = try Self.scope(principal)
        guard let found = try await store.proposal(id, owner: principal.id, in: scope) else {
            throw Self.notFound
        }
        return found
    }

    /// The caller says yes to what they saw; its turn carries it out.
    ///
    /// Saying it twice is the same.
    ///
    /// `action_decided` (conflict) when it does not wait any more, `action_not_permitted` when they may not use it now.
    public func confirm(_ id: ActionID, as principal: Principal) async throws -> ActionProposal {
        let found = try await proposal(id, as: principal)
        guard let action = action(found.draft.issuer, found.draft.action),
            action.isOpen(to: principal, at: found.draft.place)
        else { throw Self.notPermitted }
        // Its time is over although nobody noted it yet.
        if found.state == .awaitingConfirmation, clock.now() >= found.draft.expires {
            _ = try await change(id, ActionChange([.awaitingConfirmation], to: .expired))
        }
        if let changed = try await change(id, ActionChange([.awaitingConfirmation], to: .confirmed)) {
            return changed
        }
        let now = try await proposal(id, as: principal)
        guard [.confirmed, .executing, .succeeded].contains(now.state), now.decided != nil else {
            throw Self.decided(now)
        }
        return now
    }

    /// The caller says no; `action_decided` (conflict) when it does not wait any more.
    ///
    /// Saying it twice is the same.
    public func decline(_ id: ActionID, as principal: Principal) async throws -> ActionProposal {
        _ = try await proposal(id, as: principal)
        if let changed = try await change(id, ActionChange([.awaitingConfirmation], to: .declined)) {
            return changed
        }
        let now = try await proposal(id, as: principal)
        guard now.state == .declined else { throw Self.decided(now) }
        return now
    }

    // MARK: For turns

    func action(_ issuer: String, _ name: String) -> Action? {
        actions.first { $0.issuer == issuer && $0.name == name }
    }

    func change(_ id: ActionID, _ change: ActionChange) async throws -> ActionProposal? {
        let changed = try await store.change(id, change, at: clock.now())
        if changed != nil { hub.wake(id) }
        return changed
    }

    /// Carries out what is confirmed, or goes on with it: the same key means the same effect at the application.
    ///
    /// What it costs is reserved before, and ends with it: the store settles or gives it back when it stores the end.
    ///
    /// `made` is told of each file that the answer brings, before the answer is stored.
    func execute(
        _ proposal: ActionProposal,
        _ action: Action,
        as principal: Principal,
        _ made: (Artifact) async throws -> Void
    ) async throws -> ActionProposal {
        let (id, price) = (proposal.id, proposal.draft.price)
        if proposal.state == .executing, !action.isIdempotent {
            return try await failed(id, from: .executing, Self.unknownOutcome("this server was ended"))
        }
        // Also for one that goes on: what was reserved for it may have expired while no server was there.
        if price > .zero {
            do {
                _ = try await credits.hold(
                    price,
                    for: ModelReference(provider: try ProviderID("action"), model: action.name),
                    key: proposal.key,
                    at: proposal.draft.place,
                    by: proposal.draft.owner
                )
            } catch let failure as Failure {
                let reason = failure.message + " " + (failure.hint ?? "")
                guard proposal.state == .executing else {
                    return try await failed(id, from: .confirmed, reason)
                }
                return try await failed(id, from: .executing, Self.unknownOutcome("this server was ended"))
            }
        }
        // With its row in the audit log, before its effect: what cannot be recorded is not done.
        if proposal.state == .confirmed,
            try await change(id, ActionChange([.confirmed], to: .executing)) == nil
        {
            // Somebody ended it in between.
            if price > .zero { try await credits.release(proposal.key) }
            return try await current(id)
        }
        let answer = try await ask(proposal, action, as: principal, isDryRun: false)
        switch answer {
        case .accepted(let bytes):
            var answer = bytes
            if let files {
                let kept = try await files.kept(bytes, of: proposal, as: principal)
                for artifact in kept.made { try await made(artifact) }
                answer = kept.answer
            }
            return try await changed(
                id,
                ActionChange([.executing], to: .succeeded, result: Self.json(answer))
            )
        case .refused(let status, let bytes):
            return try await failed(
                id,
                from: .executing,
                "The application refused it (\(status)).",
                result: Self.json(bytes)
            )
        case .notDone(let why):
            return try await failed(
                id,
                from: .executing,
                "The application cannot be reached (\(why)); nothing was done."
            )
        case .unreachable(let why):
            return try await failed(id, from: .executing, Self.unknownOutcome(why))
        }
    }

    private static func unknownOutcome(_ why: String) -> String {
        "The application did not answer (\(why)); whether it was done is not known. Look before you propose it again."
    }

    /// The turn ended before it was over: nothing is done any more, and what was being asked for is of unknown outcome.
    func end(_ id: ActionID) async throws {
        let waiting = ActionChange([.proposed, .awaitingConfirmation, .confirmed], to: .declined)
        if try await change(id, waiting) != nil { return }
        let cut = ActionChange(
            [.executing],
            to: .failed,
            reason: "The turn was ended while the application was asked; whether it was done is not known."
        )
        _ = try await change(id, cut)
    }

    /// Ends what nobody works on any more: the proposals of a turn that is over, or of all those (nil); how many it were.
    ///
    /// What their prices hold is given back.
    @discardableResult
    public func endAbandoned(of turn: TurnID? = nil) async throws -> Int {
        var count = 0
        while true {
            let ended = try await store.endAbandoned(of: turn, limit: Self.batch, at: clock.now())
            for proposal in ended { hub.wake(proposal.id) }
            count += ended.count
            if ended.count < Self.batch { return count }
        }
    }

    /// What the application says that it would do.
    func preview(_ proposal: ActionProposal, _ action: Action, as principal: Principal) async throws
        -> HostAnswer
    {
        try await ask(proposal, action, as: principal, isDryRun: true)
    }

    /// Asks the application, again with the same key while it does not answer and asking again is safe.
    private func ask(
        _ proposal: ActionProposal,
        _ action: Action,
        as principal: Principal,
        isDryRun: Bool
    ) async throws -> HostAnswer {
        let key = isDryRun ? "preview-\(proposal.id)" : proposal.key
        let arguments = Array(proposal.draft.arguments.utf8)
        guard let asker = try await requests.asker(principal, at: proposal.draft.place) else {
            return .refused(401, Array(#"{"error":"the session is over, or nothing may be done here"}"#.utf8))
        }
        let body = asker.body("action", action.name, key: key) { writer in
            writer.key("dry_run")
            writer.bool(isDryRun)
            writer.key("arguments")
            writer.raw(arguments)
        }
        let call = HostCall(
            issuer: action.issuer,
            endpoint: action.endpoint,
            body: body,
            key: key,
            timeout: action.timeout,
            maximumBytes: isDryRun ? Self.mostAnswered : files?.maximumBytes ?? Self.mostAnswered
        )
        var answer = try await caller.call(call)
        var doubt: HostAnswer?
        for pause in pauses {
            switch answer {
            case .accepted, .refused: return answer
            case .notDone: break
            case .unreachable:
                // A dry run changes nothing.
                if !action.isIdempotent, !isDryRun { return answer }
                doubt = answer
            }
            try await Task.sleep(for: pause)
            answer = try await caller.call(call)
        }
        // That the last try did nothing says nothing about the ones before.
        if case .notDone = answer, let doubt { return doubt }
        return answer
    }

    func failed(_ id: ActionID, from state: ActionState, _ reason: String, result: String? = nil)
        async throws -> ActionProposal
    {
        try await changed(id, ActionChange([state], to: .failed, result: result, reason: reason))
    }

    private func changed(_ id: ActionID, _ step: ActionChange) async throws -> ActionProposal {
        if let changed = try await change(id, step) { return changed }
        return try await current(id)
    }

    func current(_ id: ActionID) async throws -> ActionProposal {
        guard let found = try await store.proposal(id) else { throw Self.notFound }
        return found
    }

    // MARK: Parts

    /// JSON as it came; anything else as a JSON string.
    static func json(_ bytes: [UInt8]) -> String {
        if (try? JSONValue(parsing: bytes)) != nil { return String(decoding: bytes, as: UTF8.self) }
        let text = JSONValue.string(String(decoding: bytes.prefix(4_096), as: UTF8.self))
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private static func scope(_ principal: Principal) throws(Failure) -> Scope {
        try principal.require(.aiAction)
        guard let scope = principal.scope else { throw notFound }
        return scope
    }

    private static let notFound = Failure(
        .notFound,
        code: "action_not_found",
        message: "There is no such action of yours.",
        hint: "GET /v1/ai/actions lists them."
    )

    static let notPermitted = Failure(
        .forbidden,
        code: "action_not_permitted",
        message: "You may not use this action here, or it is not there any more.",
        hint: "Ask whoever runs the application."
    )

    private static func decided(_ proposal: ActionProposal) -> Failure {
        Failure(
            .conflict,
            code: "action_decided",
            message: "This action is \(proposal.state.rawValue) already.",
            hint: "Ask the assistant to propose it again."
        )
    }
}
