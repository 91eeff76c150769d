internal import Core
internal import Domain
internal import HTTPServer

/// Writes errors in the shape of the face that was asked.
enum ErrorPresenter {
    /// The answer for an error on a path: OpenAI's shape on the routes of that interface, problem details (RFC 9457)
    /// elsewhere below /v1, the seeds' shapes beyond.
    static func response(
        _ error: PresentedError,
        path: String,
        basePath: String,
        requestID: String
    ) -> HTTPResponse {
        var headers: HTTPHeaders = ["Cache-Control": "no-store"]
        if let retryAfter = error.retryAfter { headers["Retry-After"] = String(retryAfter) }
        if error.status == 401 { headers["WWW-Authenticate"] = "Bearer realm=\"deckhand\"" }
        if OpenAIErrors.answer(path) {
            headers["Content-Type"] = "application/json"
            if OpenAIErrors.isFinal(error) { headers["x-should-retry"] = "false" }
            return HTTPResponse(
                status: error.status,
                headers: headers,
                body: .bytes(OpenAIErrors.body(error))
            )
        }
        let isProblem = path == "/v1" || path.hasPrefix("/v1/")
        headers["Content-Type"] = isProblem ? "application/problem+json" : "application/json; charset=utf-8"
        if ChatterFailures.speaks(for: path) {
            let status = ChatterFailures.status(of: error, path: path)
            let body = ChatterFailures.body(error, path: path)
            return HTTPResponse(status: status, headers: headers, body: .bytes(body))
        }
        let body = isProblem ? problem(error, basePath, requestID) : seed(error)
        return HTTPResponse(status: error.status, headers: headers, body: .bytes(body))
    }

    private static func seed(_ error: PresentedError) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("error")
            writer.string(error.message)
            writer.key("code")
            writer.string(error.code)
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

    private static func problem(_ error: PresentedError, _ basePath: String, _ requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.string("\(basePath)/docs#\(error.code)")
            writer.key("title")
            writer.string(title(error.status))
            writer.key("status")
            writer.integer(error.status)
            writer.key("detail")
            writer.string(error.message)
            writer.key("instance")
            writer.string("urn:request:\(requestID)")
            writer.key("code")
            writer.string(error.code)
            if let hint = error.hint {
                writer.key("hint")
                writer.string(hint)
            }
            if let retryAfter = error.retryAfter {
                writer.key("retry_after")
                writer.integer(retryAfter)
            }
            error.funds?.writeMembers(to: &writer)
        }
        return writer.line()
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Internal Server Error"
        }
    }
}
