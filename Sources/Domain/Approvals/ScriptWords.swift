/// A word of a command that may be the path of a script which the command executes.
public struct ScriptWord: Sendable, Equatable {
    /// The path as written, quotes taken away.
    public let path: String
    /// Whether its place or name says that it is executed; otherwise only its permissions or first bytes can.
    public let isCertain: Bool

    /// Makes a value.
    public init(path: String, isCertain: Bool) {
        self.path = path
        self.isCertain = isCertain
    }
}

/// Finds the words of a command that may be script files.
///
/// Pure, and generous: it over-approximates.
///
/// Certain are words with a slash in the place of a command, words after an interpreter (`bash x`, `. x`,
/// `python3 x`), and names that end as scripts do. Possible is every other word with a slash, also behind `=`.
/// Not found are names that the shell makes up while it runs: variables, substitutions, globs; and programs that are
/// looked up on `PATH`, which are the command policy's subject.
public enum ScriptWords: Sendable {
    /// More words than this are not looked at.
    public static let maximumWords = 32

    private static let interpreters: Set<String> = [
        "bash", "sh", "dash", "ash", "ksh", "zsh", "fish", "busybox", "source", ".", "python", "python2",
        "python3",
        "perl", "ruby", "php", "node", "nodejs", "lua", "tclsh", "expect", "awk", "gawk", "mawk", "sed",
        "make",
        "gmake", "mysql", "mariadb", "psql", "sqlite3", "osascript",
    ]
    private static let wrappers: Set<String> = [
        "sudo", "doas", "env", "nohup", "nice", "ionice", "time", "timeout", "exec", "command", "builtin",
        "xargs",
        "setsid", "stdbuf", "chroot", "runuser", "su", "then", "else", "do", "if", "while", "until", "!", "{",
        "eval",
    ]
    private static let endings = [
        ".sh", ".bash", ".zsh", ".py", ".pl", ".rb", ".php", ".js", ".mjs", ".lua", ".awk", ".sed", ".sql",
        ".mk",
    ]

    /// The words of a command that may be script files, in order, each once.
    public static func candidates(in command: String) -> [ScriptWord] {
        var found: [ScriptWord] = []
        for words in simpleCommands(command) {
            var isCommandPlace = true
            var followsInterpreter = false
            for word in words {
                if isCommandPlace, isAssignment(word) { continue }
                let path = word.hasPrefix("-") || word.contains("=") ? afterEquals(word) : word
                if let path, path.contains("/") || followsInterpreter || hasScriptEnding(path), !path.isEmpty
                {
                    let isCertain = followsInterpreter || isCommandPlace || hasScriptEnding(path)
                    add(ScriptWord(path: path, isCertain: isCertain), to: &found)
                }
                let name = word.split(separator: "/").last.map(String.init) ?? word
                if interpreters.contains(name) || isVersionedInterpreter(name) { followsInterpreter = true }
                if isCommandPlace, !wrappers.contains(name), !word.hasPrefix("-") { isCommandPlace = false }
            }
        }
        return Array(found.prefix(maximumWords))
    }

    private static func add(_ word: ScriptWord, to found: inout [ScriptWord]) {
        guard let index = found.firstIndex(where: { $0.path.utf8.elementsEqual(word.path.utf8) }) else {
            return found.append(word)
        }
        if word.isCertain { found[index] = word }
    }

    private static func hasScriptEnding(_ word: String) -> Bool { endings.contains { word.hasSuffix($0) } }

    /// `python3.11`, `php8.2`.
    private static func isVersionedInterpreter(_ name: String) -> Bool {
        guard let end = name.lastIndex(where: { !$0.isNumber && $0 != "." }) else { return false }
        return interpreters.contains(String(name[...end]))
    }

    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")), equals != word.utf8.startIndex else {
            return false
        }
        return word.utf8[..<equals].allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
    }

    private static func afterEquals(_ word: String) -> String? {
        word.utf8.firstIndex(of: UInt8(ascii: "=")).map { String(word[word.index(after: $0)...]) }
    }

    /// The words between separators, quotes and escapes taken away; words with expansions are left out.
    private static func simpleCommands(_ command: String) -> [[String]] {
        var splitter = WordSplitter()
        for byte in command.utf8 { splitter.take(byte) }
        return splitter.finish()
    }
}

/// Splits a command into words, one byte at a time: a pure state machine.
private struct WordSplitter {
    private enum Quote { case none, single, double }

    private var commands: [[String]] = []
    private var words: [String] = []
    private var word: [UInt8] = []
    private var hasWord = false
    private var isDynamic = false
    private var quote = Quote.none
    private var isEscaped = false

    mutating func take(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
            // A line that goes on (bash(1), QUOTING).
            if byte != 0x0A { append(byte) }
            return
        }
        switch (quote, byte) {
        case (.single, UInt8(ascii: "'")), (.double, UInt8(ascii: "\"")): quote = .none
        case (.single, _): append(byte)
        case (_, UInt8(ascii: "\\")): isEscaped = true
        case (.none, UInt8(ascii: "'")):
            quote = .single
            hasWord = true
        case (.none, UInt8(ascii: "\"")):
            quote = .double
            hasWord = true
        case (_, UInt8(ascii: "$")), (_, UInt8(ascii: "`")):
            // What stands in a substitution is a command of its own.
            isDynamic = true
            if byte == UInt8(ascii: "`") { endCommand() }
        case (.double, _): append(byte)
        case (.none, 0x20), (.none, 0x09): endWord()
        case (.none, 0x0A), (.none, UInt8(ascii: ";")), (.none, UInt8(ascii: "|")),
            (.none, UInt8(ascii: "&")),
            (.none, UInt8(ascii: "(")), (.none, UInt8(ascii: ")")):
            endCommand()
        case (.none, UInt8(ascii: "<")), (.none, UInt8(ascii: ">")): endWord()
        default: append(byte)
        }
    }

    mutating func finish() -> [[String]] {
        endCommand()
        return commands
    }

    private mutating func append(_ byte: UInt8) {
        hasWord = true
        word.append(byte)
    }

    private mutating func endWord() {
        if hasWord, !isDynamic { words.append(String(decoding: word, as: UTF8.self)) }
        word = []
        hasWord = false
        isDynamic = false
    }

    private mutating func endCommand() {
        endWord()
        if !words.isEmpty { commands.append(words) }
        words = []
    }
}
