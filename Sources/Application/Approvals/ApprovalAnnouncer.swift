public import Core
public import Domain

/// Tells somebody outside about approvals, patiently and within bounds; what it does or fails to do changes nothing
/// about them.
///
/// A few notices wait while the receiver does not answer; older ones are dropped for newer ones. After a restart only
/// new changes are told.
public struct ApprovalAnnouncer: Service {
    private static let maximumWaiting = 256
    private static let delays: [Duration] = [.seconds(1), .seconds(4), .seconds(15), .seconds(60)]

    private let notifier: any Notifier
    private let link: @Sendable (Approval) -> String
    private let tellsDetail: Bool
    private let delays: [Duration]
    private let logger: Logger
    private let notices: AsyncStream<ApprovalNotice>
    private let queue: AsyncStream<ApprovalNotice>.Continuation

    /// Makes an announcer; `link` gives the page on which a person decides.
    public init(
        notifier: any Notifier,
        link: @escaping @Sendable (Approval) -> String,
        tellsDetail: Bool,
        delays: [Duration]? = nil,
        logger: Logger
    ) {
        self.notifier = notifier
        self.link = link
        self.tellsDetail = tellsDetail
        self.delays = delays ?? Self.delays
        self.logger = logger
        (notices, queue) = AsyncStream.makeStream(
            of: ApprovalNotice.self,
            bufferingPolicy: .bufferingNewest(Self.maximumWaiting)
        )
    }

    /// Takes a changed approval in; never waits.
    func offer(_ approval: Approval) {
        let contents = approval.contents
        let notice = ApprovalNotice(
            event: approval.state == .awaiting ? "approval.created" : "approval.settled",
            id: approval.id,
            kind: approval.subject.word,
            state: approval.state.word,
            reason: contents.reason,
            link: link(approval),
            created: approval.created,
            expires: approval.expires,
            change: approval.change,
            detail: tellsDetail
                ? ApprovalNotice.Detail(
                    command: contents.command,
                    workingDirectory: contents.workingDirectory,
                    user: contents.user
                ) : nil
        )
        if case .dropped = queue.yield(notice) {
            logger.warning("a notice about an approval was dropped: too many wait")
        }
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        for await notice in notices { try await tell(notice) }
    }

    private func tell(_ notice: ApprovalNotice) async throws {
        for delay in delays.map(Optional.some) + [nil] {
            switch await notifier.send(notice) {
            case .delivered: return
            case .refused(let reason):
                logger.warning(
                    "a notice about an approval is refused",
                    .init("reason", LogValue.untrusted(reason))
                )
                return
            case .failed(let reason):
                guard let delay else {
                    logger.warning(
                        "a notice about an approval is given up",
                        .init("reason", LogValue.untrusted(reason))
                    )
                    return
                }
                try await Task.sleep(for: delay)
            }
        }
    }
}
