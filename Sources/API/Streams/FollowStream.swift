internal import Core
internal import HTTPServer
internal import Synchronization

/// Several things followed in one stream, because a browser opens few connections.
///
/// Each waits for its own changes; one loop sends what is new of those that changed, in turn and a bounded amount at a
/// time, so that a slow client costs no memory and a busy thing does not silence the others.
struct FollowStream: Sendable {
    let objects: [any FollowedObject]

    func run(_ writer: SSEWriter) async throws {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let due = Due()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, object) in objects.enumerated() {
                group.addTask {
                    await object.watch {
                        due.add(index)
                        wake.yield()
                    }
                }
            }
            defer { group.cancelAll() }
            var told = Told(objects: objects)
            for await _ in wakeups {
                // A child, whose memory ends with it; see TicketStream.
                let before = told
                async let next = tell(before, due, writer)
                told = try await next
            }
            // Cancelled: the stream is to be cut, so that its reader does not take this for the end.
            throw CancellationError()
        }
    }

    /// How far the client has been told of each.
    private struct Told: Sendable {
        var objects: [any FollowedObject]
        var positions: [String?]

        init(objects: [any FollowedObject]) {
            self.objects = objects
            positions = objects.map(\.position)
        }

        var id: String? {
            let known = positions.compactMap(\.self)
            return known.isEmpty ? nil : known.joined(separator: "-")
        }
    }

    private func tell(_ before: Told, _ due: Due, _ writer: SSEWriter) async throws -> Told {
        var told = before
        while let index = due.take() {
            let batch = try await told.objects[index].next()
            // More comes after the others had their turn.
            if batch.hasMore { due.add(index) }
            var sent: [SSEEvent] = []
            for event in batch.events {
                told.positions[index] = event.position ?? told.positions[index]
                sent.append(
                    SSEEvent(
                        id: told.id,
                        event: event.name,
                        data: String(decoding: event.data, as: UTF8.self)
                    )
                )
            }
            if !sent.isEmpty { try await writer.send(sent) }
        }
        return told
    }
}

/// Which of several have something new, in the order in which they said so.
private final class Due: Sendable {
    private let indices = Mutex<[Int]>([])

    func add(_ index: Int) { indices.withLock { if !$0.contains(index) { $0.append(index) } } }

    func take() -> Int? { indices.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
