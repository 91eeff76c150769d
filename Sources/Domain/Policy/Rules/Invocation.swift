/// One program with its arguments, as a rule sees it: a simple command, or what a wrapper in it would start.
public struct Invocation: Sendable, Equatable {
    /// The program's name without directories; nil when it is not known.
    public let name: String?
    /// The arguments.
    public let arguments: ArraySlice<ShellWord>

    init(_ words: ArraySlice<ShellWord>) {
        name = words.first.flatMap { word in
            switch word.kind {
            case .literal, .tilde: Self.name(word.text)
            case .variable, .substitution: nil
            default: nil
            }
        }
        arguments = words.dropFirst()
    }

    static func name(_ text: String) -> String {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return text }
        return String(text[text.utf8.index(after: slash)...])
    }

    /// The arguments that do not begin with a dash.
    var operands: some Sequence<ShellWord> {
        arguments.lazy.filter { !$0.text.hasPrefix("-") || $0.text == "-" }
    }

    /// The command itself, then everything that it might start: what stands behind a wrapper.
    ///
    /// Which words of a wrapper are its own is not decided here: every word behind it may be the program. So a deny
    /// rule cannot be passed by an option whose value looks like one.
    public static func all(in words: [ShellWord]) -> [Invocation] {
        guard !words.isEmpty else { return [] }
        let first = Invocation(words[...])
        guard let name = first.name,
            Self.wrappers.contains(name) || name.hasPrefix("ld-") || name.hasPrefix("ld.so")
        else { return [first] }
        // It only says what a name stands for.
        if name == "command", ["-v", "-V"].contains(words.dropFirst().first?.literal) { return [first] }
        var result = [first]
        for place in words.indices.dropFirst() {
            let word = words[place]
            guard word.kind == .literal else { continue }
            if !word.text.hasPrefix("-") {
                result.append(Invocation(words[place...]))
            } else if let equals = word.text.firstIndex(of: "="), word.text.hasPrefix("--") {
                let value = ShellWord(.literal, String(word.text[word.text.index(after: equals)...]))
                result.append(Invocation([value] + words[(place + 1)...]))
            } else if word.text.utf8.count > 2, !word.text.hasPrefix("--") {
                // The value behind a letter: -Srm, -crm.
                let value = ShellWord(.literal, String(word.text.dropFirst(2)))
                result.append(Invocation([value] + words[(place + 1)...]))
            }
        }
        return result
    }

    /// The same for a command of a tree: with its braces expanded, and with what a text of the command line hands to
    /// `xargs` through a pipe or a here-string as further arguments.
    public static func all(of command: ShellCommand, in tree: ShellTree) -> [Invocation] {
        let words = BraceExpansion.words(command.words)
        let found = all(in: words)
        guard found.contains(where: { $0.name.map(gatherers.contains) ?? false }) else { return found }
        let given = CommandInput.texts(of: command, in: tree).flatMap { text in
            text.split(whereSeparator: \.isWhitespace).map { ShellWord(.literal, String($0)) }
        }
        return given.isEmpty ? found : all(in: words + given)
    }

    /// Programs that make arguments of what they read.
    private static let gatherers: Set<String> = ["xargs", "parallel"]

    /// Programs that start what their arguments say.
    static let wrappers: Set<String> = [
        "sudo", "doas", "su", "runuser", "env", "nice", "ionice", "chrt", "taskset", "timeout", "nohup",
        "setsid",
        "stdbuf", "xargs", "parallel", "command", "builtin", "exec", "time", "chroot", "unshare", "nsenter",
        "flock",
        "watch", "script", "strace", "ltrace", "gdb", "busybox", "toybox", "find", "fd", "fdfind", "ssh",
        "systemd-run",
        "setpriv", "setarch", "linux32", "linux64", "prlimit", "firejail", "bwrap", "catchsegv", "pkexec",
        "entr",
        "expect", "unbuffer", "daemonize", "start-stop-daemon", "softlimit", "chpst", "setuidgid",
        "envuidgid",
        "sg", "newgrp", "capsh", "numactl", "cgexec", "ip", "docker", "podman", "lxc-attach", "machinectl",
        "kubectl",
        "git", "tar", "rsync", "eval", "coproc", "trap", "tsp", "batch", "at", "faketime", "proot", "perf",
        "valgrind",
        "torsocks", "proxychains", "proxychains4", "rlwrap", "screen", "tmux", "dtach", "cpulimit", "chronic",
        "ts",
        "lxc", "pct", "vzctl", "jexec", "ltrace", "sshpass", "caffeinate", "fakeroot", "logsave",
        "dbus-run-session",
        "dbus-launch", "xvfb-run", "ifne", "pee", "foreach", "run-parts", "sh", "bash", "dash", "zsh", "ksh",
        "mksh",
        "ash", "fish", "rbash", "csh", "tcsh", ".", "source",
    ]

    /// Programs that read shell text from an argument or from their input.
    static let shells: Set<String> = [
        "sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash", "csh", "tcsh", "eval", "su",
        "ssh", "watch",
        "script", "parallel", "trap", "sg", "batch", "at", "xargs", "env", "runuser", "tmux", "screen",
        "flock", "busybox",
        "expect", "unbuffer", "coproc", "machinectl", "docker", "podman", "kubectl", "crontab",
    ]

    /// The texts that a command would hand to a shell, as far as they can be read.
    ///
    /// `piped` are the commands that write to its input.
    public static func embeddedTexts(in command: ShellCommand, piped: [ShellCommand]) -> [String] {
        let names = all(in: command.words).compactMap(\.name).filter(shells.contains)
        guard !names.isEmpty else { return [] }
        var texts: [String] = []
        let arguments = command.words.dropFirst()
        for word in arguments where word.kind == .literal && word.text.utf8.contains(where: isSeparating) {
            texts.append(word.text)
        }
        if command.words.first?.literal == "eval" {
            texts.append(arguments.map(\.text).joined(separator: " "))
        }
        for redirection in command.redirections where redirection.kind == .text {
            texts.append(redirection.target.text)
        }
        for producer in piped
        where ["echo", "printf"].contains(producer.words.first.flatMap(\.literal) ?? "") {
            for word in producer.words.dropFirst() where word.kind == .literal { texts.append(word.text) }
            texts.append(
                producer.words.dropFirst().map(\.text).drop {
                    ["-n", "-e", "-E", "-ne", "-en", "--"].contains($0)
                }
                .joined(separator: " ")
            )
        }
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    private static func isSeparating(_ byte: UInt8) -> Bool { " \t\n;|&<>(){}$`'\"\\".utf8.contains(byte) }
}
