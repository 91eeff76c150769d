internal import Core
internal import Domain
internal import HTTPClient

/// Says what went wrong with a provider in our words, and what a person can do about it.
struct ProviderFailures: Sendable {
    let settings: ProviderSettings
    private let redaction: Redaction

    init(_ settings: ProviderSettings) {
        self.settings = settings
        redaction = Redaction(settings)
    }

    private var name: String { "The provider \(settings.id)" }

    /// Scheme, host and port of the base URL; paths may be personal.
    private var place: String { URLText.origin(settings.baseURL) }

    /// Errors of vendors and of the connection as failures; others stay as they are.
    func translated(_ error: any Error, model: String?) -> any Error {
        switch error {
        case let error as VendorError: failure(error, model: model)
        case let error as HTTPClientError: failure(error)
        case let error as MalformedAnswer: malformed(error.detail)
        default: error
        }
    }

    // MARK: What the vendor said

    /// The failure for an error of the vendor about a model.
    func failure(_ error: VendorError, model: String?) -> Failure {
        switch error.trouble {
        case .key: keyRefused
        case .permission:
            failure(
                .forbidden,
                code: "provider_forbidden",
                "\(name) does not allow this with the configured key",
                error,
                hint: "Give the key's project access to the model, or choose another one."
            )
        case .model:
            failure(
                .notFound,
                code: "model_not_found",
                "\(name) has no model named \(model.map { "“\($0)”" } ?? "so")",
                nil,
                hint: "Choose one of its models: deckhand check lists them."
            )
        case .route:
            failure(
                .unavailable,
                code: "provider_route_missing",
                "\(name) does not know the address that was asked (status \(error.status ?? 0))",
                nil,
                hint: "Check the base URL at \(place): " + settings.kind.baseURLHint
            )
        case .contextLength:
            failure(
                .tooLarge,
                code: "context_too_long",
                "The conversation is longer than the model can take",
                error,
                hint: "Begin a new chat, or choose a model with a larger context window."
            )
        case .size:
            failure(
                .tooLarge,
                code: "provider_request_too_large",
                "\(name) takes no requests of this size",
                error,
                hint: "Leave out images or begin a new chat."
            )
        case .quota:
            failure(
                .insufficientCredits,
                code: "provider_quota_exceeded",
                "The account at \(name.lowercasedFirst) has no credit or quota left",
                error,
                hint: "Check the plan and billing of the account that \(settings.keySource) belongs to."
            )
        case .rate:
            failure(
                .rateLimited,
                code: "provider_rate_limited",
                "\(name) takes no more requests for now",
                error,
                hint: waitHint(error.retryAfter),
                retryAfter: error.retryAfter
            )
        case .overload:
            failure(
                .unavailable,
                code: "provider_overloaded",
                "\(name) is overloaded or down\(error.status.map { " (status \($0))" } ?? "")",
                error,
                hint: waitHint(error.retryAfter),
                retryAfter: error.retryAfter
            )
        case .content:
            failure(
                .unprocessable,
                code: "provider_content_refused",
                "\(name) refuses to answer this for its content",
                error,
                hint: "Say it in other words, or choose another provider."
            )
        case .request:
            failure(
                .invalid,
                code: "provider_refused_request",
                "\(name) did not accept the request\(error.status.map { " (status \($0))" } ?? "")",
                error,
                hint: "Check that the model takes what was asked of it: tools, images, effort."
            )
        case .server:
            failure(
                .unavailable,
                code: "provider_failed",
                "\(name) failed\(error.status.map { " (status \($0))" } ?? "")",
                error,
                hint: waitHint(error.retryAfter),
                retryAfter: error.retryAfter
            )
        }
    }

    private var keyRefused: Failure {
        // What vendors say here repeats the key.
        settings.key == nil
            ? Failure(
                .unauthenticated,
                code: "provider_key_missing",
                message: "\(name) wants a key, and none is configured.",
                hint: "Set \(settings.keySource) and start the server again."
            )
            : Failure(
                .unauthenticated,
                code: "provider_key_refused",
                message: "\(name) refuses the configured key.",
                hint: "Put a valid key into \(settings.keySource) and start the server again."
            )
    }

