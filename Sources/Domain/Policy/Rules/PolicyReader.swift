internal import Core

/// Reads rules from JSON and gathers what is wrong with them.
struct PolicyReader {
    struct Section {
        var rules: [PolicyRule] = []
        var disabled: [String] = []
        var defaultDecision = PolicyRule.Decision.ask
        var apiScope = PolicyScope.denyOnly
    }

    private(set) var mistakes: [PolicyMistakes.Mistake] = []

    private static let longestID = 64
    private static let fields: Set<String> = [
        "id", "decision", "reason", "hint", "program", "words", "flags", "anyArgument", "args", "writes",
        "pipedFrom", "reads", "fileSystem",
        "options", "operands", "style", "values", "targets", "input", "matches", "mustNotMatch",
    ]
    /// Programs that run what an argument says in a language of their own: they are allowed word by word only.
    private static let interpreters: Set<String> = [
        "awk", "gawk", "mawk", "nawk", "perl", "ruby", "node", "nodejs", "lua", "tclsh", "php", "sed", "vim",
        "vi", "ed", "emacs",
        "make", "ld.so",
    ]

    mutating func mistake(_ place: String, _ message: String) {
        mistakes.append(.init(place: place, message: message))
    }

    mutating func section(_ json: JSONValue?) -> Section {
        var section = Section()
        guard let json, json != .null else { return section }
        guard let members = json.object else {
            mistake("policy", "it must be an object")
            return section
        }
        for name in members.keys.sorted() where !["rules", "default", "disable", "api"].contains(name) {
            mistake(name, "it is not known here; known are rules, default, disable and api")
        }
        if let value = members["default"] {
            switch value.string.flatMap(PolicyRule.Decision.init(rawValue:)) {
            case .ask?: section.defaultDecision = .ask
            case .deny?: section.defaultDecision = .deny
            default: mistake("default", "it must be “ask” or “deny”; what no rule knows is never allowed")
            }
        }
        if let value = members["api"] {
            if let scope = value.string.flatMap(PolicyScope.init(rawValue:)) {
                section.apiScope = scope
            } else {
                mistake("api", "it must be “full” or “deny-only”")
            }
        }
        section.disabled = strings(members["disable"], "policy", "disable")
        guard let rules = members["rules"] else { return section }
        guard let list = rules.array else {
            mistake("rules", "they must be a list")
            return section
        }
        for (place, value) in list.enumerated() {
            let id = value["id"]?.string
            let name = id.map { "rule \($0)" } ?? "rule \(place + 1)"
            if let rule = rule(value, at: name, source: .file, id: id) { section.rules.append(rule) }
        }
        return section
    }

