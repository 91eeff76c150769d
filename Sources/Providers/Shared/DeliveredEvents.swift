internal import Domain

/// How much of an answer events hand over.
enum DeliveredEvents {
    /// Pieces count; complete items only where they come without pieces, in an answer that came as a whole.
    static func bytes(_ events: [ModelEvent]) -> Int {
        let pieces = events.reduce(0) { $0 + $1.deliveredBytes }
        return pieces > 0 ? pieces : wholeAnswer(events)
    }

    private static func wholeAnswer(_ events: [ModelEvent]) -> Int {
        let hasBegun = events.contains { if case .started = $0 { true } else { false } }
        return hasBegun ? events.reduce(0) { $0 + $1.completeBytes } : 0
    }
}
