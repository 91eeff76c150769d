internal import Core
internal import Domain
internal import HTTPClient

/// Posts notices about approvals to an address of the operator's choice, signed.
struct WebhookNotifier: Notifier {
    /// A receiver that takes longer is one that does not answer.
    private static let limit = Duration.seconds(10)
    private static let mostAnswered = 64 << 10
    /// Statuses of RFC 9110 and RFC 6585 that say "later".
    private static let passing: Set<Int> = [408, 425, 429]

    let url: Secret<String>
    let signer: any MessageSigner
    let client: HTTPClient
    let clock: any WallClock

    func send(_ notice: ApprovalNotice) async -> NoticeOutcome {
        let body = WebhookBody.bytes(of: notice)
        let time = String(clock.now().seconds)
        let code = TextCoding.hex(signer.code(for: Array("\(time).".utf8) + body))
        var request = HTTPClientRequest(
            "POST",
            url.reveal(),
            headers: [
                ("Content-Type", "application/json"), ("Deckhand-Event", notice.event),
                ("Deckhand-Delivery", "\(notice.id)-\(notice.change)"),
                ("Deckhand-Signature", "t=\(time),v1=\(code)"),
            ],
            body: body
        )
        request.redirects = .refused
        request.totalTimeout = Self.limit
        request.maximumBodyBytes = Self.mostAnswered
        do {
            let response = try await client.send(request)
            response.body.release()
            return outcome(response.status)
        } catch let error as HTTPClientError {
            switch error.code {
            case .invalidRequest, .redirectRefused: return .refused(error.detail)
            default: return .failed(error.detail)
            }
        } catch {
            return .failed("it was not waited for")
        }
    }

    private func outcome(_ status: Int) -> NoticeOutcome {
        switch status {
        case 200..<300: .delivered
        case 500...: .failed("the receiver answered \(status)")
        case let status where Self.passing.contains(status): .failed("the receiver answered \(status)")
        default: .refused("the receiver answered \(status)")
        }
    }
}
