internal import Core

/// The metrics of a server.
final class ServerInstruments: Sendable {
    let inFlight: Gauge
    let streams: Gauge
    let stalled: Counter
    private let classes: [Counter]
    private let unanswered: Counter
    private let durations: Histogram
    private let rejections: [HTTPRejection.Reason: Counter]

    init(_ metrics: MetricsRegistry, connections: ConnectionRegistry) {
        inFlight = metrics.gauge(
            "deckhand_http_requests_in_flight",
            help: "Requests being received or answered"
        )
        streams = metrics.gauge("deckhand_http_streams", help: "Streamed responses being produced")
        stalled = metrics.counter(
            "deckhand_http_connections_stalled_total",
            help: "Connections closed because the client made no progress"
        )
        classes = (1...5).map {
            metrics.counter(
                "deckhand_http_requests_total",
                labels: "status=\"\($0)xx\"",
                help: "Requests by class of status"
            )
        }
        unanswered = metrics.counter(
            "deckhand_http_requests_total",
            labels: "status=\"none\"",
            help: "Requests by class of status"
        )
        durations = metrics.histogram(
            "deckhand_http_request_duration_seconds",
            help: "Time to the end of an answer"
        )
        rejections = Dictionary(
            uniqueKeysWithValues: HTTPRejection.Reason.allCases.map {
                (
                    $0,
                    metrics.counter(
                        "deckhand_http_rejected_total",
                        labels: "reason=\"\($0.rawValue)\"",
                        help: "Requests refused before they reached a handler"
                    )
                )
            }
        )
        metrics.gauge("deckhand_http_connections", help: "Open connections") { connections.count }
    }

    func rejected(_ reason: HTTPRejection.Reason) { rejections[reason]?.add() }

    func finished(_ record: AccessRecord) {
        inFlight.add(-1)
        durations.record(record.duration)
        let index = record.status / 100 - 1
        (classes.indices.contains(index) ? classes[index] : unanswered).add()
    }
}
