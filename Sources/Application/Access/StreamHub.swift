internal import Core
public import Domain
internal import Synchronization

/// The open streams of people, so that they end with what let them in: a sign-in, a token, or the session
/// of a user.
public final class StreamHub<ID: Hashable & Sendable>: Sendable {
    private struct State {
        var streams: [ID: [Int: AsyncStream<Void>.Continuation]] = [:]
        /// Opened since they were last checked.
        var unchecked = false
        var next = 0
    }
    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    /// What readers of a stream that ended with its sign-in or session are told.
    private let ended: Failure

    /// Makes a hub without streams.
    init(ended: Failure) {
        self.ended = ended
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs a body for as long as a sign-in or session lasts; without one, simply runs it.
    ///
    /// When it ends, the body is cancelled and this throws the `Failure` that says so; noticed at once where it
    /// was ended through this server, within half a second where it was by another process.
    public func run<Value: Sendable>(
        untilEndOf id: ID?,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let id else { return try await body() }
        return try await guarded(id, body)
    }

    /// Apart, so that a stream that nothing can end does not hold this one's frame.
    @inline(never)
    private func guarded<Value: Sendable>(
        _ id: ID,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (ends, end) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = register(id, end)
        defer { withExtendedLifetime(subscription) {} }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in ends { break }
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next() ?? nil { return value }
            try Task.checkCancellation()
            throw ended
        }
    }

    /// Waits until a sign-in or session ends, as ``run(untilEndOf:_:)`` notices it; false when the task was cancelled before.
    func waitForEnd(of id: ID) async -> Bool {
        let (ends, end) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = register(id, end)
        defer { withExtendedLifetime(subscription) {} }
        for await _ in ends { return true }
        return false
    }

    /// Ends the streams of these.
    func end(_ ids: some Sequence<ID>) {
        let streams = state.withLock { state in
            ids.flatMap { state.streams[$0].map { Array($0.values) } ?? [] }
        }
        for stream in streams { stream.yield() }
    }

    /// Those with open streams.
    var open: Set<ID> { state.withLock { Set($0.streams.keys) } }

    /// Says whether streams were opened since the last time it was asked.
    func takeUnchecked() -> Bool {
        state.withLock { state in
            defer { state.unchecked = false }
            return state.unchecked
        }
    }

    /// Waits until there is a stream; false when the task was cancelled.
    func waitForStreams() async -> Bool {
        for await _ in arrivals where !open.isEmpty { return true }
        return false
    }

    /// How many streams are open.
    public var streamCount: Int { state.withLock { $0.streams.values.reduce(0) { $0 + $1.count } } }

    private func register(_ id: ID, _ end: AsyncStream<Void>.Continuation) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.streams[id, default: [:]][state.next] = end
            state.unchecked = true
            return state.next
        }
        arrival.yield()
        return Subscription { [weak self] in self?.remove(number, of: id) }
    }

    private func remove(_ number: Int, of id: ID) {
        state.withLock { state in
            state.streams[id]?[number] = nil
            if state.streams[id]?.isEmpty == true { state.streams[id] = nil }
        }
    }
}

/// The open streams of operators who signed in.
public typealias SignInHub = StreamHub<SignInID>

extension StreamHub where ID == SignInID {
    /// Makes a hub for sign-ins.
    public convenience init() { self.init(ended: SignInService.ended) }
}

/// The open streams of holders of tokens, by the tokens' numbers.
public typealias TokenHub = StreamHub<Int64>

extension StreamHub where ID == Int64 {
    /// Makes a hub for tokens.
    public convenience init() { self.init(ended: AccessService.ended) }
}

/// The open streams of users of host applications.
public typealias UserSessionHub = StreamHub<UserSessionID>

extension StreamHub where ID == UserSessionID {
    /// Makes a hub for sessions.
    public convenience init() { self.init(ended: HostSessionService.ended) }
}

/// A call of a model by a user of a host application that belongs to no chat.
struct UserCall: Hashable, Sendable {
    let session: UserSessionID
    let place: Place
}
