internal import Application
internal import Core
internal import Domain
internal import Synchronization

/// Has the model of a request use the tools of this server: a turn of a chat of its own, whose words are the answer.
///
/// The commands meet the full rules. One that a person has to approve is answered to the model with a refusal and the
/// link to decide at, since whoever calls here shows nobody an approval.
struct ServerTools: Sendable {
    private let chats: ChatService
    private let caller: Principal
    private let key: IdempotencyKey
    private let endsWithCaller: Bool

    /// A request with a key of the caller's gives the same turn each time, which then goes on when the caller leaves, since
    /// it may come back; without one the turn ends when the caller leaves.
    init(chats: ChatService, caller: Principal, key: String?, request: String) throws(Failure) {
        self.chats = chats
        self.caller = caller
        self.key = try IdempotencyKey("openai-" + (key ?? request))
        endsWithCaller = key == nil
    }

    /// Says whether a request is to be answered so: the caller's token allows our tools, and it brings none of its own.
    ///
    /// A token says so on purpose; people who signed in and the local socket have every permission as it is.
    static func serve(_ request: ModelRequest, for caller: Principal) -> Bool {
        guard caller.id.rawValue.hasPrefix("token:") else { return false }
        guard caller.permissions.isSuperset(of: [.chatTools, .shellRun, .shellRead]) else { return false }
        guard request.tools.isEmpty, request.toolChoice != .none, request.format == .text else {
            return false
        }
        if case .user? = request.items.last?.content { return true }
        return false
    }

    /// Where the answer comes from.
    func source(of request: ModelRequest, _ model: ModelReference) throws -> AnswerSource {
        guard case .user(let message)? = request.items.last?.content else {
            throw Failure(
                .invalid,
                code: "message_missing",
                message: "The conversation does not end with what a person says."
            )
        }
        var turn = TurnRequest(message: message)
        turn.model = model
        turn.reasoning = request.reasoning
        turn.verbosity = request.verbosity
        turn.key = key
        turn.endsWithCaller = endsWithCaller
        turn.door = .openai
        // Ours are kept: they say how to deal with this machine and with refusals.
        let instructions = request.instructions.map { [ModelItem(.system($0))] } ?? []
        turn.history = instructions + request.items.dropLast()
        let begin = turn
        return { receive in
            let chat = try await chats.create(ChatDraft(key: key.rawValue, model: model), as: caller)
            let begun = try await chats.begin(begin, in: chat.id, as: caller)
            do { try await follow(begun, in: chat, receive) } catch {
                if endsWithCaller { chats.abandon(begun) }
                guard let failure = error as? Failure else { throw error }
                // Repeated by a client that thinks nothing was done, the request would be another turn.
                throw FieldFailure(failure: failure, param: nil, isFinal: true)
            }
        }
    }

    private func follow(
        _ begun: BegunTurn,
        in chat: Chat,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = chats.watch(chat.id, wake)
        defer { withExtendedLifetime(watch) {} }
        wake.yield()
        var words = TurnWords()
        var number = begun.turn.firstEvent - 1
        for await _ in wakeups {
            while true {
                let events = try await chats.events(of: chat, after: number, limit: 256)
                guard let last = events.last else { break }
                number = last.number
                for event in events where event.turn == begun.turn.id {
                    let said = try words.take(try event.body())
                    if !said.isEmpty { try await receive(said) }
                    if words.isOver { return }
                }
            }
        }
        throw CancellationError()
    }
}

/// What a turn says, as the answer of one model: the words of all its calls, with a paragraph between them.
struct TurnWords: Sendable {
    private var said = ""
    private var call = 0
    private var hasSaid = false
    private(set) var isOver = false

    /// What an event of the turn adds; throws the failure of a turn that could not be completed.
    mutating func take(_ event: ChatEventBody) throws(Failure) -> [ModelEvent] {
        switch event {
        case .text(let call, let text): return say(text, of: call)
        case .reasoning(_, let text): return [.reasoningDelta(text)]
        case .modelFinished(let call, let items, _, _):
            // What was not shown as it came: the complete text counts.
            let whole = items.reduce(into: "") { text, item in
                switch item.content {
                case .assistant(let more), .refusal(let more): text += more
                default: break
                }
            }
            let shown = call == self.call ? said : ""
            guard whole.count > shown.count, whole.hasPrefix(shown) else { return [] }
            return say(String(whole.dropFirst(shown.count)), of: call)
        case .turnFinished(let state, let usage, let failure):
            isOver = true
            switch state {
            case .failed, .cancelled, .working: throw failure ?? Self.ended
            case .completed:
                let isCut = failure?.code == "answer_cut"
                return [.usage(usage), .finished(isCut ? .length : .stop)]
            case .stopped:
                let reason = failure.map { $0.message + ($0.hint.map { " " + $0 } ?? "") } ?? ""
                return say(reason, of: call + 1) + [.usage(usage), .finished(.stop)]
            }
        default: return []
        }
    }

    private mutating func say(_ text: String, of call: Int) -> [ModelEvent] {
        guard !text.isEmpty else { return [] }
        let isNew = call != self.call
        let gap = isNew && hasSaid ? "\n\n" : ""
        said = isNew ? text : said + text
        self.call = call
        hasSaid = true
        return [.textDelta(gap + text)]
    }

    private static var ended: Failure {
        Failure(.cancelled, code: "turn_cancelled", message: "Somebody ended this turn.", hint: "Ask again.")
    }
}
