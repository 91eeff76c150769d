internal import Core
internal import Domain

extension Failure.Kind {
    /// The status code of a failure (RFC 9110 section 15); the one table.
    var status: Int {
        switch self {
        case .invalid: 400
        case .unauthenticated: 401
        case .insufficientCredits: 402
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .gone: 410
        case .tooLarge: 413
        case .uriTooLong: 414
        case .rangeNotSatisfiable: 416
        case .unprocessable: 422
        case .rateLimited: 429
        case .cancelled: 499
        case .internal: 500
        case .unavailable: 503
        case .timedOut: 504
        }
    }
}

/// What is shown of an error: a failure as it is, anything else as a fixed sentence.
struct PresentedError: Sendable {
    let status: Int
    let code: String
    let message: String
    let hint: String?
    let retryAfter: Int?
    /// How the wallet stands that could not pay.
    var funds: Funds?
    /// The field that is wrong, where the face names fields.
    var param: String?
    /// Clients that repeat by themselves are told not to.
    var isFinal = false

    init(_ failure: Failure) {
        status = failure.kind.status
        code = failure.code
        message = failure.message
        hint = failure.hint
        funds = failure.funds
        retryAfter = failure.retryAfter.map { max(1, Int(($0.inSeconds).rounded(.up))) }
    }

    init(status: Int, code: String, message: String, hint: String?, retryAfter: Int?) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
    }

    /// For errors that are ours.
    static let `internal` = PresentedError(
        status: 500,
        code: "internal",
        message: "Something went wrong on this server.",
        hint: "Try again; if it stays, give the operator the id of this request.",
        retryAfter: nil
    )
}
