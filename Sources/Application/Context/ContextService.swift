public import Core
public import Domain
internal import Synchronization

/// Reads the sources of host applications for turns, within the scope of who asks.
///
/// A turn reads each source once: what it read is its receipt, and is shown again after a restart.
public final class ContextService: Sendable {
    private struct CacheKey: Hashable {
        var issuer: String
        var source: String
        var asker: HostAsker.Identity
        var place: Place
        var grants: Set<String>
    }

    private struct Cached {
        var until: Timestamp
        var parts: ContextParts
    }

    private static let mostCached = 1_000

    let sources: [ContextSource]
    private let store: any ActionStore
    private let caller: any HostCaller
    private let requests: HostRequests
    private let clock: any WallClock
    private let cache = Mutex<[CacheKey: Cached]>([:])

    /// Puts the service together.
    public init(
        sources: [ContextSource],
        store: any ActionStore,
        caller: any HostCaller,
        requests: HostRequests,
        clock: any WallClock
    ) {
        self.sources = sources
        self.store = store
        self.caller = caller
        self.requests = requests
        self.clock = clock
    }

    /// What a turn read: what the model saw.
    ///
    /// Whoever asks must be admitted to the turn by the caller of this.
    public func readings(of turn: Turn) async throws -> [ContextReading] {
        try await store.readings(of: turn.id)
    }

    func open(in context: ToolContext) -> [ContextSource] {
        guard let place = context.place else { return [] }
        return sources.filter { $0.isOpen(to: context.principal, at: place) }
    }

    /// The receipt of a source for a turn: read now, unless it was before.
    func read(_ source: ContextSource, in context: ToolContext) async throws -> ContextReading {
        let earlier = try await store.readings(of: context.turn.id)
        if let earlier = earlier.first(where: { $0.source == source.name }) { return earlier }
        let parts = try await parts(source, context)
        return try await store.keep(
            ContextReading(
                chat: context.turn.chat,
                turn: context.turn.id,
                source: source.name,
                time: clock.now(),
                facts: parts.facts,
                leftOut: parts.leftOut,
                missing: parts.missing
            )
        )
    }

    private func parts(_ source: ContextSource, _ context: ToolContext) async throws -> ContextParts {
        guard let place = context.place else {
            return ContextParts(missing: "there is no place to read it for")
        }
        guard let asker = try await requests.asker(context.principal, at: place) else {
            return ContextParts(missing: "the session is over, or nothing may be done here")
        }
        let key = CacheKey(
            issuer: source.issuer,
            source: source.name,
            asker: asker.identity,
            place: place,
            grants: context.principal.grants
        )
        let now = clock.now()
        if let known = cache.withLock({ $0[key] }), now < known.until { return known.parts }
        let call = "context-\(context.turn.id.rawValue)-\(source.name)"
        let answer = try await caller.call(
            HostCall(
                issuer: source.issuer,
                endpoint: source.endpoint,
                body: asker.body("context", source.name, key: call),
                key: call,
                timeout: source.timeout,
                maximumBytes: max(256 << 10, 4 * source.maximumBytes)
            )
        )
        switch answer {
        case .notDone(let why), .unreachable(let why):
            return ContextParts(missing: "the application did not answer: \(why)")
        case .refused(let status, _): return ContextParts(missing: "the application answered \(status)")
        case .accepted(let bytes):
            let list = ContextReader.list(bytes)
            let reader = ContextReader(
                asker: asker,
                place: place,
                known: try await requests.locations(
                    called: ContextReader.locationNames(list ?? []),
                    in: place.client
                ),
                maximumBytes: source.maximumBytes
            )
            guard let parts = list.flatMap(reader.read) else {
                return ContextParts(missing: "the application's answer is not of the form that is asked for")
            }
            remember(parts, key, until: now + source.cacheFor, at: now)
            return parts
        }
    }

    private func remember(_ parts: ContextParts, _ key: CacheKey, until: Timestamp, at now: Timestamp) {
        cache.withLock { cache in
            if cache.count >= Self.mostCached { cache = cache.filter { now < $0.value.until } }
            if cache.count < Self.mostCached { cache[key] = Cached(until: until, parts: parts) }
        }
    }
}
