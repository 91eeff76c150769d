/// A point in time, in whole microseconds since 1970-01-01T00:00:00Z.
///
/// One integer everywhere: in rows, in journals and on the wire (where it is written as RFC 3339).
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch; negative before 1970.
    public let microseconds: Int64

    /// Makes a point in time from microseconds since the epoch.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Makes a point in time from whole seconds since the epoch.
    public init(seconds: Int64) { self.microseconds = seconds &* 1_000_000 }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The natural order.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The point in time that lies `duration` later.
    public static func + (left: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: left.microseconds &+ duration.inMicroseconds)
    }

    /// The point in time that lies `duration` earlier.
    public static func - (left: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: left.microseconds &- duration.inMicroseconds)
    }

    /// The time from `right` until `left`.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .microseconds(left.microseconds &- right.microseconds)
    }
}

extension Duration {
    /// The duration in whole microseconds, rounded towards zero.
    public var inMicroseconds: Int64 {
        components.seconds &* 1_000_000 &+ components.attoseconds / 1_000_000_000_000
    }

    /// The duration in whole milliseconds, rounded towards zero.
    public var inMilliseconds: Int64 { inMicroseconds / 1_000 }

    /// The duration in seconds with fractions.
    public var inSeconds: Double { Double(inMicroseconds) / 1_000_000 }
}

extension Timestamp {
    /// The time as RFC 3339 text in UTC with milliseconds, such as `2026-03-01T09:30:00.250Z`.
    public var rfc3339: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text of ``rfc3339`` to a buffer.
    ///
    /// RFC 3339 has years of four digits: a time outside 0000 to 9999 is written as the nearest one inside.
    public func appendRFC3339(to bytes: inout [UInt8]) {
        let writable = Timestamp(
            microseconds: Swift.min(Swift.max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999)
        )
        writable.appendFields(to: &bytes)
    }

    private func appendFields(to bytes: inout [UInt8]) {
        let date = CivilDate(daysSinceEpoch: Int(seconds.floorDivided(by: 86_400)))
        let second = Int(seconds - seconds.floorDivided(by: 86_400) * 86_400)
        bytes.appendPadded(date.year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendPadded(date.month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendPadded(date.day, digits: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendPadded(second / 3_600, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(second / 60 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(second % 60, digits: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.appendPadded(Int(microseconds - seconds * 1_000_000) / 1_000, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// Converts a count of days since 1970-01-01 (the era method: 400-year cycles of 146,097 days).
    init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    /// Appends a non-negative number in decimal, padded with zeros on the left.
    mutating func appendPadded(_ value: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(digits, 1) { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
