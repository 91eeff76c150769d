/// What a secret is called: the variable in which commands find it, such as `DB_PASSWORD`.
public struct SecretName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Checks a text; throws `Failure` of kind unprocessable (`invalid_secret_name`).
    ///
    /// Names that shells and programs give a meaning of their own are not taken.
    public init(_ text: String) throws(Failure) {
        let isWellFormed =
            (1...64).contains(text.utf8.count)
            && (text.utf8.first.map { (0x41...0x5A).contains($0) } ?? false)
            && text.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
            }
        guard isWellFormed else {
            throw Failure(
                .unprocessable,
                code: "invalid_secret_name",
                message: "This is not acceptable as a secret's name.",
                hint:
                    "Use 1 to 64 capital letters, digits and _, beginning with a letter, such as DB_PASSWORD."
            )
        }
        guard !Self.hasMeaning(text) else {
            throw Failure(
                .unprocessable,
                code: "invalid_secret_name",
                message: "The variable \(text) has a meaning of its own for the shell and other programs.",
                hint: "Choose another name, such as MY_\(text)."
            )
        }
        rawValue = text
    }

    /// The text, which is safe to show.
    public var description: String { rawValue }

    /// The order of lists.
    public static func < (left: SecretName, right: SecretName) -> Bool { left.rawValue < right.rawValue }

    private static func hasMeaning(_ name: String) -> Bool {
        KnownVariables.steers(name) || KnownVariables.harmless.contains(name) || name.hasPrefix("LC_")
            || setByShells.contains(name)
    }

    /// Variables that bash(1) sets itself.
    private static let setByShells: Set<String> = [
        "PWD", "OLDPWD", "SHLVL", "UID", "EUID", "PPID", "RANDOM", "SECONDS", "LINENO", "OPTARG", "OPTIND",
        "REPLY", "FUNCNAME", "HOSTNAME", "LANGUAGE",
    ]
}
