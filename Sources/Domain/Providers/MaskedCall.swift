internal import Synchronization

/// The masker of one call, which is used from one task after the other.
final class MaskedCall: Sendable {
    private struct State {
        var masker: ModelEventMasker
        var isRefused = false
    }
    private let state: Mutex<State>

    init(_ list: MaskList) { state = Mutex(State(masker: ModelEventMasker(list))) }

    func mask(_ events: [ModelEvent]) -> [ModelEvent] { state.withLock { $0.masker.mask(events) } }

    /// Whoever listens wants nothing more.
    func refuse() { state.withLock { $0.isRefused = true } }

    func flush() -> [ModelEvent] { state.withLock { $0.isRefused ? [] : $0.masker.flush() } }
}
