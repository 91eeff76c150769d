internal import Core
internal import Domain
internal import Processes
internal import Synchronization

/// A running app-server of one profile: requests and their answers, and who listens to which turn.
final class CodexConnection: Sendable {
    /// What is heard of a turn.
    enum Heard: Sendable {
        /// A request for a tool: to be answered under its id.
        case call(JSONValue, JSONValue)
        case notice(String, JSONValue)
        /// The answer took too long.
        case deadline
    }

    /// What is known of the account.
    struct Account: Sendable, Equatable {
        var isConnected = false
        var plan: String?
        var limits: AccountLimits?
    }

    private struct State {
        var next: Int64 = 0
        var waits: [Int64: CodexWait] = [:]
        var turns: [String: BoundedChannel<Heard>] = [:]
        var logins: [String: BoundedChannel<Bool>] = [:]
        var account = Account()
        var complaint: String?
        var lock: FolderLock?
        var process: PipedProcess?
        var hasEnded = false
        var threads = 0
    }

    private static let room = 8_192

    let profile: String
    private let sweeper: DeadlineSweeper
    private let state: Mutex<State>

    private init(_ profile: String, _ lock: FolderLock, _ sweeper: DeadlineSweeper) {
        self.profile = profile
        self.sweeper = sweeper
        var state = State()
        state.lock = lock
        self.state = Mutex(state)
    }

    /// Starts the program; it is to be ended by whoever starts it.
    static func start(
        _ program: PipedProgram,
        profile: String,
        _ lock: FolderLock,
        _ sweeper: DeadlineSweeper
    ) async throws -> CodexConnection {
        let connection = CodexConnection(profile, lock, sweeper)
        let listener = PipedProcess.Listener(
            take: { [weak connection] in connection?.take($0) ?? true },
            end: { [weak connection] in connection?.ended() }
        )
        let process = try await PipedProcess.start(program, listener)
        connection.state.withLock { $0.process = process }
        return connection
    }

    // MARK: Asking

    /// Asks, and waits for the answer, no longer than that; throws ``CodexRefusal``, ``CodexWait/Silence`` or ``CodexGone``.
    ///
    /// Cancellation does not end the wait: most of what is asked must not be left halfway.
    func ask(_ method: String, _ parameters: JSONValue? = nil, within patience: Duration) async throws
        -> JSONValue
    {
        try await withCheckedThrowingContinuation { continuation in
            let wait = CodexWait(continuation)
            let (id, process) = state.withLock { state in
                state.next += 1
                if !state.hasEnded { state.waits[state.next] = wait }
                return (state.next, state.hasEnded ? nil : state.process)
            }
            sweeper.add(wait, at: .now + patience)
            guard let process, process.send(CodexMessage.request(id, method, parameters)) else {
                return wait.settle(.failure(CodexGone()))
            }
        }
    }

    /// Says something that has no answer.
    func say(_ method: String) { send(CodexMessage.notice(method)) }

    /// Answers a request of the program.
    func reply(_ request: JSONValue, _ result: JSONValue) { send(CodexMessage.reply(request, result)) }

    private func send(_ line: [UInt8]) { _ = state.withLock { $0.process }?.send(line) }

    // MARK: Listening

    /// Hears what happens to a thread from now on.
    func listen(to thread: String) -> BoundedChannel<Heard> {
        let channel = BoundedChannel<Heard>(capacity: Self.room)
        let isOver = state.withLock { state in
            state.turns[thread] = channel
            state.threads += 1
            return state.hasEnded
        }
        if isOver { channel.finish() }
        return channel
    }

    /// Hears nothing of a thread any more.
    func forget(_ thread: String) {
        state.withLock { $0.turns.removeValue(forKey: thread) }?.finish()
    }

    /// Whether a login succeeded, once it is over; one word, and the end without one when the program ended before.
    func login(_ key: String) -> BoundedChannel<Bool> {
        let (channel, isOver) = state.withLock { state in
            let channel = state.logins[key] ?? BoundedChannel<Bool>(capacity: 1)
            state.logins[key] = channel
            return (channel, state.hasEnded)
        }
        if isOver { channel.finish() }
        return channel
    }

    // MARK: What is known

    /// What is known of the account.
    var account: Account { state.withLock { $0.account } }
    /// Threads that were begun so far; the program keeps them all.
    var threads: Int { state.withLock { $0.threads } }
    /// It is gone.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    /// What the program found wrong with its settings.
    var complaint: String? { state.withLock { $0.complaint } }
    /// The end of its errors, for the log only.
    var errors: String { state.withLock { $0.process }?.errors ?? "" }
    /// Takes in what the program answered about the account.
    func note(_ change: @Sendable (inout Account) -> Void) { state.withLock { change(&$0.account) } }

    /// Ends the program, and returns when it is gone.
    func end() async { await state.withLock { $0.process }?.end() }

    // MARK: Hearing

    private func take(_ line: [UInt8]) -> Bool {
        guard let message = CodexMessage(line: line) else { return true }
        switch message {
        case .answer(let id, let result):
            state.withLock { $0.waits.removeValue(forKey: id) }?.settle(.success(result))
        case .refusal(let id, let refusal):
            state.withLock { $0.waits.removeValue(forKey: id) }?.settle(.failure(refusal))
        case .request(let id, let method, let parameters): return take(id, method, parameters)
        case .notice(let method, let parameters): return take(method, parameters)
        }
        return true
    }

    private func take(_ id: JSONValue, _ method: String, _ parameters: JSONValue) -> Bool {
        switch method {
        case "item/tool/call":
            guard let turn = turn(parameters) else { break }
            return turn.offer(.call(id, parameters))
        case "item/commandExecution/requestApproval", "item/fileChange/requestApproval":
            reply(id, .object(["decision": .string("decline")]))
            return true
        default: break
        }
        send(CodexMessage.refuse(id))
        return true
    }

    private func take(_ method: String, _ parameters: JSONValue) -> Bool {
        switch method {
        case "account/login/completed":
            guard let key = parameters["loginId"]?.string else { break }
            _ = login(key).offer(parameters["success"]?.bool == true)
        case "account/updated":
            let isConnected = parameters["authMode"]?.string != nil
            note { account in
                account.isConnected = isConnected
                account.plan = parameters["planType"]?.string ?? account.plan
            }
        case "account/rateLimits/updated":
            note { $0.limits = CodexLimits.merged($0.limits, parameters["rateLimits"] ?? .null) }
        case "configWarning":
            let summary = parameters["summary"]?.string ?? ""
            guard summary.contains("Invalid configuration") || summary.contains("nrecognized") else { break }
            state.withLock { $0.complaint = summary }
        default:
            if let turn = turn(parameters) { return turn.offer(.notice(method, parameters)) }
        }
        return true
    }

    private func turn(_ parameters: JSONValue) -> BoundedChannel<Heard>? {
        guard let thread = parameters["threadId"]?.string else { return nil }
        return state.withLock { $0.turns[thread] }
    }

    private func ended() {
        let (waits, turns, logins) = state.withLock { state in
            state.hasEnded = true
            state.lock = nil
            defer { state.waits = [:] }
            return (state.waits.values, state.turns.values, state.logins.values)
        }
        for wait in waits { wait.settle(.failure(CodexGone())) }
        for turn in turns { turn.finish() }
        for login in logins { login.finish() }
    }
}

/// The program ended.
struct CodexGone: Error {}
