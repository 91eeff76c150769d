import Core
import Testing
import TestSupport

@Suite("Log lines")
struct LoggerTests {
    private let sink = MemoryLogSink()
    private let clock = ManualClock(at: Timestamp(seconds: 0))

    private func logger(_ level: LogLevel = .debug) -> Logger {
        Logger(level: level, sink: sink, clock: clock)
    }

    @Test("a line is one JSON object with time, level, message and fields")
    func shape() {
        logger().notice(
            "server started",
            .init("http.port", 8_083),
            .init("tls", false),
            .init("took", Duration.milliseconds(1_500)),
            .init("kind", "tcp" as StaticString)
        )
        #expect(
            sink.text == """
                {"time":"1970-01-01T00:00:00.000Z","level":"notice","message":"server started","http.port":8083,"tls":false,"took":1.5,"kind":"tcp"}

                """
        )
    }

    @Test("lines below the level are not written", arguments: LogLevel.allCases)
    func levels(level: LogLevel) {
        let logger = logger(level)
        for other in LogLevel.allCases { logger.log(other, "x") }
        #expect(sink.text.split(separator: "\n").count == LogLevel.allCases.count { $0 >= level })
        #expect(logger.writes(level))
        #expect(LogLevel.allCases.allSatisfy { logger.writes($0) == ($0 >= level) })
    }

    @Test("untrusted text cannot break out of its line and is cut")
    func untrusted() throws {
        let hostile = "a\"},{\"level\":\"error\"\n\u{1B}[31m\u{0}" + String(repeating: "ä", count: 400)
        logger().info("request", .init("path", LogValue.untrusted(hostile, limit: 64)))
        let lines = sink.text.split(separator: "\n")
        try #require(lines.count == 1)
        let value = try JSONValue(parsing: Array(lines[0].utf8))
        let path = try #require(value["path"]?.string)
        #expect(path.hasPrefix("a\"},{\"level\":\"error\"\n"))
        #expect(path.hasSuffix("…"))
        #expect(path.utf8.count <= 64 + 8)
        #expect(value["level"]?.string == "info")
    }

    @Test("a secret inside an error is not printed")
    func secretInError() {
        struct Denied: Error { let credential: Secret<String> }
        logger().error(
            "failed",
            .init("error", LogValue.error(Denied(credential: Secret("correct horse battery"))))
        )
        #expect(sink.text.contains("redacted"))
        #expect(!sink.text.contains("horse"))
    }

    @Test("the request's id follows into child tasks")
    func requestID() async {
        let logger = logger()
        await Logger.$requestID.withValue("r-1") {
            await withTaskGroup(of: Void.self) { group in group.addTask { logger.info("inside") } }
        }
        logger.info("outside")
        let lines = sink.text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("\"request.id\":\"r-1\""))
        #expect(!lines[1].contains("request.id"))
    }
}
