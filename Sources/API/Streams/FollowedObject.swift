internal import Core
internal import HTTPServer

/// One of the things that a stream of several follows, each with its own numbering.
protocol FollowedObject: Sendable {
    /// How far the client has been told, as it stands in ids of events; nil for nothing yet.
    var position: String? { get }

    /// Calls back once it listens, and at each change from then on, until the task is cancelled.
    func watch(_ changed: @Sendable () -> Void) async

    /// What comes next, a bounded amount.
    ///
    /// Errors are those that end the stream; what cannot be followed any more says so in an event.
    mutating func next() async throws -> FollowedBatch
}

/// Some events, and whether it makes sense to ask for more at once.
struct FollowedBatch: Sendable {
    var events: [FollowedEvent] = []
    var hasMore = false
}

/// An event of a stream of several.
struct FollowedEvent: Sendable {
    let name: String
    /// A JSON object that names the thing.
    let data: [UInt8]
    /// How far the client has been told once it has this; nil where that is no place to go on from.
    let position: String?
}

extension FollowedObject {
    /// Forwards what a hub yields.
    static func forward<News: Sendable>(
        _ changed: @Sendable () -> Void,
        _ subscribe: (AsyncStream<News>.Continuation) -> [Subscription]
    ) async {
        let (news, tell) = AsyncStream.makeStream(of: News.self, bufferingPolicy: .bufferingNewest(1))
        let subscriptions = subscribe(tell)
        defer { withExtendedLifetime(subscriptions) {} }
        changed()
        for await _ in news { changed() }
    }
}
