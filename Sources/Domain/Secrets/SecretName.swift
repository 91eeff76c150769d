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
        guard !Self.reserved.contains(text), !Self.reservedPrefixes.contains(where: text.hasPrefix) else {
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

    /// Variables of bash(1) and of environ(7) that steer what runs.
    private static let reserved: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "IFS", "ENV", "CDPATH", "GLOBIGNORE",
        "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS3", "PS4", "TERM", "TMPDIR",
        "EDITOR",
        "VISUAL", "PAGER", "SHLVL", "UID", "EUID", "PPID", "RANDOM", "SECONDS", "LINENO", "OPTARG", "OPTIND",
        "REPLY", "FUNCNAME", "HOSTNAME", "LANG", "LANGUAGE", "TZ",
    ]
    private static let reservedPrefixes = ["DECKHAND_", "LD_", "LC_", "BASH_", "GIT_", "PYTHON", "PERL5"]
}
