internal import Core

/// The three forms of a date in HTTP (RFC 9110 section 5.6.7).
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    ///
    /// A year of two digits that seems to lie more than 50 years ahead is one of the past.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count == 6 || words.count == 5 else { return nil }
        let isOldest = words.count == 5
        guard isOldest || words[5] == "GMT" else { return nil }
        let (month, day, time, year) =
            isOldest ? (words[1], words[2], words[3], words[4]) : (words[2], words[1], words[4], words[3])
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard let month = months.firstIndex(of: String(month)), let day = Int(day), (1...31).contains(day),
            var number = Int(year), (0...9_999).contains(number), clock.count == 3,
            (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        if year.count == 2 {
            let present = 1_970 + Int(now.seconds / 31_556_952)
            number += present / 100 * 100
            if number > present + 50 { number -= 100 }
        }
        let days = daysSinceEpoch(year: number, month: month + 1, day: day)
        return Timestamp(seconds: Int64(days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]))
    }

    /// Counts days in eras of 400 years that begin in March, so that leap days come last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return shifted / 400 * 146_097 + dayOfEra - 719_468
    }
}
