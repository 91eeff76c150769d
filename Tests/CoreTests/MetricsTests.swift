import Core
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("the text is the Prometheus exposition format, help and type once per name")
    func text() {
        let registry = MetricsRegistry()
        let exited = registry.counter("ended_total", labels: "state=\"exited\"", help: "Tickets by end.")
        let lost = registry.counter("ended_total", labels: "state=\"lost\"", help: "Tickets by end.")
        let running = registry.gauge("running", help: "Places taken.")
        registry.gauge("uptime", help: "Seconds.") { 42 }
        exited.add(3)
        lost.add()
        running.set(5)
        running.add(-2)
        #expect(
            registry.prometheusText() == """
                # HELP ended_total Tickets by end.
                # TYPE ended_total counter
                ended_total{state="exited"} 3
                ended_total{state="lost"} 1
                # HELP running Places taken.
                # TYPE running gauge
                running 3
                # HELP uptime Seconds.
                # TYPE uptime gauge
                uptime 42

                """
        )
        #expect(exited.total == 3)
        #expect(running.current == 3)
    }

    @Test("buckets of a histogram are cumulative and end with all")
    func histogram() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("wait_seconds", labels: "kind=\"a\"", help: "Waiting.")
        histogram.record(.microseconds(500))
        histogram.record(.milliseconds(3))
        histogram.record(.seconds(1_000))
        let text = registry.prometheusText()
        #expect(text.contains("wait_seconds_bucket{kind=\"a\",le=\"0.0005\"} 1\n"))
        #expect(text.contains("wait_seconds_bucket{kind=\"a\",le=\"0.0025\"} 1\n"))
        #expect(text.contains("wait_seconds_bucket{kind=\"a\",le=\"0.005\"} 2\n"))
        #expect(text.contains("wait_seconds_bucket{kind=\"a\",le=\"300.0\"} 2\n"))
        #expect(text.contains("wait_seconds_bucket{kind=\"a\",le=\"+Inf\"} 3\n"))
        #expect(text.contains("wait_seconds_sum{kind=\"a\"} 1000.0035\n"))
        #expect(text.contains("wait_seconds_count{kind=\"a\"} 3\n"))
    }

    @Test("counting from many tasks loses nothing")
    func concurrent() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("c", help: "C.")
        let histogram = registry.histogram("h", help: "H.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.add()
                        histogram.record(.milliseconds(1))
                    }
                }
            }
        }
        #expect(counter.total == 8_000)
        #expect(registry.prometheusText().contains("h_count 8000\n"))
    }
}
