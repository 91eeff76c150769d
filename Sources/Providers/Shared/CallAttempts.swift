internal import Core
internal import Domain
internal import HTTPClient
internal import Synchronization

/// Reports each attempt of one call to the meter, and ends retries that cannot help.
final class CallAttempts: HTTPClientAttempts {
    private let meter: any CallMeter
    private let model: ModelReference
    private let context: CallContext
    private let size: CallSize
    private let clock: any WallClock
    private let open = Mutex<(call: MeteredCallID?, delivered: Int)>((nil, 0))

    init(_ services: ProviderServices, model: ModelReference, context: CallContext, size: CallSize) {
        meter = services.meter
        clock = services.retries.clock
        self.model = model
        self.context = context
        self.size = size
    }

    func willSend(attempt: Int) async throws {
        let call = try await meter.begin(model, for: context, size: size)
        open.withLock { $0 = (call, 0) }
    }

    func wasRefused(attempt: Int, _ refusal: HTTPClientRefusal) async { await end(nil, .failed) }

    func didFail(attempt: Int, _ error: any Error) async {
        await end(nil, error is CancellationError || Task.isCancelled ? .cancelled : .failed)
    }

    func mayRetry(_ refusal: HTTPClientRefusal) -> Bool {
        // A server may say so for errors that look final (x-should-retry).
        refusal.headers["x-should-retry"]?.lowercased() == "true"
            || !VendorError(refusal, now: clock.now()).isFinal || [408, 409].contains(refusal.status)
    }

    /// Reports how the attempt under way ended; nothing when none is.
    func end(_ usage: TokenUsage?, _ outcome: CallOutcome) async {
        let (call, delivered) = open.withLock { open in
            defer { open = (nil, 0) }
            return open
        }
        guard let call else { return }
        await meter.end(call, CallReport(outcome, usage: usage, deliveredBytes: delivered))
    }

    /// Takes note of what was handed over.
    func delivered(_ events: [ModelEvent]) {
        let bytes = DeliveredEvents.bytes(events)
        open.withLock { $0.delivered += bytes }
    }
}

/// For requests that are no calls of models and have no row.
struct UnmeteredAttempts: HTTPClientAttempts {
    let clock: any WallClock

    func willSend(attempt: Int) {}
    func wasRefused(attempt: Int, _ refusal: HTTPClientRefusal) {}
    func didFail(attempt: Int, _ error: any Error) {}
    func mayRetry(_ refusal: HTTPClientRefusal) -> Bool { !VendorError(refusal, now: clock.now()).isFinal }
}
