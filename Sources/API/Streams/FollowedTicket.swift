internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// A ticket among the things that are followed; its place is an offset of its output and the state that was told last.
struct FollowedTicket: FollowedObject {
    private let services: EdgeServices
    private let ticket: Ticket
    private var follower: TicketFollower
    private var isGone = false

    init(_ ticket: Ticket, _ services: EdgeServices, from place: TicketPlace?) {
        self.services = services
        self.ticket = ticket
        follower = TicketFollower(
            services,
            ticket.id,
            from: place?.offset ?? 0,
            shown: place?.state
        )
        // Terminal states never change: whoever knows one knows all.
        if let state = place?.state, ticket.state.isTerminal, ticket.state.word == state { isGone = true }
    }

    var position: String? { position(follower.offset, follower.shown) }

    private func position(_ offset: Int64, _ state: String?) -> String {
        "t\(ticket.id.session.rawValue).\(ticket.id.number).\(offset).\(state ?? "")"
    }

    func watch(_ changed: @Sendable () -> Void) async {
        await Self.forward(changed) { tell in
            [
                services.tickets.watch(ticket.id, tell),
                services.outputs.watch(OutputService.reference(ticket), tell),
            ]
        }
    }

    mutating func next() async throws -> FollowedBatch {
        guard !isGone else { return FollowedBatch() }
        let before = follower.offset
        do {
            let events = try await follower.next()
            var offset = before
            let news = events.map { event in
                offset = event.id.flatMap { Int64($0) } ?? offset
                return followed(event, at: offset)
            }
            return FollowedBatch(events: news, hasMore: !events.isEmpty)
        } catch let failure as Failure where [.notFound, .gone].contains(failure.kind) {
            isGone = true
            return FollowedBatch(events: [
                .gone(failure, position: position) { $0.writeTicket(ticket.sessionName, ticket.id.number) }
            ])
        }
    }

    private func followed(_ event: SSEEvent, at offset: Int64) -> FollowedEvent {
        var json = JSONWriter(capacity: event.data.utf8.count + 96)
        json.object { json in
            json.writeTicket(ticket.sessionName, ticket.id.number)
            json.key("event")
            json.string(event.event ?? "")
            if let id = event.id.flatMap({ Int64($0) }) {
                json.key("number")
                json.integer(id)
            }
            json.key("data")
            json.raw(Array(event.data.utf8))
        }
        return FollowedEvent(name: "ticket", data: json.bytes, position: position(offset, follower.shown))
    }
}
