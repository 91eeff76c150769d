internal import Core
public import Domain
internal import Synchronization

/// The open streams of signed-in people, so that they end with the sign-in.
public final class SignInHub: Sendable {
    private struct State {
        var streams: [SignInID: [Int: AsyncStream<Void>.Continuation]] = [:]
        /// Opened since they were last checked.
        var unchecked = false
        var next = 0
    }
    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    /// Makes a hub without streams.
    public init() { (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Runs a body for as long as a sign-in lasts; without a sign-in, simply runs it.
    ///
    /// When the sign-in ends, the body is cancelled and this throws `Failure` `sign_in_ended`; noticed at once where it
    /// was ended through this server, within half a second where it was by another process.
    public func run<Value: Sendable>(
        untilEndOf signIn: SignInID?,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let signIn else { return try await body() }
        let (ends, end) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = register(signIn, end)
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
            throw SignInService.ended
        }
    }

    /// Ends the streams of these sign-ins.
    func end(_ ids: some Sequence<SignInID>) {
        let streams = state.withLock { state in
            ids.flatMap { state.streams[$0].map { Array($0.values) } ?? [] }
        }
        for stream in streams { stream.yield() }
    }

    /// The sign-ins with open streams.
    var open: Set<SignInID> { state.withLock { Set($0.streams.keys) } }

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

    private func register(_ id: SignInID, _ end: AsyncStream<Void>.Continuation) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.streams[id, default: [:]][state.next] = end
            state.unchecked = true
            return state.next
        }
        arrival.yield()
        return Subscription { [weak self] in self?.remove(number, of: id) }
    }

    private func remove(_ number: Int, of id: SignInID) {
        state.withLock { state in
            state.streams[id]?[number] = nil
            if state.streams[id]?.isEmpty == true { state.streams[id] = nil }
        }
    }
}
