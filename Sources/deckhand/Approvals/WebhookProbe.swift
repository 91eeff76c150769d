import Core
import Crypto
import Domain
import HTTPClient
import Providers

/// Whether the receiver of notices about approvals takes them.
enum WebhookProbe {
    /// Sends one notice with the event `approval.test`; nothing where nobody is to be told.
    static func all(_ configuration: Configuration) async -> [Finding] {
        let name = "approvals.webhook"
        guard let webhook = configuration.approvals.webhook else {
            return [Finding(name, .fine, "none: nobody outside is told about approvals")]
        }
        let client = HTTPClient(configuration.proxies.client)
        defer { client.shutDown() }
        let clock = SystemWallClock()
        let notifier = makeWebhookNotifier(
            url: webhook.url,
            signer: makeMessageSigner(key: webhook.secret),
            client: client,
            clock: clock
        )
        let now = clock.now()
        let notice = ApprovalNotice(
            event: "approval.test",
            id: ApprovalID(0),
            kind: "run",
            state: "test",
            reason: "deckhand check",
            link: "\(configuration.network.baseURL)/approve",
            created: now,
            expires: now,
            change: 0,
            detail: nil
        )
        let what = "\(webhook.origin), \(webhook.tellsDetail ? "with" : "without") the command"
        switch await notifier.send(notice) {
        case .delivered: return [Finding(name, .fine, "\(what): it took a signed notice")]
        case .failed(let reason), .refused(let reason):
            return [
                Finding(
                    name,
                    .weak,
                    "\(what): \(TextTable.printable(reason))",
                    hint: "Approvals work without it; see “Telling somebody” in docs/policy.md."
                )
            ]
        }
    }
}
