internal import Core
internal import HTTPServer

/// JSON answers of the native routes.
enum NativeAnswers {
    static func json(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter()
        write(&writer)
        return HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/json"],
            body: .bytes(writer.line())
        )
    }

    /// The member `next`: what to send as `after` for the next page, or null.
    static func writeNext(_ next: Int64?, to writer: inout JSONWriter) {
        writer.key("next")
        writer.optional(next)
    }
}
