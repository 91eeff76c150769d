/// What a rule says about a simple command; every condition that is given must hold.
public struct PolicyMatch: Sendable, Equatable {
    /// Names of the program, without directories; none for any command.
    public var programs: [Glob] = []
    /// These words stand among the operands, in this order; each is one of several.
    public var words: [[Glob]] = []
    /// Each of these options is given; each is a list of spellings.
    public var flags: [[String]] = []
    /// One of the arguments, taken as a path where it is one, is among these.
    public var operands: [Glob] = []
    /// All the arguments, one by one; nil for any.
    public var arguments: [Glob]?
    /// Whether more arguments may follow those of ``arguments``.
    public var takesMoreArguments = false
    /// A file that it writes to by redirection.
    public var writes: [Glob] = []
    /// A text that the command line itself gives it to read is among these; see ``CommandInput``.
    public var reads: [Glob] = []
    /// It reads from one of these programs through a pipe.
    public var pipedFrom: [Glob] = []
    /// What its arguments may be; for allow rules.
    public var grammar: ProgramGrammar?
    /// Names that the program's file may have besides the one it is called by.
    public var targets: [Glob] = []
    /// Whether what it reads through a pipe must be a text that the command line shows.
    public var needsPlainInput = false
    /// Whether what an allow rule accepts writes files by its nature, so that it cannot run where nothing is writable.
    public var needsWritableFiles = false

    /// Makes an empty match.
    public init() {}

    /// Says whether a command that is started by these words fits, without its grammar.
    func fits(_ invocation: Invocation, of command: ShellCommand, in tree: ShellTree) -> Bool {
        guard fitsProgram(invocation.name) else { return false }
        if !words.isEmpty {
            var rest = words[...]
            for operand in invocation.operands {
                guard let next = rest.first else { break }
                if next.contains(where: { Self.names(operand, $0) }) { rest.removeFirst() }
            }
            guard rest.isEmpty else { return false }
        }
        for spellings in flags where !Self.hasFlag(spellings, invocation.arguments) { return false }
        if !operands.isEmpty, !invocation.arguments.contains(where: { fitsOperand($0) }) { return false }
        if let arguments, !fitsArguments(arguments, invocation.arguments) { return false }
        if !writes.isEmpty, !command.redirections.contains(where: { fitsWrite($0) }) { return false }
        if !reads.isEmpty {
            let texts = CommandInput.texts(of: command, in: tree)
            guard reads.contains(where: { wanted in texts.contains { wanted.matches($0) } }) else {
                return false
            }
        }
        if !pipedFrom.isEmpty, !command.pipedFrom.contains(where: { fitsProducer($0, tree) }) { return false }
        return true
    }

    private func fitsProgram(_ name: String?) -> Bool {
        if programs.isEmpty { return true }
        guard let name else { return false }
        return programs.contains { $0.matches(name) }
    }

    private func fitsArguments(_ patterns: [Glob], _ words: ArraySlice<ShellWord>) -> Bool {
        guard takesMoreArguments ? words.count >= patterns.count : words.count == patterns.count else {
            return false
        }
        return zip(patterns, words).allSatisfy { pattern, word in
            // A pattern for anything is not meant for options.
            pattern.matches(word.text) && (!word.text.hasPrefix("-") || pattern.text.hasPrefix("-"))
        }
    }

    private func fitsOperand(_ word: ShellWord) -> Bool { operands.contains { Self.names(word, $0) } }

    /// Says whether a word is what a rule names, as it is written or as a path, or may become it as a pattern.
    private static func names(_ word: ShellWord, _ wanted: Glob) -> Bool {
        if wanted.matches(word.text) { return true }
        let plain = PolicyPath.tidied(word.text)
        if plain != word.text, wanted.matches(plain) { return true }
        if word.kind == .pattern, word.text.hasPrefix("/"), wanted.text.hasPrefix("/") {
            let pattern = Glob(plain, path: true)
            if wanted.isLiteral ? pattern.matches(wanted.text) : pattern.canOverlap(wanted) { return true }
        }
        guard let equals = word.text.firstIndex(of: "=") else { return false }
        let value =
            word.text[...equals] + PolicyPath.tidied(String(word.text[word.text.index(after: equals)...]))
        return wanted.matches(String(value))
    }

    private func fitsWrite(_ redirection: ShellRedirection) -> Bool {
        guard redirection.kind == .write || redirection.kind == .namedDescriptor else { return false }
        return writes.contains { Self.names(redirection.target, $0) }
    }

    private func fitsProducer(_ place: Int, _ tree: ShellTree) -> Bool {
        guard tree.commands.indices.contains(place) else { return false }
        return Invocation.all(in: tree.commands[place].words).contains { invocation in
            invocation.name.map { name in pipedFrom.contains { $0.matches(name) } } ?? false
        }
    }

    /// Says whether one of the spellings is given: a letter alone or among others, or a long name, whole or shortened
    /// to three characters at least.
    static func hasFlag(_ spellings: [String], _ arguments: ArraySlice<ShellWord>) -> Bool {
        for word in arguments {
            let text = word.text
            if text == "--" { return false }
            guard text.hasPrefix("-"), text.utf8.count > 1 else { continue }
            for spelling in spellings {
                if spelling == text { return true }
                if spelling.hasPrefix("--") {
                    let name = text.prefix { $0 != "=" }
                    if name.hasPrefix("--"), name.utf8.count >= 5, spelling.hasPrefix(name) { return true }
                } else if spelling.utf8.count == 2, !text.hasPrefix("--"), let letter = spelling.last {
                    if text.dropFirst().contains(letter) { return true }
                }
            }
        }
        return false
    }
}
