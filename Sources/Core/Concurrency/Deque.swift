/// A queue with cheap taking from the front (the standard library has none).
public struct Deque<Element> {
    private var storage: [Element] = []
    private var head = 0

    /// Makes an empty queue.
    public init() {}

    /// How many elements there are.
    public var count: Int { storage.count - head }
    /// Says whether there are none.
    public var isEmpty: Bool { head == storage.count }
    /// The element at the front.
    public var first: Element? { isEmpty ? nil : storage[head] }
    /// The element at a position counted from the front.
    public subscript(index: Int) -> Element { storage[head + index] }

    /// Adds an element at the back.
    public mutating func append(_ element: Element) { storage.append(element) }

    /// Adds an element in front of those at the back that are to stand behind it.
    public mutating func insert(_ element: Element, before isBehind: (Element) -> Bool) {
        var index = storage.endIndex
        while index > head, isBehind(storage[index - 1]) { index -= 1 }
        storage.insert(element, at: index)
    }

    /// Takes the element at the front.
    public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        head += 1
        compact()
        return element
    }

    /// The position of the first element that fits.
    public func firstIndex(where fits: (Element) -> Bool) -> Int? {
        storage[head...].firstIndex(where: fits).map { $0 - head }
    }

    /// Takes out the element at a position counted from the front.
    public mutating func remove(at index: Int) {
        if index == 0 {
            _ = popFirst()
        } else {
            storage.remove(at: head + index)
        }
    }

    /// Changes each element in place.
    public mutating func update(_ body: (inout Element) -> Void) {
        for index in storage.indices.dropFirst(head) { body(&storage[index]) }
    }

    /// Drops the taken part once it is the larger half.
    private mutating func compact() {
        guard head > 32, head * 2 > storage.count else { return }
        storage.removeFirst(head)
        head = 0
    }
}

extension Deque: Sendable where Element: Sendable {}
