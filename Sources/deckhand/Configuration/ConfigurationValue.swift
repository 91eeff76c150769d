import Core
import Domain

/// Reads and writes the values of options.
enum ConfigurationValue {
    static func port(_ text: String) throws(UnacceptableValue) -> UInt16 {
        guard let port = UInt16(text) else {
            throw UnacceptableValue(
                "“\(text)” is not a port",
                hint: "Give a number up to 65535; with 0 the kernel chooses one."
            )
        }
        return port
    }

    static func count(_ text: String, in range: ClosedRange<Int>) throws(UnacceptableValue) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw UnacceptableValue(
                "“\(text)” is not acceptable",
                hint: "Give a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String,
        _ type: Choice.Type
    ) throws(UnacceptableValue) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw UnacceptableValue("“\(text)” is not known", hint: "Give one of: \(words).")
        }
        return choice
    }

    static func isOn(_ text: String) throws(UnacceptableValue) -> Bool {
        switch text.lowercased() {
        case "on", "true", "yes", "1": true
        case "off", "false", "no", "0": false
        default: throw UnacceptableValue("“\(text)” is neither on nor off", hint: "Give on or off.")
        }
    }

    /// A number of seconds, or one with `ms`, `s`, `m`, `h` or `d`.
    static func duration(_ text: String, unit: String = "s", atMost limit: Duration) throws(UnacceptableValue)
        -> Duration
    {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count).trimmedSubstring
        let factors: [String: Int64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Int64(digits), let factor = factors[suffix.isEmpty ? unit : suffix.lowercased()],
            case let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor), !overflow,
            number > 0, Duration.milliseconds(milliseconds) <= limit
        else {
            throw UnacceptableValue(
                "“\(text)” is not acceptable as a time",
                hint:
                    "Give a number of \(unit == "d" ? "days" : "seconds"), or one with ms, s, m, h or d, of \(show(limit)) at most."
            )
        }
        return .milliseconds(milliseconds)
    }

    /// A number of bytes, or one with `KB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB`.
    static func bytes(_ text: String, in range: ClosedRange<Int64>) throws(UnacceptableValue) -> Int64 {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count).trimmedSubstring.lowercased()
        guard let number = Int64(digits), let factor = byteFactors[suffix],
            case let (bytes, overflow) = number.multipliedReportingOverflow(by: factor), !overflow,
            range.contains(bytes)
        else {
            throw UnacceptableValue(
                "“\(text)” is not acceptable as a size",
                hint:
                    "Give bytes, or a number with KB, MB, GB, KiB, MiB or GiB, from \(show(bytes: range.lowerBound)) "
                    + "to \(show(bytes: range.upperBound))."
            )
        }
        return bytes
    }

    private static let byteFactors: [String: Int64] = [
        "": 1, "b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "kib": 1 << 10, "mib": 1 << 20,
        "gib": 1 << 30,
        "tib": 1 << 40,
    ]

    /// Words separated by commas or spaces.
    static func list(_ text: String) -> [String] {
        text.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
    }

    static func show(_ duration: Duration) -> String {
        let milliseconds = duration.inMilliseconds
        guard milliseconds.isMultiple(of: 1_000) else { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1_000
        if seconds >= 2 * 86_400, seconds.isMultiple(of: 86_400) { return "\(seconds / 86_400)d" }
        if seconds >= 2 * 3_600, seconds.isMultiple(of: 3_600) { return "\(seconds / 3_600)h" }
        return "\(seconds)s"
    }

    static func show(bytes: Int64) -> String {
        for (suffix, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] as [(String, Int64)]
        where bytes >= factor && bytes.isMultiple(of: factor) { return "\(bytes / factor)\(suffix)" }
        for (suffix, factor) in [("GB", 1_000_000_000), ("MB", 1_000_000)] as [(String, Int64)]
        where bytes >= factor && bytes.isMultiple(of: factor) { return "\(bytes / factor)\(suffix)" }
        return "\(bytes)"
    }

    static func show(optional value: (some CustomStringConvertible)?) -> String {
        value?.description ?? "none"
    }
}

extension Substring {
    fileprivate var trimmedSubstring: String { String(self).trimmed }
}
