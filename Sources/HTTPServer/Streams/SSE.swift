/// Event streams as responses.
public enum SSE: Sendable {
    /// The media type.
    public static let contentType = "text/event-stream"

    /// The bytes of an event.
    public static func encode(_ event: SSEEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.data.utf8.count + 64)
        if let retry = event.retry {
            append(
                "retry: ",
                String(
                    retry.components.seconds * 1_000 + retry.components.attoseconds / 1_000_000_000_000_000
                ),
                to: &bytes
            )
        }
        if let id = event.id { append("id: ", singleLine(id), to: &bytes) }
        if let name = event.event { append("event: ", singleLine(name), to: &bytes) }
        // CR, LF and CRLF all end a line of the stream, so each becomes a line of data.
        var line: [UInt8] = []
        var previous: UInt8 = 0
        for byte in event.data.utf8 {
            if byte == 10, previous == 13 {
                previous = byte
                continue
            }
            previous = byte
            if byte == 10 || byte == 13 {
                append("data: ", line, to: &bytes)
                line.removeAll(keepingCapacity: true)
            } else {
                line.append(byte)
            }
        }
        append("data: ", line, to: &bytes)
        bytes.append(10)
        return bytes
    }

    /// A comment line, which clients ignore.
    public static let heartbeat: [UInt8] = Array(":\n\n".utf8)

    /// A response whose closure sends events; it sends heartbeats by itself while nothing else is sent.
    ///
    /// The heartbeats keep proxies from closing the stream and find clients that left: then `body` is cancelled.
    /// The longest silence is `heartbeat`, or 15 seconds if that is less. A writer that is not a server's has none.
    public static func response(
        status: Int = 200,
        headers: HTTPHeaders = [:],
        heartbeat: Duration = .seconds(15),
        routeTemplate: StaticString? = nil,
        _ body: @escaping @Sendable (SSEWriter) async throws -> Void
    ) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = contentType
        headers["Cache-Control"] = "no-store"
        headers["X-Accel-Buffering"] = "no"
        let interval = min(heartbeat, .seconds(15))
        return HTTPResponse(
            status: status,
            headers: headers,
            body: .stream(length: nil) { writer in
                let events = SSEWriter(writer)
                try await writer.staying(alive: interval) { try await body(events) }
            },
            routeTemplate: routeTemplate
        )
    }

    private static func append(_ field: StaticString, _ value: String, to bytes: inout [UInt8]) {
        append(field, Array(value.utf8), to: &bytes)
    }

    private static func append(_ field: StaticString, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: field.description.utf8)
        bytes.append(contentsOf: value)
        bytes.append(10)
    }

    private static func singleLine(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 != 10 && $0 != 13 && $0 != 0 }
    }
}
