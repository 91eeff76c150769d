internal import Core

/// What is kept of a finished exchange: no target, no header, no body.
struct AccessRecord: Sendable {
    let id: String
    let method: HTTPMethod?
    let routeTemplate: StaticString?
    /// 0 when the exchange ended without an answer.
    let status: Int
    let duration: Duration
    let bytes: Int64
    let clientAddress: String?
    /// Whether the whole answer was sent.
    let isComplete: Bool

    func log(to logger: Logger) {
        guard logger.writes(.info) else { return }
        logger.log(
            .info,
            "request",
            [
                LogField("request.id", LogValue.untrusted(id)),
                LogField("http.method", LogValue.untrusted(method?.description ?? "?", limit: 16)),
                LogField("http.route", routeTemplate ?? "?"),
                LogField("http.status", status),
                LogField("http.duration", duration),
                LogField("http.bytes", bytes),
                LogField("client.address", LogValue.untrusted(clientAddress ?? "?", limit: 64)),
                LogField("http.complete", isComplete),
            ]
        )
    }
}
