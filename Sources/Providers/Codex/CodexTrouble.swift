internal import Core
internal import Domain

/// Why a turn of the program failed: the word and status of `codexErrorInfo`, never its message, which may hold anything.
struct CodexTrouble: Sendable, Equatable, Error {
    var word: String
    var status: Int?

    init(_ error: JSONValue) {
        let info = error["codexErrorInfo"]
        if let member = info?.object?.first {
            word = member.key
            status = member.value["httpStatusCode"]?.count
        } else {
            word = info?.string ?? "other"
        }
    }

    /// In our words, with what to do; `resets` is when the account's limit begins anew.
    func failure(_ provider: ProviderID, resets: Timestamp?, now: Timestamp) -> Failure {
        let name = "The provider \(provider)"
        let again = "Connect the account again: POST /v1/ai/account/switch."
        switch (word, status) {
        case ("unauthorized", _), ("httpConnectionFailed", 401), ("responseStreamDisconnected", 401):
            return Failure(
                .conflict,
                code: "account_login_expired",
                message: "The login of the account at \(provider) is not valid any more.",
                hint: again
            )
        case ("httpConnectionFailed", 403), ("responseStreamDisconnected", 403):
            return Failure(
                .forbidden,
                code: "provider_forbidden",
                message: "\(name) does not allow this with the connected account.",
                hint: "Check the account's plan and workspace, or choose another model."
            )
        case ("usageLimitExceeded", _):
            let wait = resets.flatMap { $0 > now ? $0 - now : nil }
            return Failure(
                .rateLimited,
                code: "account_limit_reached",
                message: "The account has used up its limit at \(provider).",
                hint: resets.map { "It begins anew at \($0.rfc3339)." }
                    ?? "Wait until it begins anew, or change the account's plan.",
                retryAfter: wait
            )
        case ("rateLimitExceeded", _), (_, 429):
            return Failure(
                .rateLimited,
                code: "provider_rate_limited",
                message: "\(name) takes no more requests for now.",
                hint: "Try again in a moment."
            )
        case ("serverOverloaded", _):
            return Failure(
                .unavailable,
                code: "provider_overloaded",
                message: "\(name) is overloaded.",
                hint: "Try again in a moment, or choose another model."
            )
        case ("contextWindowExceeded", _):
            return Failure(
                .tooLarge,
                code: "context_too_long",
                message: "The conversation is longer than the model can take.",
                hint: "Begin a new chat, or choose a model with a larger context window."
            )
        case ("cyberPolicy", _):
            return Failure(
                .unprocessable,
                code: "provider_content_refused",
                message: "\(name) refuses to answer this for its content.",
                hint: "Say it in other words, or choose another provider."
            )
        case ("httpConnectionFailed", nil), ("responseStreamConnectionFailed", _):
            return Failure(
                .unavailable,
                code: "provider_unreachable",
                message: "\(name) cannot be reached.",
                hint: "Check this machine's network, name look-up and proxy settings."
            )
        case ("other", _), ("badRequest", _):
            return Failure(
                .invalid,
                code: "provider_refused_request",
                message: "\(name) did not complete the request.",
                hint: "Try again; if it stays, choose another model. The server's log has more."
            )
        default:
            return Failure(
                .unavailable,
                code: "provider_failed",
                message: "\(name) failed\(status.map { " (status \($0))" } ?? "").",
                hint: "Try again in a moment."
            )
        }
    }
}
