internal import Core
internal import Synchronization

/// Names for requests: a random word for this run of the server, and a number.
final class RequestIDs: Sendable {
    private let prefix: String
    private let counter = Atomic<UInt64>(0)

    init() {
        var generator = SystemRandomNumberGenerator()
        prefix = TextCoding.hex((0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) }) + "-"
    }

    func next() -> String {
        prefix + String(counter.add(1, ordering: .relaxed).newValue, radix: 36)
    }
}
