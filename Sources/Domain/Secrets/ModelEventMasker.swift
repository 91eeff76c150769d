internal import Core

/// Replaces secrets in what a model says, while it says it: a pure state machine, one for each call.
///
/// What is shown piece by piece is masked wherever it was cut: the end of a piece that could be the beginning of a
/// secret waits for the next one, or for the item that completes it. Items are masked as a whole.
public struct ModelEventMasker: Sendable {
    /// One text that deltas make up.
    private enum Place: Hashable {
        case text, refusal, reasoning
        case call(index: Int, command: Int?)

        func delta(_ text: String) -> ModelEvent {
            switch self {
            case .text: .textDelta(text)
            case .refusal: .refusalDelta(text)
            case .reasoning: .reasoningDelta(text)
            case .call(let index, let command): .toolCallDelta(index: index, command: command, text: text)
            }
        }
    }

    private let list: MaskList
    private var texts: [Place: MaskedText] = [:]
    /// Those that hold something back, in the order in which they began to.
    private var holding: [Place] = []
    /// The one that grew last.
    private var latest: Place?
    /// So few bytes of a secret say nothing of it, and do not wait when the model goes on elsewhere: viewers would take
    /// the rest of a text for another one.
    private static let harmless = 4

    /// Makes one for a call; a list that changes later counts for later calls.
    public init(_ list: MaskList) { self.list = list }

    /// What may be shown of these events, and of what was held back before; may be empty.
    public mutating func mask(_ events: [ModelEvent]) -> [ModelEvent] {
        var shown: [ModelEvent] = []
        shown.reserveCapacity(events.count)
        for event in events {
            switch event {
            case .textDelta(let text): take(text, .text, &shown)
            case .refusalDelta(let text): take(text, .refusal, &shown)
            case .reasoningDelta(let text): take(text, .reasoning, &shown)
            case .toolCallDelta(let index, let command, let text):
                take(text, .call(index: index, command: command), &shown)
            case .toolCallBegan(let index, let name):
                leave(for: .call(index: index, command: nil), &shown)
                shown.append(.toolCallBegan(index: index, name: list.masked(name)))
            case .started(let id): shown.append(.started(responseID: id.map(list.masked)))
            case .item(let item):
                shown += flush()
                shown.append(.item(list.masked(item)))
            case .finished:
                shown += flush()
                shown.append(event)
            case .image, .usage: shown.append(event)
            }
        }
        return shown
    }

    /// What was held back, when nothing follows.
    public mutating func flush() -> [ModelEvent] {
        defer { holding.removeAll() }
        return holding.compactMap { place in
            guard let rest = texts[place]?.flush(), !rest.isEmpty else { return nil }
            return place.delta(rest)
        }
    }

    private mutating func take(_ text: String, _ place: Place, _ shown: inout [ModelEvent]) {
        leave(for: place, &shown)
        let ready = texts[place, default: MaskedText(list)].mask(text)
        if texts[place]?.isHolding == true {
            if !holding.contains(place) { holding.append(place) }
        } else {
            holding.removeAll { $0 == place }
        }
        if !ready.isEmpty { shown.append(place.delta(ready)) }
    }

    /// The model goes on elsewhere.
    private mutating func leave(for place: Place, _ shown: inout [ModelEvent]) {
        guard latest != place else { return }
        latest = place
        for other in holding where other != place {
            guard let ready = texts[other]?.release(below: Self.harmless), !ready.isEmpty else { continue }
            shown.append(other.delta(ready))
        }
        holding.removeAll { texts[$0]?.isHolding != true }
    }
}

/// A text that comes in pieces, without secrets.
private struct MaskedText: Sendable {
    private var masker: Masker
    /// Bytes of a character that is not complete.
    private var rest: [UInt8] = []

    init(_ list: MaskList) { masker = Masker(forms: list.search) }

    var isHolding: Bool { masker.isHolding || !rest.isEmpty }

    mutating func mask(_ text: String) -> String { take(masker.mask(Array(text.utf8)[...])) }

    mutating func release(below limit: Int) -> String { take(masker.release(below: limit)) }

    mutating func flush() -> String {
        let last = rest + masker.flush()
        rest = []
        return String(decoding: last, as: UTF8.self)
    }

    /// Whole characters of these bytes.
    private mutating func take(_ bytes: [UInt8]) -> String {
        var bytes = rest.isEmpty ? bytes : rest + bytes
        let tail = bytes.incompleteUTF8Tail
        rest = Array(bytes.suffix(tail))
        bytes.removeLast(tail)
        return String(decoding: bytes, as: UTF8.self)
    }
}
