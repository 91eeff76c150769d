internal import Domain

/// Gives calls the names under which they go over the wire: their own where the vendor takes them, otherwise made ones.
///
/// The same conversation always gets the same names, so that a vendor's prompt cache finds it again.
struct CallNames {
    private var used: Set<String> = []
    private let isAllowed: (String) -> Bool
    private let made: (Int) -> String

    /// Makes a source of names; `made` gives the name of the call with an ordinal when its own will not do.
    init(isAllowed: @escaping (String) -> Bool, made: @escaping (Int) -> String) {
        self.isAllowed = isAllowed
        self.made = made
    }

    /// Names of 1 to 64 letters, digits, dashes and underscores.
    static func wordLike() -> CallNames {
        CallNames(
            isAllowed: { name in
                (1...64).contains(name.utf8.count)
                    && name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F }
            },
            made: { "call_\($0)" }
        )
    }

    /// Names of exactly nine letters and digits, as Mistral wants them.
    static func nineCharacters() -> CallNames {
        CallNames(
            isAllowed: { $0.utf8.count == 9 && $0.utf8.allSatisfy(isLetterOrDigit) },
            made: { ordinal in
                let digits = String(ordinal)
                return "c" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            }
        )
    }

    /// The name for a call; each is given once.
    mutating func name(for call: Transcript.Call) -> String {
        let own = call.call.id
        if isAllowed(own), used.insert(own).inserted { return own }
        var ordinal = call.ordinal
        while !used.insert(made(ordinal)).inserted { ordinal += 1_000 }
        return made(ordinal)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