    private func waitHint(_ wait: Duration?) -> String {
        guard let wait else { return "Try again in a moment." }
        let seconds = max(1, Int((Double(wait.inMilliseconds) / 1_000).rounded(.up)))
        return seconds == 1 ? "Try again in a second." : "Try again in \(seconds) seconds."
    }

    private func failure(
        _ kind: Failure.Kind,
        code: String,
        _ sentence: String,
        _ error: VendorError?,
        hint: String,
        retryAfter: Duration? = nil
    ) -> Failure {
        let said = error?.message.flatMap { redaction.shown($0) }
        return Failure(
            kind,
            code: code,
            message: said.map { "\(sentence): \($0)" } ?? sentence + ".",
            hint: hint,
            retryAfter: retryAfter
        )
    }

    // MARK: What happened on the way

    /// The failure for a request without an answer, or for an answer that broke off.
    func failure(_ error: HTTPClientError) -> Failure {
        switch error.code {
        case .cannotConnect, .connectTimedOut:
            Failure(
                .unavailable,
                code: "provider_unreachable",
                message: "\(name) cannot be reached at \(place): \(error.detail).",
                hint: "Check that it runs, and the base URL, name look-up and proxy settings of this machine."
            )
        case .proxyRefused:
            Failure(
                .unavailable,
                code: "provider_unreachable",
                message: "The proxy did not open a way to \(place): \(error.detail).",
                hint: "Check HTTPS_PROXY, its credentials and NO_PROXY in the configuration."
            )
        case .tlsFailed:
            Failure(
                .unavailable,
                code: "provider_untrusted",
                message: "The connection to \(place) is not trusted: \(error.detail).",
                hint: "Check the base URL and this machine's clock and certificate authorities."
            )
        case .noAnswerInTime, .silent, .notFinishedInTime:
            Failure(
                .timedOut,
                code: "provider_timed_out",
                message: "\(name) did not answer in time: \(error.detail).",
                hint: "Try again, choose a faster model, or raise the provider's limits."
            )
        case .connectionLost: interrupted
        case .redirectRefused:
            Failure(
                .unavailable,
                code: "provider_redirects",
                message: "\(name): \(error.detail).",
                hint: "Set its base URL to where it really is, so that the key goes nowhere else."
            )
        case .tooLarge, .malformedResponse: malformed(error.detail)
        case .tooManyRequests:
            Failure(
                .rateLimited,
                code: "provider_busy",
                message: "Too many calls of providers are under way.",
                hint: "Try again in a moment."
            )
        case .invalidRequest:
            Failure(
                .invalid,
                code: "provider_misconfigured",
                message: "The request to \(name.lowercasedFirst) cannot be written: \(error.detail).",
                hint: "Check its base URL, key and headers for spaces and line ends."
            )
        case .closed:
            Failure(
                .unavailable,
                code: "stopping",
                message: "The server is stopping.",
                hint: "Try again in a moment."
            )
        }
    }

    /// The answer ended before its end.
    var interrupted: Failure {
        Failure(
            .unavailable,
            code: "provider_interrupted",
            message: "The answer of \(name.lowercasedFirst) broke off.",
            hint: "Try again; what was said until then is kept."
        )
    }

    /// What came is not what the interface promises.
    func malformed(_ detail: String) -> Failure {
        Failure(
            .unavailable,
            code: "provider_answer_malformed",
            message: "\(name) answered something else than expected: \(detail).",
            hint: "Check the base URL at \(place): " + settings.kind.baseURLHint
        )
    }
}

extension ProviderKind {
    /// What a base URL of the interface looks like.
    var baseURLHint: String {
        switch self {
        case .openAIResponses, .openAIChat: "it usually ends in /v1."
        case .anthropic: "it is the address before /v1/messages."
        case .gemini: "it is the address before /v1 or /v1beta."
        case .codex, .scripted: "it has none."
        }
    }
}

extension String {
    /// For the middle of a sentence.
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

/// Addresses as text.
enum URLText {
    /// Scheme, host and port.
    static func origin(_ url: String) -> String {
        guard let mark = url.firstRange(of: "://") else { return url }
        return String(url[..<mark.upperBound] + url[mark.upperBound...].prefix { !"/?#".contains($0) })
    }
}
