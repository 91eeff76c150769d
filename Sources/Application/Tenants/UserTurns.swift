internal import Domain

/// The turns of users that work now, so that they end with what let them begin.
public struct UserTurns: Sendable {
    private let engine: TurnEngine

    /// Makes it for the engine that works on them.
    public init(_ engine: TurnEngine) { self.engine = engine }

    /// Asks to end turns, with the calls of their models.
    func end(_ turns: [TurnID]) { for turn in turns { _ = engine.cancel(turn) } }
}
