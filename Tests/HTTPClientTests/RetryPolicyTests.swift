import Core
import HTTPClient
import TestSupport
import Testing

@Suite struct RetryPolicyTests {
    private func policy(retries: Int = 2, jitter: Double = 0) -> RetryPolicy {
        var policy = RetryPolicy(maximumRetries: retries)
        // 1994-11-06T08:49:37Z, the date of RFC 9110's examples.
        policy.clock = ManualClock(at: Timestamp(seconds: 784_111_777))
        policy.jitter = { jitter }
        return policy
    }

    struct Sample: Sendable {
        let status: Int
        var fields: [(name: String, value: String)] = []
        let wait: Duration?
    }

    static let samples = [
        Sample(status: 400, wait: nil), Sample(status: 401, wait: nil), Sample(status: 404, wait: nil),
        Sample(status: 422, wait: nil), Sample(status: 408, wait: .milliseconds(500)),
        Sample(status: 409, wait: .milliseconds(500)), Sample(status: 429, wait: .milliseconds(500)),
        Sample(status: 500, wait: .milliseconds(500)), Sample(status: 529, wait: .milliseconds(500)),
        Sample(status: 429, fields: [("Retry-After", "7")], wait: .seconds(7)),
        Sample(status: 429, fields: [("retry-after", "0.25")], wait: .milliseconds(250)),
        Sample(status: 429, fields: [("retry-after", "120")], wait: .seconds(120)),
        Sample(status: 429, fields: [("retry-after", "121")], wait: nil),
        Sample(status: 429, fields: [("retry-after", "1e300")], wait: nil),
        Sample(status: 429, fields: [("retry-after", "0")], wait: .milliseconds(500)),
        Sample(status: 429, fields: [("retry-after", "-5")], wait: .milliseconds(500)),
        Sample(status: 429, fields: [("retry-after", "nan")], wait: .milliseconds(500)),
        Sample(status: 429, fields: [("retry-after", "soon")], wait: .milliseconds(500)),
        Sample(
            status: 503,
            fields: [("retry-after", "Sun, 06 Nov 1994 08:49:40 GMT")],
            wait: .seconds(3)
        ),
        Sample(
            status: 503,
            fields: [("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT")],
            wait: .seconds(10)
        ),
        Sample(status: 503, fields: [("retry-after", "Sun Nov  6 08:50:37 1994")], wait: .seconds(60)),
        Sample(status: 503, fields: [("retry-after", "Sun, 06 Nov 1994 08:59:37 GMT")], wait: nil),
        Sample(
            status: 503,
            fields: [("retry-after", "Sun, 06 Nov 1994 08:49:36 GMT")],
            wait: .milliseconds(500)
        ),
        Sample(
            status: 429,
            fields: [("retry-after-ms", "1500"), ("retry-after", "9")],
            wait: .milliseconds(1_500)
        ),
        Sample(
            status: 429,
            fields: [("retry-after-ms", "x"), ("retry-after", "9")],
            wait: .seconds(9)
        ),
        Sample(status: 400, fields: [("x-should-retry", "true")], wait: .milliseconds(500)),
        Sample(status: 503, fields: [("x-should-retry", "false")], wait: nil),
        Sample(status: 503, fields: [("x-should-retry", "perhaps")], wait: .milliseconds(500)),
    ]

    @Test("which answers are retried, and after how long", arguments: samples)
    func answers(sample: Sample) {
        let wait = policy().wait(
            beforeRetry: 0,
            status: sample.status,
            headers: HTTPClientHeaders(sample.fields)
        )
        #expect(wait == sample.wait)
    }

    @Test("waits double up to eight seconds, lose up to a quarter, and end")
    func growth() {
        let waits = (0...7).map { policy(retries: 7).wait(beforeRetry: $0, status: 500, headers: .init()) }
        let seconds = [0.5, 1, 2, 4, 8, 8, 8]
        #expect(waits == seconds.map { .milliseconds($0 * 1_000) } + [nil])
        let shortest = policy(retries: 7, jitter: 1)
        #expect(shortest.wait(beforeRetry: 4, status: 500, headers: .init()) == .seconds(6))
        #expect(policy(retries: 0).wait(beforeRetry: 0, status: 500, headers: .init()) == nil)
    }

    @Test("connections that failed are tried again, patience that ended is not")
    func failures() {
        let retried: [HTTPClientError.Code] = [.cannotConnect, .connectTimedOut, .connectionLost]
        let others: [HTTPClientError.Code] = [
            .invalidRequest, .tooManyRequests, .noAnswerInTime, .silent, .notFinishedInTime, .proxyRefused,
            .tlsFailed, .tooLarge, .redirectRefused, .malformedResponse, .closed,
        ]
        for code in retried {
            #expect(policy().wait(beforeRetry: 1, error: HTTPClientError(code, "")) == .seconds(1))
            #expect(policy().wait(beforeRetry: 2, error: HTTPClientError(code, "")) == nil)
        }
        for code in others {
            #expect(policy().wait(beforeRetry: 0, error: HTTPClientError(code, "")) == nil)
        }
    }
}
