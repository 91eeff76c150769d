/// An amount of money or prepaid credits, in whole minor units; what a unit is worth says the ``CreditUnit``.
///
/// Amounts that come from outside are at most ``maximum``, so that sums of them cannot overflow.
public struct Credits: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many minor units; negative for what is owed or taken.
    public let minor: Int64

    /// Makes an amount.
    public init(minor: Int64) { self.minor = minor }

    /// Nothing.
    public static let zero = Credits(minor: 0)
    /// The most that one movement may be, or a line, cap or threshold.
    public static let maximum = Credits(minor: 1_000_000_000_000_000)

    /// The number of minor units.
    public var description: String { String(minor) }

    /// The natural order.
    public static func < (left: Credits, right: Credits) -> Bool { left.minor < right.minor }
    /// The sum.
    public static func + (left: Credits, right: Credits) -> Credits {
        Credits(minor: left.minor + right.minor)
    }
    /// The difference.
    public static func - (left: Credits, right: Credits) -> Credits {
        Credits(minor: left.minor - right.minor)
    }
    /// The opposite.
    public static prefix func - (value: Credits) -> Credits { Credits(minor: -value.minor) }
}

/// What a minor unit is, for people: a name and how many decimal places its amounts have.
public struct CreditUnit: Sendable, Equatable {
    /// Such as `credits` or `EUR`.
    public let name: String
    /// 4 means that 10,000 minor units are one.
    public let decimals: Int

    /// The most decimal places.
    public static let maximumDecimals = 6

    /// Makes a unit; decimals beyond the maximum are cut.
    public init(name: String = "credits", decimals: Int = 4) {
        self.name = name
        self.decimals = min(max(decimals, 0), Self.maximumDecimals)
    }

    /// The amount with its decimal places and the unit's name, such as `-12.5000 EUR`.
    public func text(_ amount: Credits) -> String { "\(number(amount)) \(name)" }

    /// The amount with its decimal places, such as `-12.5000`.
    public func number(_ amount: Credits) -> String {
        guard decimals > 0 else { return String(amount.minor) }
        let digits = String(amount.minor.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        return (amount.minor < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// Reads a number such as `12.5`; nil for anything else, for more decimal places than there are, and for more than
    /// ``Credits/maximum``.
    public func amount(_ text: String) -> Credits? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, text.utf8.count <= 20 else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= decimals,
            (whole + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let minor = Int64(
                whole + fraction + String(repeating: "0", count: decimals - fraction.utf8.count)
            ),
            minor <= Credits.maximum.minor
        else { return nil }
        return Credits(minor: minor)
    }
}
