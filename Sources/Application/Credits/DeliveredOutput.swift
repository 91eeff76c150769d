public import Domain

/// Finds how much of an answer was handed over before the server went away.
public struct DeliveredOutput: Sendable {
    private let chats: any ChatStore
    private let deltas: any ChatDeltaStore

    /// Looks into the chats.
    public init(chats: any ChatStore, deltas: any ChatDeltaStore) {
        self.chats = chats
        self.deltas = deltas
    }

    /// The bytes of each call that belongs to a turn under way; others are left out: nobody has seen anything of them.
    ///
    /// To be asked before the turns go on.
    public func bytes(of calls: [UsageRow]) async throws -> [MeteredCallID: Int] {
        let turns = Dictionary(
            try await chats.workingTurns().map { ($0.id, $0.chat) },
            uniquingKeysWith: { first, _ in first }
        )
        var result: [MeteredCallID: Int] = [:]
        for call in calls {
            guard let turn = call.context.turn, let chat = turns[turn] else { continue }
            let events = try await deltas.events(of: turn, in: chat)
            result[call.id] = try events.reduce(0) {
                $1.time < call.started ? $0 : $0 + Self.bytes(try $1.body())
            }
        }
        return result
    }

    private static func bytes(_ body: ChatEventBody) -> Int {
        switch body {
        case .text(_, let text), .reasoning(_, let text), .toolArguments(_, _, _, let text): text.utf8.count
        case .toolBegan(_, _, let name): name.utf8.count
        default: 0
        }
    }
}