    /// One rule; nil after something was wrong with it.
    mutating func rule(
        _ json: JSONValue,
        at place: String,
        source: PolicyRule.Source,
        id: String?
    ) -> PolicyRule? {
        let before = mistakes.count
        guard let members = json.object else {
            mistake(place, "it must be an object")
            return nil
        }
        for name in members.keys.sorted() where !Self.fields.contains(name) {
            mistake(
                "\(place), field \(name)",
                "it is not known; known are \(Self.fields.sorted().joined(separator: ", "))"
            )
        }
        let isName: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._".utf8.contains(byte)
            }
        }
        if id.map({ $0.isEmpty || $0.utf8.count > Self.longestID || !$0.utf8.allSatisfy(isName) }) ?? true {
            mistake(
                "\(place), field id",
                "it needs one to \(Self.longestID) small letters, digits, dots and dashes"
            )
        }
        let decision = members["decision"]?.string.flatMap(PolicyRule.Decision.init(rawValue:))
        if decision == nil { mistake("\(place), field decision", "it must be “allow”, “ask” or “deny”") }
        let reason = members["reason"]?.string ?? ""
        if reason.isEmpty { mistake("\(place), field reason", "a sentence is missing that says why") }
        if let hint = members["hint"], hint.string == nil {
            mistake("\(place), field hint", "it must be a text")
        }
        let match = match(members, place)
        if decision == .allow { checkAllowance(match, place, source) }
        let matches = strings(members["matches"], place, "matches")
        if matches.isEmpty {
            mistake(
                "\(place), field matches",
                "a command that the rule must match is missing, which shows that it can"
            )
        }
        let others = strings(members["mustNotMatch"], place, "mustNotMatch")
        guard mistakes.count == before, let id, let decision else { return nil }
        return PolicyRule(
            id: id,
            match: match,
            decision: decision,
            reason: reason,
            hint: members["hint"]?.string,
            matches: matches,
            mustNotMatch: others,
            source: source
        )
    }

    private mutating func match(_ members: [String: JSONValue], _ place: String) -> PolicyMatch {
        var match = PolicyMatch()
        match.programs = globs(members["program"], place, "program")
        for program in match.programs where program.text.contains("/") {
            mistake("\(place), field program", "name \(program.text) without its directory")
        }
        match.words = strings(members["words"], place, "words").map { word in
            word.split(separator: "|").map { Glob(String($0)) }
        }
        match.flags = strings(members["flags"], place, "flags").map { spellings in
            spellings.split(separator: " ").map(String.init)
        }
        for flag in match.flags.joined() where !flag.hasPrefix("-") || flag == "-" {
            mistake(
                "\(place), field flags",
                "“\(flag)” needs its dash; spellings of one flag are separated by spaces"
            )
        }
        match.operands = globs(members["anyArgument"], place, "anyArgument")
        if members["args"] != nil {
            var arguments = strings(members["args"], place, "args")
            if arguments.last == "**" {
                arguments.removeLast()
                match.takesMoreArguments = true
            }
            match.arguments = arguments.map { Glob($0) }
        }
        match.writes = globs(members["writes"], place, "writes")
        match.pipedFrom = globs(members["pipedFrom"], place, "pipedFrom")
        match.reads = globs(members["reads"], place, "reads")
        if let value = members["fileSystem"] {
            match.needsWritableFiles = value.string == "writable"
            if !match.needsWritableFiles {
                mistake("\(place), field fileSystem", "it can only be “writable”")
            }
        }
        match.targets = globs(members["targets"], place, "targets")
        if let input = members["input"] {
            match.needsPlainInput = input.string == "plain"
            if !match.needsPlainInput { mistake("\(place), field input", "it can only be “plain”") }
        }
        if members["options"] != nil || members["operands"] != nil {
            match.grammar = grammar(members, place)
        }
        let isEmpty =
            match.programs.isEmpty && match.words.isEmpty && match.flags.isEmpty && match.operands.isEmpty
            && match.arguments == nil && match.writes.isEmpty && match.pipedFrom.isEmpty
        if isEmpty { mistake(place, "it says nothing about the command; name a program at least") }
        return match
    }

    private mutating func grammar(_ members: [String: JSONValue], _ place: String) -> ProgramGrammar? {
        let options: String
        switch members["options"] {
        case nil: options = ""
        case .string(let text)?: options = text
        default:
            mistake("\(place), field options", "it must be a text such as “-al -n:number --color[:auto]”")
            return nil
        }
        let style =
            members["style"].map { $0.string.flatMap(ProgramGrammar.Style.init(rawValue:)) } ?? .letters
        guard let style else {
            mistake("\(place), field style", "it must be “letters”, “words” or “plain”")
            return nil
        }
        let values = values(members["values"], place)
        let operands =
            members["operands"] == nil
            ? [""] : strings(members["operands"], place, "operands", takesEmpty: true)
        do throws(ProgramGrammar.Mistake) {
            return try ProgramGrammar(
                options: options,
                operands: operands,
                style: style,
                values: values
            )
        } catch {
            mistake("\(place), fields options and operands", error.message)
            return nil
        }
    }

    private mutating func values(_ json: JSONValue?, _ place: String) -> [String: ProgramGrammar.ValueSet] {
        guard let json else { return [:] }
        guard let members = json.object else {
            mistake("\(place), field values", "it must be an object of lists")
            return [:]
        }
        var sets: [String: ProgramGrammar.ValueSet] = [:]
        for name in members.keys.sorted() {
            if let only = members[name]?["only"]?.string, !only.isEmpty {
                sets[name] = .bytes(Set(only.utf8))
            } else {
                sets[name] = .patterns(globs(members[name], place, "values.\(name)"))
            }
        }
        return sets
    }

    /// A name alone is never enough to allow something.
    private mutating func checkAllowance(_ match: PolicyMatch, _ place: String, _ source: PolicyRule.Source) {
        if match.programs.isEmpty { mistake("\(place), field program", "an allow rule needs a program") }
        for program in match.programs where !program.isLiteral {
            mistake(
                "\(place), field program",
                "an allow rule names its programs without patterns, unlike \(program.text)"
            )
        }
        if match.grammar == nil, match.arguments == nil || match.takesMoreArguments {
            mistake(
                place,
                "an allow rule needs args without ** at its end, or options and operands: a program's name alone is "
                    + "never enough"
            )
        }
        guard source != .builtIn else { return }
        let starters = Invocation.wrappers.union(Invocation.shells).union(Self.interpreters)
        for program in match.programs {
            let isStarter = starters.contains(program.text) || program.text.hasPrefix("python")
            guard isStarter, match.grammar != nil || !(match.arguments ?? []).allSatisfy(\.isLiteral) else {
                continue
            }
            mistake(
                "\(place), field args",
                "\(program.text) runs what its arguments say: an allow rule for it lists them word by word"
            )
        }
    }

    private mutating func globs(_ value: JSONValue?, _ place: String, _ field: String) -> [Glob] {
        strings(value, place, field).map { Glob($0) }
    }

    private mutating func strings(
        _ value: JSONValue?,
        _ place: String,
        _ field: String,
        takesEmpty: Bool = false
    ) -> [String] {
        switch value {
        case nil: return []
        case .string(let text)? where takesEmpty || !text.isEmpty: return [text]
        case .array(let values)?:
            let texts = values.compactMap(\.string)
            if texts.count == values.count, takesEmpty || !texts.contains("") { return texts }
        default: break
        }
        mistake("\(place), field \(field)", "it must be a text or a list of texts, none of them empty")
        return []
    }
}
