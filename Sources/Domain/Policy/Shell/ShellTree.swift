/// A shell command as the policy sees it: every simple command in it, wherever it stands, and what is more than
/// simple commands.
///
/// It is the syntax tree without what no rule asks for. Lists, pipes, subshells, loops, conditions, function bodies,
/// substitutions and here-documents are walked; their simple commands stand in the order of the text.
public struct ShellTree: Sendable, Equatable {
    /// The simple commands.
    public var commands: [ShellCommand]
    /// Parts that can do something besides running these commands.
    public var constructs: [ShellConstruct]

    /// Makes a tree.
    public init(commands: [ShellCommand] = [], constructs: [ShellConstruct] = []) {
        self.commands = commands
        self.constructs = constructs
    }
}

/// One simple command: assignments, words, redirections.
public struct ShellCommand: Sendable, Equatable {
    /// The directory that it is run in, as far as the text says.
    public enum Directory: Sendable, Equatable {
        /// Where the whole command starts.
        case initial
        /// This one: an earlier `cd` of the same `&&` chain succeeded.
        case path(String)
        /// Not known: some `cd` may have succeeded or not.
        case unknown
    }

    /// `NAME=value` before the words, or alone.
    public var assignments: [ShellAssignment]
    /// The program and its arguments; empty for a redirection or an assignment that stands alone.
    public var words: [ShellWord]
    /// Its redirections, or those of the compound command that it stands for.
    public var redirections: [ShellRedirection]
    /// Where it is run.
    public var directory: Directory
    /// The commands whose output it reads through a pipe, as places in the tree.
    public var pipedFrom: [Int]
    /// The function that it belongs to.
    public var function: String?
    /// Whether it comes from a text that another command of the tree hands to a shell.
    public var isEmbedded: Bool

    /// Makes a command.
    public init(
        assignments: [ShellAssignment] = [],
        words: [ShellWord] = [],
        redirections: [ShellRedirection] = [],
        directory: Directory = .initial,
        pipedFrom: [Int] = [],
        function: String? = nil,
        isEmbedded: Bool = false
    ) {
        self.assignments = assignments
        self.words = words
        self.redirections = redirections
        self.directory = directory
        self.pipedFrom = pipedFrom
        self.function = function
        self.isEmbedded = isEmbedded
    }

    /// The command as a line for people; not for a shell.
    public var display: String {
        let parts =
            assignments.map { "\($0.name)=\($0.value.map(\.display) ?? "(…)")" } + words.map(\.display)
            + redirections.map(\.display)
        return parts.joined(separator: " ")
    }
}

/// One word after quote removal.
public struct ShellWord: Sendable, Hashable {
    /// How much of the word is known.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// `text` is the word, byte for byte.
        case literal
        /// `text` is a pattern for file names; its literal special characters have a backslash.
        case pattern
        /// It begins with somebody's home directory; `text` is the word as written.
        case tilde
        /// Braces make several words of it; `text` is the word as written.
        case brace
        /// The value of a parameter is in it.
        case variable
        /// The output of a command is in it, or a file name for one.
        case substitution
        /// A computed number is in it.
        case arithmetic
        /// Written in a way that is not decoded.
        case undecoded
    }

    /// How much is known.
    public var kind: Kind
    /// What is known; see ``Kind``.
    public var text: String

    /// Makes a word.
    public init(_ kind: Kind = .literal, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The text of a literal word.
    public var literal: String? { kind == .literal ? text : nil }

    /// The word for people: quoted where it has to be.
    public var display: String {
        guard kind == .literal else { return text }
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=,@%+[]{}".utf8.contains(byte) || byte >= 0x80
            }
        }
        return plain && !text.isEmpty ? text : "'\(text)'"
    }
}

/// An assignment to a variable.
public struct ShellAssignment: Sendable, Equatable {
    /// The variable.
    public var name: String
    /// The value; nil for a list, a subscript, or something that is added.
    public var value: ShellWord?

    /// Makes an assignment.
    public init(name: String, value: ShellWord?) {
        self.name = name
        self.value = value
    }
}

/// A redirection.
public struct ShellRedirection: Sendable, Equatable {
    /// What it does.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// `< file`
        case read
        /// `> file`, `>> file`, `>| file`, `&> file`, `&>> file`, `<> file`
        case write
        /// `>&2`, `<&-`
        case duplicate
        /// A here-document or here-string whose text is known.
        case text
        /// A here-document or here-string whose text is made when it runs.
        case dynamicText
        /// A descriptor whose number the shell chooses: `{name}> file`.
        case namedDescriptor
    }

    /// What it does.
    public var kind: Kind
    /// The file, descriptor or text.
    public var target: ShellWord

    /// Makes a redirection.
    public init(_ kind: Kind, _ target: ShellWord) {
        self.kind = kind
        self.target = target
    }

    /// The redirection for people.
    public var display: String {
        switch kind {
        case .read: "< \(target.display)"
        case .write: "> \(target.display)"
        case .duplicate: ">&\(target.display)"
        case .text, .dynamicText: "<<…"
        case .namedDescriptor: "{…}> \(target.display)"
        }
    }
}

/// A part of a command that is more than simple commands: it is never allowed without a person.
public struct ShellConstruct: Sendable, Equatable {
    /// Which part.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case function, coprocess, background, arithmetic, test, declaration, select, loopVariable, casePattern
        case embeddedText, tooDeep, unknown
    }

    /// Which part.
    public var kind: Kind
    /// Its name or text, for people.
    public var detail: String

    /// Makes a part.
    public init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// Why it needs a person.
    public var reason: String {
        switch kind {
        case .function: "It defines the function \(detail)."
        case .coprocess: "It starts a coprocess."
        case .background: "It leaves a process in the background."
        case .arithmetic: "It computes numbers, which can change variables and run commands."
        case .test: "It has a condition in [[ ]] whose value is not known beforehand."
        case .declaration: "It declares variables (\(detail))."
        case .select: "It waits for a choice at a terminal."
        case .loopVariable: "Its loop sets the variable \(detail)."
        case .casePattern: "It has a case whose word or pattern is not known beforehand."
        case .embeddedText: "It hands a text to a shell that cannot be read beforehand: \(detail)"
        case .tooDeep: "Commands are nested too deeply in it."
        case .unknown: "It has a part that the policy does not know (\(detail))."
        }
    }
}
