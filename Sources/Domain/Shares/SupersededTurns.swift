/// The turns of a chat whose place later ones took (edit, retry).
///
/// A turn that replaces another one stands in the place of that one and of all that came between them.
public struct SupersededTurns: Sendable, Equatable {
    /// Apart and ascending: who replaces comes after all that were replaced before.
    private var ranges: [Range<Int64>] = []

    /// Makes the set of none.
    public init() {}

    /// Notes that a turn took the place of `first` and of all after it; asked in the order of the turns.
    public mutating func replace(from first: TurnID, by turn: TurnID) {
        guard first < turn else { return }
        while let last = ranges.last, last.lowerBound >= first.rawValue { ranges.removeLast() }
        ranges.append(first.rawValue..<turn.rawValue)
    }

    /// Says whether a turn was replaced.
    public func contains(_ turn: TurnID) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].lowerBound <= turn.rawValue { low = middle + 1 } else { high = middle }
        }
        return low > 0 && ranges[low - 1].contains(turn.rawValue)
    }
}
