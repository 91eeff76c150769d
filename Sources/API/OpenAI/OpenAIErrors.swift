internal import Core
internal import Domain
internal import HTTPServer

/// A failure with what standard clients are told beside it.
struct FieldFailure: Error, Sendable {
    let failure: Failure
    /// The field that is wrong, such as `messages[0].content`; nil for none.
    let param: String?
    /// Repeating the request by itself would do harm, or is useless.
    var isFinal = false
}

/// Errors of the OpenAI-compatible routes, in the shape that its clients read.
///
/// Source: https://platform.openai.com/docs/guides/error-codes; the client picks its exception by the status.
enum OpenAIErrors {
    private static let paths = ["/v1/models", "/v1/chat/completions", "/v1/responses"]

    /// Says whether a path belongs to the OpenAI-compatible routes.
    static func answer(_ path: String) -> Bool {
        paths.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// The body of an answer.
    static func body(_ error: PresentedError) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("error")
            write(error, to: &json)
        }
        return json.line()
    }

    /// The inner object: all four members, always; and how a wallet stands that could not pay.
    static func write(_ error: PresentedError, to json: inout JSONWriter) {
        json.object { json in
            json.key("message")
            json.string(message(of: error))
            json.key("type")
            json.string(type(of: error))
            json.key("param")
            json.optional(error.param)
            json.key("code")
            json.string(error.code)
            error.funds?.writeMembers(to: &json)
        }
    }

    /// What happened and what to do next, in one text.
    static func message(of error: PresentedError) -> String {
        error.message + (error.hint.map { " " + $0 } ?? "")
    }

    /// Clients repeat these statuses by themselves; where that is useless they are told so.
    static func isFinal(_ error: PresentedError) -> Bool {
        switch error.status {
        // What was asked of a provider may have been done.
        case 409, 500, 504: true
        case 408, 429, 501...: error.isFinal || finalCodes.contains(error.code)
        default: false
        }
    }

    private static let finalCodes: Set<String> = [
        "provider_not_configured", "provider_key_missing", "provider_key_refused", "provider_forbidden",
        "provider_interrupted", "provider_untrusted", "provider_redirects", "provider_route_missing",
        "provider_answer_malformed",
    ]

    /// What is shown of an error.
    static func presented(_ error: any Error) -> PresentedError {
        switch shown(error) {
        case let failure as Failure: PresentedError(failure)
        case let field as FieldFailure: PresentedError(field)
        default: .internal
        }
    }

    /// The error as a caller is to see it who knows nothing of our own dealings with a provider: a key of ours that
    /// a provider refuses is not a key of the caller's.
    static func shown(_ error: any Error) -> any Error {
        if let field = error as? FieldFailure, let failure = shown(field.failure) as? Failure {
            return FieldFailure(failure: failure, param: field.param, isFinal: field.isFinal)
        }
        guard let failure = error as? Failure, failure.code.hasPrefix("provider_") else { return error }
        switch failure.kind {
        case .unauthenticated, .forbidden:
            return Failure(
                .unavailable,
                code: failure.code,
                message: failure.message,
                hint: failure.hint,
                retryAfter: failure.retryAfter
            )
        default: return error
        }
    }

    private static func type(of error: PresentedError) -> String {
        switch error.status {
        case 401: "authentication_error"
        case 402: "insufficient_quota"
        case 403: "permission_error"
        case 404: error.code == "model_not_found" ? "invalid_request_error" : "not_found_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

extension PresentedError {
    /// A failure with the field that it is about.
    init(_ field: FieldFailure) {
        self.init(field.failure)
        param = field.param
        isFinal = field.isFinal
    }
}
