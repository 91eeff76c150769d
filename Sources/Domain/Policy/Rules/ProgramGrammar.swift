/// The arguments that an allow rule accepts: every option and every operand has to be known.
///
/// Options are given as one text: `-alh` are three letters without a value, `-n:number` takes a value,
/// `--color[:always|auto]` may have one after `=`, `-#` is a number such as `-20`, `--` may end the options. Operands
/// are given as kinds in their order, with `?`, `*` or `+` after a kind, or as `=status|show` for certain words. Nothing
/// is abbreviated, and nothing that is not literal is accepted but a pattern as a path, where any number of paths may
/// stand. The kinds are in ``Kind``.
public struct ProgramGrammar: Sendable, Equatable {
    /// An operand kind with how often it may stand.
    struct Operand: Sendable, Equatable {
        var kind: Kind
        var least: Int
        var most: Int
    }

    private enum Value: Sendable, Equatable {
        case none
        case needed(Kind)
        case afterEquals(Kind)
    }

    /// How options are written.
    public enum Style: String, Sendable, CaseIterable {
        /// Letters that may stand together behind one dash, and long names behind two.
        case letters
        /// Whole words behind one dash, as those of find, ip and openssl.
        case words
        /// Every argument is an operand, as for echo.
        case plain
    }

    private let style: Style
    private let values: [String: ValueSet]
    private var options: [String: Value] = [:]
    private var takesNumberAsOption = false
    private var takesDashes = false
    private var operands: [[Operand]]

    /// Reads a grammar, whose kinds may name sets of values; the error says what is wrong with it.
    public init(
        options: String,
        operands: [String],
        style: Style = .letters,
        values: [String: ValueSet] = [:]
    ) throws(Mistake) {
        self.style = style
        self.values = values
        self.operands = []
        for token in options.split(separator: " ") { try add(option: String(token)) }
        for alternative in operands {
            var sequence: [Operand] = []
            for token in alternative.split(separator: " ") {
                sequence.append(try operand(String(token)))
            }
            self.operands.append(sequence)
        }
    }

    /// What is wrong with a grammar.
    public struct Mistake: Error, Sendable, Equatable {
        /// One sentence.
        public let message: String
        init(_ message: String) { self.message = message }
    }

    private mutating func add(option token: String) throws(Mistake) {
        guard style != .plain else { throw Mistake("In the style “plain” nothing is an option.") }
        switch token {
        case "--": takesDashes = true
        case "-#": takesNumberAsOption = true
        default:
            guard token.hasPrefix("-") else { throw Mistake("“\(token)” is no option: it needs a dash.") }
            if let start = token.firstRange(of: "[:") {
                guard token.hasSuffix("]") else { throw Mistake("“\(token)” needs a ] at its end.") }
                let kind = try Kind(String(token[start.upperBound...].dropLast()), values)
                options[String(token[..<start.lowerBound])] = .afterEquals(kind)
            } else if let colon = token.firstIndex(of: ":") {
                options[String(token[..<colon])] =
                    .needed(try Kind(String(token[token.index(after: colon)...]), values))
            } else if token.hasPrefix("--") || style == .words {
                options[token] = Value.none
            } else {
                for letter in token.dropFirst() { options["-\(letter)"] = Value.none }
            }
        }
    }

    private func operand(_ token: String) throws(Mistake) -> Operand {
        var token = token
        var range = (1, 1)
        if let last = token.last, "?*+".contains(last) {
            token.removeLast()
            range = last == "?" ? (0, 1) : last == "*" ? (0, .max) : (1, .max)
        }
        let kind: Kind
        if token.hasPrefix("=") {
            kind = .words(token.dropFirst().split(separator: "|").map(String.init))
        } else {
            kind = try Kind(token, values)
            if case .words = kind {
                throw Mistake("“\(token)” is no kind of operand; words need a = before them.")
            }
        }
        return Operand(kind: kind, least: range.0, most: range.1)
    }

    // MARK: Matching

    /// A word of a command with what it is used as.
    public struct Use: Sendable, Equatable {
        /// The word, or the part of it that is the value.
        public let word: ShellWord
        /// What it is used as.
        public let kind: Kind
    }

