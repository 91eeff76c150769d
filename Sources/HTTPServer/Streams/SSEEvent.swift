/// One event of an event stream (WHATWG HTML, "Server-sent events").
public struct SSEEvent: Sendable, Equatable {
    /// The id that a reconnecting client sends as `Last-Event-ID`; line ends and NUL are left out.
    public var id: String?
    /// The type; nil means `message`.
    public var event: String?
    /// The data; it may have several lines.
    public var data: String
    /// How long clients wait before they reconnect.
    public var retry: Duration?

    /// Makes an event.
    public init(id: String? = nil, event: String? = nil, data: String, retry: Duration? = nil) {
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry
    }
}
