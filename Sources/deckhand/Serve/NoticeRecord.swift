internal import Core
internal import Domain
internal import Synchronization

/// Passes notices on, and remembers how the latest one fared: what `deckhand check` would learn by sending another.
final class NoticeRecord: Notifier {
    private struct Latest {
        let outcome: NoticeOutcome
        let time: Timestamp
    }

    private let notifier: any Notifier
    private let origin: String
    private let clock: any WallClock
    private let latest = Mutex<Latest?>(nil)

    init(_ notifier: any Notifier, origin: String, clock: any WallClock) {
        self.notifier = notifier
        self.origin = origin
        self.clock = clock
    }

    func send(_ notice: ApprovalNotice) async -> NoticeOutcome {
        let outcome = await notifier.send(notice)
        let time = clock.now()
        latest.withLock { $0 = Latest(outcome: outcome, time: time) }
        return outcome
    }

    var finding: Finding {
        let name = "approvals.webhook"
        guard let latest = latest.withLock({ $0 }) else {
            return Finding(name, .fine, "\(origin): no notice was due since the start")
        }
        switch latest.outcome {
        case .delivered:
            return Finding(name, .fine, "\(origin): it took the notice of \(latest.time.rfc3339)")
        case .failed(let reason), .refused(let reason):
            return Finding(
                name,
                .weak,
                "\(origin) did not take the notice of \(latest.time.rfc3339): \(TextTable.printable(reason))",
                hint: "Approvals work without it; deckhand check sends another."
            )
        }
    }
}
