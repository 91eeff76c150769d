extension ProgramGrammar {
    /// What a value or an operand may be, and how it is judged.
    public enum Kind: Sendable, Equatable {
        /// `text`: any literal text that is not used as a file.
        case text
        /// `any`: the same; as an option's value it may begin with a dash.
        case any
        /// `word`: letters, digits and a few signs, without slash, equals sign or leading dash: a unit, host, account.
        case word
        /// `number`: a number with a sign and a unit at most.
        case number
        /// `path`: a file that is read.
        case path
        /// `name`: a file of which the name and the properties are shown.
        case name
        /// `tree`: a directory that is read with everything below it.
        case tree
        /// `show|list`: one of these words.
        case words([String])
        /// `<columns>`: a value of a set; `<columns,>`: a list of such values with commas between.
        case values(ValueSet, isList: Bool)
    }

    /// Values that a rule lists under a name.
    public enum ValueSet: Sendable, Equatable {
        /// Those that match one of these.
        case patterns([Glob])
        /// Those that are made of these bytes alone.
        case bytes(Set<UInt8>)

        func contains(_ text: String) -> Bool {
            switch self {
            case .patterns(let globs): globs.contains { $0.matches(text) }
            case .bytes(let bytes): !text.isEmpty && text.utf8.allSatisfy(bytes.contains)
            }
        }
    }
}

extension ProgramGrammar.Kind {
    init(_ text: String, _ sets: [String: ProgramGrammar.ValueSet]) throws(ProgramGrammar.Mistake) {
        switch text {
        case "text": self = .text
        case "any": self = .any
        case "word": self = .word
        case "number": self = .number
        case "path": self = .path
        case "name": self = .name
        case "tree": self = .tree
        case "":
            throw .init(
                "A kind is missing; known are text, any, word, number, path, name, tree, <values> and words with | "
                    + "between."
            )
        default:
            guard text.hasPrefix("<"), text.hasSuffix(">") else {
                self = .words(text.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
                return
            }
            var name = text.dropFirst().dropLast()
            let isList = name.hasSuffix(",")
            if isList { name.removeLast() }
            guard let set = sets[String(name)] else {
                throw .init("“\(text)” is not among the rule's values.")
            }
            self = .values(set, isList: isList)
        }
    }

    func accepts(_ word: ShellWord) -> Bool {
        switch self {
        case .text, .any: word.kind == .literal
        case .word: word.literal.map(Self.isWord) ?? false
        case .number: word.literal.map(Self.isNumber) ?? false
        case .path, .name: word.kind == .literal || word.kind == .pattern
        case .tree: word.kind == .literal
        case .words(let words): word.literal.map(words.contains) ?? false
        case .values(let set, isList: false): word.literal.map(set.contains) ?? false
        case .values(let set, isList: true):
            word.literal?.split(separator: ",", omittingEmptySubsequences: false)
                .allSatisfy { set.contains(String($0)) } ?? false
        }
    }

    /// Says whether a value that looks like an option is one of this kind all the same.
    var mayBeginWithDash: Bool {
        switch self {
        case .any, .number, .values: true
        default: false
        }
    }

    private static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._:@%+,".utf8.contains(byte)
            }
        }
    }

    /// `20`, `+5`, `-1`, `10M`, `1.5h`, `50%`.
    static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if let first = rest.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            rest.removeFirst()
        }
        let digits = rest.prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
        }
        guard let first = digits.first, first != UInt8(ascii: ".") else { return false }
        let unit = rest.dropFirst(digits.count)
        return unit.count <= 3
            && unit.allSatisfy {
                (UInt8(ascii: "A")...UInt8(ascii: "z")).contains($0) && $0 != UInt8(ascii: "\\")
                    || $0 == UInt8(ascii: "%")
            }
    }
}
