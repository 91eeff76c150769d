import Testing

@testable import Core

@Suite("Points in time")
struct TimestampTests {
    @Test(
        "known dates are written as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1, "1970-01-01T00:00:00.000Z"),
            (999, "1970-01-01T00:00:00.000Z"),
            (1_000, "1970-01-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (-1_000_000, "1969-12-31T23:59:59.000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (1_772_323_200_000_000, "2026-03-01T00:00:00.000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-2_208_988_800_000_000, "1900-01-01T00:00:00.000Z"),
            (-2_203_977_600_000_000, "1900-02-28T00:00:00.000Z"),
            (-2_203_891_200_000_000, "1900-03-01T00:00:00.000Z"),
            (-11_676_096_000_000_000, "1600-01-01T00:00:00.000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func known(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test("every day of 800 years follows the one before it")
    func calendar() {
        var expected = (year: 1600, month: 1, day: 1)
        for day in -135_140..<157_054 {
            let date = CivilDate(daysSinceEpoch: day)
            guard (date.year, date.month, date.day) == expected else {
                Issue.record("day \(day) is \(date), not \(expected)")
                return
            }
            expected.day += 1
            if expected.day > Self.length(of: expected.month, in: expected.year) {
                expected = (expected.year, expected.month + 1, 1)
            }
            if expected.month == 13 { expected = (expected.year + 1, 1, 1) }
        }
        #expect(expected == (2400, 1, 1))
    }

    private static func length(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    @Test("times beyond four-digit years are written without ending the process")
    func extremes() {
        #expect(Timestamp(microseconds: .max).rfc3339.utf8.count == 24)
        #expect(Timestamp(microseconds: .min).rfc3339.utf8.count == 24)
    }

    @Test("whole seconds round down on both sides of the epoch")
    func seconds() {
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: -1_000_000).seconds == -1)
        #expect(Timestamp(microseconds: -1_000_001).seconds == -2)
        #expect(Timestamp(seconds: -3).microseconds == -3_000_000)
    }

    @Test("adding a duration and taking it away are inverse, and differences are durations")
    func arithmetic() {
        let start = Timestamp(seconds: 100)
        let later = start + .milliseconds(1_500)
        #expect(later.microseconds == 101_500_000)
        #expect(later - start == .milliseconds(1_500))
        #expect(later - .milliseconds(1_500) == start)
        #expect(start < later)
        #expect(start - later == .milliseconds(-1_500))
    }

    @Test("durations convert to whole and fractional units")
    func durations() {
        #expect(Duration.seconds(2).inMicroseconds == 2_000_000)
        #expect(Duration.nanoseconds(1_999).inMicroseconds == 1)
        #expect(Duration.milliseconds(-1_500).inMicroseconds == -1_500_000)
        #expect(Duration.milliseconds(1_500).inMilliseconds == 1_500)
        #expect(Duration.milliseconds(1_250).inSeconds == 1.25)
    }
}
