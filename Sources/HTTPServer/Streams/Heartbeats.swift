internal import Core
internal import Synchronization

/// The heartbeats of all event streams of a server, written by one loop: a task for each would cost more than a stream.
final class Heartbeats: Sendable {
    private struct Entry {
        let stream: ResponseStream
        let interval: Duration
    }
    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var shortest = Duration.seconds(15)
    }
    private let state = Mutex(State())
    private let longest: Duration
    private let added = BoundedChannel<Void>(capacity: 1)

    /// Nothing is ever silent for longer than `longest`.
    init(longest: Duration) { self.longest = longest }

    /// Has heartbeats written into a stream whenever it is silent for `interval`.
    func add(_ stream: ResponseStream, every interval: Duration) {
        let interval = min(interval, longest)
        let isFirst = state.withLock { state in
            if state.entries.isEmpty { state.shortest = interval }
            state.shortest = min(state.shortest, interval)
            state.entries[ObjectIdentifier(stream)] = Entry(stream: stream, interval: interval)
            return state.entries.count == 1
        }
        if isFirst { _ = added.offer(()) }
    }

    /// Ends that.
    func remove(_ stream: ResponseStream) {
        state.withLock { $0.entries[ObjectIdentifier(stream)] = nil }
    }

    /// Works until the task is cancelled; sleeps without a timer while there are no streams.
    func run() async {
        while !Task.isCancelled {
            guard let step else {
                if (await added.receive()).isEmpty { return }
                continue
            }
            try? await ContinuousClock().sleep(for: step)
            let entries = state.withLock { Array($0.entries.values) }
            // The next look must not come too late.
            for entry in entries { entry.stream.beat(afterSilence: entry.interval - step) }
        }
    }

    /// The time between two looks; nil while there is nothing to look at.
    private var step: Duration? {
        state.withLock { $0.entries.isEmpty ? nil : max(min($0.shortest / 4, .seconds(1)), .milliseconds(1)) }
    }
}
