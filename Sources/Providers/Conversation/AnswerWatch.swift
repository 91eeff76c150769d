internal import Domain
internal import HTTPClient
internal import Synchronization

/// Sees what of an answer was handed over, so that one that broke off before its first word can be asked for again.
///
/// Vendors that are overloaded often say so within an answer of status 200.
final class AnswerWatch: Sendable {
    private struct State {
        var hasContent = false
        var withheld: [ModelEvent] = []
        var trouble: VendorError?
    }

    private let state = Mutex(State())

    /// What may be handed over now: nothing until there is content, then all.
    func pass(_ events: [ModelEvent]) -> [ModelEvent] {
        state.withLock { state in
            if state.hasContent { return events }
            state.withheld += events
            guard events.contains(where: Self.isContent) else { return [] }
            state.hasContent = true
            return state.withheld
        }
    }

    func note(_ error: any Error) {
        guard let error = error as? VendorError else { return }
        state.withLock { $0.trouble = error }
    }

    /// What the vendor broke off with, if nothing was handed over; the watch begins anew.
    func takeTrouble() -> VendorError? {
        state.withLock { state in
            guard !state.hasContent else { return nil }
            defer { state = State() }
            return state.trouble
        }
    }

    private static func isContent(_ event: ModelEvent) -> Bool {
        switch event {
        case .started, .usage: false
        default: true
        }
    }
}

/// Tells a watch what its decoder throws.
struct WatchedDecoder<Decoder: ModelStreamDecoder>: ModelStreamDecoder {
    private var decoder: Decoder
    private let watch: AnswerWatch

    init(_ decoder: Decoder, _ watch: AnswerWatch) {
        self.decoder = decoder
        self.watch = watch
    }

    var isFinished: Bool { decoder.isFinished }
    var usage: TokenUsage? { decoder.usage }

    mutating func decode(_ event: ServerSentEvent) throws -> [ModelEvent] {
        do { return try decoder.decode(event) } catch {
            watch.note(error)
            throw error
        }
    }

    mutating func decode(whole body: [UInt8]) throws -> [ModelEvent] {
        do { return try decoder.decode(whole: body) } catch {
            watch.note(error)
            throw error
        }
    }

    mutating func finish() throws -> [ModelEvent] {
        do { return try decoder.finish() } catch {
            watch.note(error)
            throw error
        }
    }
}

extension ProviderCall {
    /// Like `stream`, and again, as often as the provider's limits say, while answers break off before their first word.
    func streamPatiently(
        _ request: VendorRequest,
        model: String,
        context: CallContext,
        size: CallSize,
        decoder: some ModelStreamDecoder,
        _ receive: @Sendable ([ModelEvent]) async throws -> Void
    ) async throws {
        let watch = AnswerWatch()
        var policy = services.retries
        policy.maximumRetries = settings.limits.retries
        var attempt = 0
        while true {
            do {
                return try await stream(
                    request,
                    model: model,
                    context: context,
                    size: size,
                    decoder: WatchedDecoder(decoder, watch)
                ) { events in
                    let events = watch.pass(events)
                    if !events.isEmpty { try await receive(events) }
                }
            } catch {
                guard let trouble = watch.takeTrouble(), !trouble.isFinal, attempt < policy.maximumRetries,
                    let wait = trouble.retryAfter
                        ?? policy.wait(beforeRetry: attempt, status: 503, headers: HTTPClientHeaders()),
                    wait <= policy.longestWait
                else { throw error }
                try await policy.pause(wait)
                attempt += 1
            }
        }
    }
}
