/// Commands that bash runs itself, before it looks for a program (bash(1), SHELL BUILTIN COMMANDS).
enum ShellBuiltins {
    static let names: Set<String> = [
        ".", ":", "[", "alias", "bg", "bind", "break", "builtin", "caller", "cd", "command", "compgen",
        "complete", "compopt",
        "continue", "declare", "dirs", "disown", "echo", "enable", "eval", "exec", "exit", "export", "false",
        "fc", "fg",
        "getopts", "hash", "help", "history", "jobs", "kill", "let", "local", "logout", "mapfile", "popd",
        "printf", "pushd",
        "pwd", "read", "readarray", "readonly", "return", "set", "shift", "shopt", "source", "suspend",
        "test", "times", "trap",
        "true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
    ]
}

/// Wrappers that add nothing but a limit, so that what they start is judged in their place.
enum TransparentWrapper {
    /// The words behind `timeout` or `nice` with plain arguments; else the words as they are.
    static func unwrapped(_ words: [ShellWord], isTrusted: (String) -> Bool) -> [ShellWord] {
        guard let name = words.first?.literal, let rest = rest(of: name, words.dropFirst()), !rest.isEmpty,
            isTrusted(name)
        else { return words }
        // A builtin would be looked for as a program there.
        guard let inner = rest.first?.literal, !inner.hasPrefix("-"), !ShellBuiltins.names.contains(inner)
        else {
            return words
        }
        return Array(rest)
    }

    private static func rest(of name: String, _ arguments: ArraySlice<ShellWord>) -> ArraySlice<ShellWord>? {
        var rest = arguments
        switch name {
        case "timeout":
            while let option = rest.first?.literal, option.hasPrefix("-") {
                switch option {
                case "--preserve-status", "--foreground", "-v", "--verbose": rest.removeFirst()
                case "-k", "-s":
                    guard rest.dropFirst().first?.literal.map(isPlain) ?? false else { return nil }
                    rest = rest.dropFirst(2)
                default: return nil
                }
            }
            guard rest.first?.literal.map(isDuration) ?? false else { return nil }
            return rest.dropFirst()
        case "nice":
            if rest.first?.literal == "-n" {
                guard rest.dropFirst().first?.literal.map(isDuration) ?? false else { return nil }
                return rest.dropFirst(2)
            }
            return rest
        default: return nil
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }

    private static func isDuration(_ text: String) -> Bool {
        isPlain(text)
            && (text.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false)
    }
}
