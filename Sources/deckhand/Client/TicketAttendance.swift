import Core
import Domain
import HTTPClient

/// Stays with a ticket until it is over: shows its output, feeds its input, and passes Ctrl-C on.
struct TicketAttendance: Sendable {
    let follower: TicketFollower
    /// The first SIGINT or SIGTERM cancels the ticket; without this it only leaves.
    let cancelsOnSignal: Bool
    /// Set when the ticket's terminal is this one.
    var window: WindowFollower?

    private enum Happening: Sendable {
        case over(TicketView)
        case leave
        case fed
    }

    /// Returns the exit code.
    func run(_ signals: SignalSource?, _ feeder: InputFeeder?) async throws -> Int32 {
        try await withThrowingTaskGroup(of: Happening.self) { group in
            group.addTask { .over(try await follower.follow()) }
            if let signals { group.addTask { await listen(signals) } }
            if let feeder { group.addTask { await feed(feeder) } }
            if let window {
                group.addTask {
                    await window.run()
                    return .fed
                }
            }
            defer { group.cancelAll() }
            while let happening = try await group.next() {
                switch happening {
                case .over(let ticket):
                    if let remark = ticket.remark { await follower.console.say("deckhand: \(remark)") }
                    return ticket.exitCode
                case .leave:
                    let path = follower.path
                    await follower.console.say(
                        "deckhand: left; see it with: deckhand follow \(path.session) \(path.number)"
                    )
                    return 130
                case .fed: break
                }
            }
            return 125
        }
    }

    private func listen(_ signals: SignalSource) async -> Happening {
        var isCancelling = false
        for await signal in signals.signals() {
            guard signal == .terminate, cancelsOnSignal, !isCancelling else { return .leave }
            isCancelling = true
            await follower.console.say("deckhand: cancelling; again to leave")
            await cancel()
        }
        return .leave
    }

    private func cancel() async {
        do {
            _ = try await follower.client.json("POST", follower.path.text + "/cancel")
        } catch {
            await follower.console.say("deckhand: it could not be cancelled: \(error)")
        }
    }

    /// Input that can no longer be delivered is said, and the ticket goes on.
    private func feed(_ feeder: InputFeeder) async -> Happening {
        do {
            if try await feeder.run() { return .leave }
        } catch is CancellationError {
        } catch {
            await follower.console.say("deckhand: input could not be delivered: \(error)")
        }
        return .fed
    }
}
