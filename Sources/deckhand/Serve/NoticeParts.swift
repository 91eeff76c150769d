internal import Application
internal import Core
internal import Crypto
internal import Domain
internal import HTTPClient
internal import Providers

/// Who is told about approvals, put together; nobody unless that is configured.
struct NoticeParts: Sendable {
    /// Takes changes in; nil where nobody is told.
    let announcer: ApprovalAnnouncer?
    /// How the latest notice fared; nil where nobody is told.
    let record: NoticeRecord?
    private let client: HTTPClient?

    init(_ configuration: Configuration, address: ServerAddress, logger: Logger) {
        guard let webhook = configuration.approvals.webhook else {
            (announcer, record, client) = (nil, nil, nil)
            return
        }
        // A client of its own: a receiver that hangs takes no connection from the assistant.
        let client = HTTPClient(configuration.proxies.client)
        self.client = client
        let clock = SystemWallClock()
        let record = NoticeRecord(
            makeWebhookNotifier(
                url: webhook.url,
                signer: makeMessageSigner(key: webhook.secret),
                client: client,
                clock: clock
            ),
            origin: "\(webhook.origin)",
            clock: clock
        )
        self.record = record
        announcer = ApprovalAnnouncer(
            notifier: record,
            link: { "\(address.baseURL)/approve/\($0.id)" },
            tellsDetail: webhook.tellsDetail,
            logger: logger
        )
    }

    /// What works beside the server.
    var services: [(name: StaticString, service: any Service)] {
        guard let announcer else { return [] }
        return [("notices", announcer)]
    }

    /// Ends what is still under way, once nothing is told any more.
    func close() { client?.shutDown() }
}
