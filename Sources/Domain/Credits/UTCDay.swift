public import Core

/// A day in UTC: what caps count by and reports sum up.
public struct UTCDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let number: Int64

    /// Wraps a number.
    public init(number: Int64) { self.number = number }

    /// The day of a point in time.
    public init(_ time: Timestamp) {
        let (days, rest) = time.seconds.quotientAndRemainder(dividingBy: 86_400)
        number = rest < 0 ? days - 1 : days
    }

    /// Reads `2026-03-01`; nil for anything else.
    public init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]), year >= 1970
        else { return nil }
        // Days from civil, with years that begin in March (the era method).
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
        guard description == text else { return nil }
    }

    /// Its first moment.
    public var start: Timestamp { Timestamp(seconds: number * 86_400) }
    /// The day after.
    public var next: UTCDay { UTCDay(number: number + 1) }
    /// The first day of its month.
    public var monthStart: UTCDay {
        UTCDay(number: number - (Int64(description.suffix(2)) ?? 1) + 1)
    }
    /// The first day of the month after.
    public var nextMonthStart: UTCDay { UTCDay(number: monthStart.number + 31).monthStart }

    /// Such as `2026-03-01`.
    public var description: String { String(start.rfc3339.prefix(10)) }

    /// The natural order.
    public static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}
