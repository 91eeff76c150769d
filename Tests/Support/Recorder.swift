internal import Synchronization

/// A list that closures of a test write into from any thread.
public final class Recorder<Element: Sendable>: Sendable {
    private let values = Mutex<[Element]>([])

    /// Makes an empty list.
    public init() {}

    /// Adds an element.
    public func record(_ element: Element) { values.withLock { $0.append(element) } }

    /// What was added so far, in order.
    public var all: [Element] { values.withLock { $0 } }
}