    /// What the arguments are used as, or nil when they are not within the grammar.
    public func uses(of arguments: [ShellWord]) -> [Use]? {
        var uses: [Use] = []
        var found: [ShellWord] = []
        var place = 0
        var optionsAreOver = false
        while place < arguments.count {
            let word = arguments[place]
            place += 1
            guard style != .plain, !optionsAreOver, word.text.hasPrefix("-"), word.text != "-" else {
                // A pattern may become any name, also one that begins with a dash.
                if word.kind == .pattern, let first = word.text.utf8.first, "-*?[".utf8.contains(first) {
                    return nil
                }
                found.append(word)
                continue
            }
            guard let text = word.literal else { return nil }
            if text == "--" {
                guard takesDashes else { return nil }
                optionsAreOver = true
                continue
            }
            let isKnown =
                if style == .words || text.hasPrefix("--") {
                    takeLong(text, arguments, &place, &uses)
                } else {
                    takeCluster(text, arguments, &place, &uses)
                }
            guard isKnown else { return nil }
        }
        guard let operandUses = operandUses(of: found) else { return nil }
        return uses + operandUses
    }

    private func takeLong(_ text: String, _ arguments: [ShellWord], _ place: inout Int, _ uses: inout [Use])
        -> Bool
    {
        if let value = options[text] {
            switch value {
            case .none, .afterEquals: return true
            case .needed(let kind):
                guard place < arguments.count else { return false }
                defer { place += 1 }
                return take(arguments[place], as: kind, &uses)
            }
        }
        guard let equals = text.firstIndex(of: "="), text.hasPrefix("--"),
            let value = options[String(text[..<equals])]
        else { return takesNumberAsOption && Kind.isNumber(text) }
        switch value {
        case .none: return false
        case .needed(let kind), .afterEquals(let kind):
            return take(ShellWord(.literal, String(text[text.index(after: equals)...])), as: kind, &uses)
        }
    }

    private func takeCluster(
        _ text: String,
        _ arguments: [ShellWord],
        _ place: inout Int,
        _ uses: inout [Use]
    ) -> Bool {
        if takesNumberAsOption, Kind.isNumber(text) { return true }
        var rest = text.dropFirst()
        while let letter = rest.popFirst() {
            guard let value = options["-\(letter)"] else { return false }
            switch value {
            case .none: continue
            case .afterEquals: return false
            case .needed(let kind):
                if !rest.isEmpty { return take(ShellWord(.literal, String(rest)), as: kind, &uses) }
                guard place < arguments.count else { return false }
                defer { place += 1 }
                return take(arguments[place], as: kind, &uses)
            }
        }
        return true
    }

    /// A value is literal and no option by its looks, so that a mistake in a table cannot smuggle one in.
    private func take(_ word: ShellWord, as kind: Kind, _ uses: inout [Use]) -> Bool {
        guard let text = word.literal, kind.accepts(word) else { return false }
        if text.hasPrefix("-"), text != "-", !kind.mayBeginWithDash { return false }
        uses.append(Use(word: word, kind: kind))
        return true
    }

    private func operandUses(of words: [ShellWord]) -> [Use]? {
        for sequence in operands {
            var uses: [Use] = []
            if match(words[...], sequence[...], &uses) { return uses }
        }
        return nil
    }

    private func match(_ words: ArraySlice<ShellWord>, _ kinds: ArraySlice<Operand>, _ uses: inout [Use])
        -> Bool
    {
        guard let operand = kinds.first else { return words.isEmpty }
        var taken = 0
        while taken < words.count, taken < operand.most, accepts(words[words.startIndex + taken], as: operand)
        {
            taken += 1
        }
        while taken >= operand.least {
            let mark = uses.count
            for word in words.prefix(taken) { uses.append(Use(word: word, kind: operand.kind)) }
            if match(words.dropFirst(taken), kinds.dropFirst(), &uses) { return true }
            uses.removeSubrange(mark...)
            taken -= 1
        }
        return false
    }

    /// A pattern may become several names, of which the second could be what a program writes to.
    private func accepts(_ word: ShellWord, as operand: Operand) -> Bool {
        (word.kind == .literal || operand.most == .max) && operand.kind.accepts(word)
    }
}
