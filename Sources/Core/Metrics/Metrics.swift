internal import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    init() {}
    /// Adds to the count.
    public func add(_ amount: Int = 1) { value.add(amount, ordering: .relaxed) }
    /// The count so far.
    public var total: Int { value.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let value = Atomic<Int>(0)
    init() {}
    /// Sets the number.
    public func set(_ amount: Int) { value.store(amount, ordering: .relaxed) }
    /// Changes the number.
    public func add(_ amount: Int) { value.add(amount, ordering: .relaxed) }
    /// The present number.
    public var current: Int { value.load(ordering: .relaxed) }
}

/// Counts of durations in fixed buckets.
public final class Histogram: Sendable {
    /// Upper bounds in seconds.
    static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300,
    ]
    private struct State {
        var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
        var sum = 0.0
    }
    private let state = Mutex(State())
    init() {}

    /// Counts one duration.
    public func record(_ duration: Duration) {
        let seconds = duration.inSeconds
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += seconds
        }
    }

    var snapshot: (counts: [Int], sum: Double) { state.withLock { ($0.counts, $0.sum) } }
}

/// All metrics of a server, written as Prometheus text (exposition format 0.0.4).
///
/// Names and label values come from the program, never from input.
public final class MetricsRegistry: Sendable {
    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case computed(@Sendable () -> Int)
        case histogram(Histogram)

        var kind: String {
            switch self {
            case .counter: "counter"
            case .gauge, .computed: "gauge"
            case .histogram: "histogram"
            }
        }
    }
    private struct Entry {
        let name: String
        let labels: String
        let help: String
        let instrument: Instrument
    }
    private let entries = Mutex<[Entry]>([])

    /// Makes an empty registry.
    public init() {}

    /// Registers a counter; `labels` is the inner text of the braces, such as `outcome="exited"`.
    public func counter(_ name: StaticString, labels: String = "", help: StaticString) -> Counter {
        let counter = Counter()
        add(name, labels, help, .counter(counter))
        return counter
    }

    /// Registers a gauge.
    public func gauge(_ name: StaticString, labels: String = "", help: StaticString) -> Gauge {
        let gauge = Gauge()
        add(name, labels, help, .gauge(gauge))
        return gauge
    }

    /// Registers a gauge that is computed when it is read; `compute` must not block.
    public func gauge(
        _ name: StaticString,
        labels: String = "",
        help: StaticString,
        compute: @escaping @Sendable () -> Int
    ) {
        add(name, labels, help, .computed(compute))
    }

    /// Registers a histogram of durations in seconds.
    public func histogram(_ name: StaticString, labels: String = "", help: StaticString) -> Histogram {
        let histogram = Histogram()
        add(name, labels, help, .histogram(histogram))
        return histogram
    }

    private func add(_ name: StaticString, _ labels: String, _ help: StaticString, _ instrument: Instrument) {
        let entry = Entry(
            name: name.description,
            labels: labels,
            help: help.description,
            instrument: instrument
        )
        entries.withLock { $0.append(entry) }
    }

    /// The text of all metrics.
    public func prometheusText() -> String {
        var text = ""
        var seen: Set<String> = []
        let ordered = entries.withLock { $0 }.sorted { ($0.name, $0.labels) < ($1.name, $1.labels) }
        for entry in ordered {
            if seen.insert(entry.name).inserted {
                text += "# HELP \(entry.name) \(entry.help)\n# TYPE \(entry.name) \(entry.instrument.kind)\n"
            }
            let labels = entry.labels.isEmpty ? "" : "{\(entry.labels)}"
            switch entry.instrument {
            case .counter(let counter): text += "\(entry.name)\(labels) \(counter.total)\n"
            case .gauge(let gauge): text += "\(entry.name)\(labels) \(gauge.current)\n"
            case .computed(let compute): text += "\(entry.name)\(labels) \(compute())\n"
            case .histogram(let histogram): text += Self.text(of: histogram, entry.name, entry.labels)
            }
        }
        return text
    }

    private static func text(of histogram: Histogram, _ name: String, _ labels: String) -> String {
        let (counts, sum) = histogram.snapshot
        let prefix = labels.isEmpty ? "" : labels + ","
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        var text = ""
        var running = 0
        for (index, bound) in Histogram.bounds.enumerated() {
            running += counts[index]
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(running)\n"
        }
        running += counts[Histogram.bounds.count]
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(running)\n"
        return text + "\(name)_sum\(suffix) \(sum)\n\(name)_count\(suffix) \(running)\n"
    }
}
