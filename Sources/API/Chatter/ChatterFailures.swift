internal import Core
internal import Domain

/// The errors of the panel assistant's contract, in its own words and shapes.
///
/// Its server says `{"error": "…"}` with one of few texts, its command bridge `{"success": false, "error": "…"}`. The
/// status is the true one, and what our other faces say of an error follows after these members.
enum ChatterFailures {
    private static let serverPaths: Set<String> = ["/check", "/checkin", "/openai", "/mkshr", "/chkshr"]
    static let bridgePaths: Set<String> = ["/bridge", "/loader_ajax.php"]

    /// Those whose message is the text that the contract has for them.
    private static let own: Set<String> = [
        "bad_request", "fields_missing", "authentication_failure", "chat_id_missing", "share_expired",
    ]

    /// Says whether errors on a path are written here.
    static func speaks(for path: String) -> Bool { serverPaths.contains(path) || bridgePaths.contains(path) }

    /// The body for an error on one of the paths.
    static func body(_ error: PresentedError, path: String) -> [UInt8] {
        let isBridge = bridgePaths.contains(path)
        let text = isBridge ? bridgeText(error) : serverText(error)
        var writer = JSONWriter()
        writer.object { writer in
            if isBridge {
                writer.key("success")
                writer.bool(false)
            }
            writer.key("error")
            writer.string(text)
            writer.key("code")
            writer.string(error.code)
            if text != error.message {
                writer.key("message")
                writer.string(error.message)
            }
            if let hint = error.hint {
                writer.key("next")
                writer.string(hint)
            }
            if let retryAfter = error.retryAfter {
                writer.key("retry_after")
                writer.integer(retryAfter)
            }
        }
        return writer.line()
    }

    /// The status on one of the paths: the contract knows no 422 but on the bridge.
    static func status(of error: PresentedError, path: String) -> Int {
        error.status == 422 && serverPaths.contains(path) ? 400 : error.status
    }

    private static func serverText(_ error: PresentedError) -> String {
        if own.contains(error.code) { return error.message }
        return switch error.status {
        case 400, 422: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Payload Too Large"
        case 429: "Too Many Requests"
        default: "API Failure"
        }
    }

    private static func bridgeText(_ error: PresentedError) -> String {
        error.status == 401 ? "Unauthorized" : error.message
    }

    // MARK: What the contract has words for

    /// A field is not what it must be; `what` says which and how.
    static func badRequest(_ what: String) -> Failure {
        Failure(.invalid, code: "bad_request", message: "Bad Request", hint: what)
    }

    static let fieldsMissing = Failure(
        .invalid,
        code: "fields_missing",
        message: "Missing required fields",
        hint: "Send the fields 'model' and 'messages'."
    )

    static let chatMissing = Failure(
        .invalid,
        code: "chat_id_missing",
        message: "Missing chatId",
        hint: "Send the chat's name, such as float-NAME, as 'chatId'."
    )

    static let chatNotFound = Failure(
        .notFound,
        code: "chat_not_found",
        message: "There is no such chat.",
        hint: "Send the name under which you speak in it as 'chatId'."
    )

    static let shareExpired = Failure(
        .notFound,
        code: "share_expired",
        message: "Invalid or expired share token",
        hint: "Ask whoever gave you the link for a new one."
    )

    static let authenticationFailure = Failure(
        .invalid,
        code: "authentication_failure",
        message: "Authentication Failure",
        hint: "Check name and passphrase; deckhand user passwd on the server sets a new passphrase."
    )
}
