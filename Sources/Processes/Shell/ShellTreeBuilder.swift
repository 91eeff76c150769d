internal import Domain

/// Walks the syntax tree of a command into the tree that the policy judges.
///
/// Every node type and every member of the parser's tree is known here by name; what is not becomes a construct that
/// asks. Operators are read from the source where the tree says they stand, since their numbers change with the
/// parser's version.
struct ShellTreeBuilder {
    /// What surrounds a statement.
    struct Context {
        /// Redirections of the compound commands around it.
        var redirections: [ShellRedirection] = []
        /// The commands that write to its input.
        var pipedFrom: [Int] = []
        var function: String?
    }

    /// The directory after a statement, by how it ended.
    struct Ways: Equatable {
        var success: ShellCommand.Directory
        var failure: ShellCommand.Directory

        init(_ both: ShellCommand.Directory) { (success, failure) = (both, both) }
        init(success: ShellCommand.Directory, failure: ShellCommand.Directory) {
            self.success = success
            self.failure = failure
        }

        /// The directory when it is not known how it ended.
        var either: ShellCommand.Directory { success == failure ? success : .unknown }
        func merged(_ other: Ways) -> ShellCommand.Directory { either == other.either ? either : .unknown }
    }

    let source: [UInt8]
    var tree = ShellTree()

    /// The tree of a parsed text.
    static func tree(_ file: SyntaxNode, of source: [UInt8]) -> ShellTree {
        var builder = ShellTreeBuilder(source: source)
        builder.know(file, ["Type", "Name", "Stmts", "Last"])
        if file.type != "File" { builder.unknown("a text of type \(file.type ?? "none")") }
        _ = builder.statements(file.list("Stmts"), .initial, Context())
        return builder.tree
    }

    private init(source: [UInt8]) { self.source = source }

    // MARK: What is known

    mutating func add(_ kind: ShellConstruct.Kind, _ detail: String = "") {
        tree.constructs.append(ShellConstruct(kind, detail))
    }

    mutating func unknown(_ detail: String) { add(.unknown, detail) }

    /// Asks when a node has a member that this walk has never heard of, positions and comments aside.
    mutating func know(_ node: SyntaxNode, _ names: Set<String>) {
        guard case .object(let members) = node else { return unknown("a part that is missing") }
        for (name, value) in members.sorted(by: { $0.key < $1.key })
        where !names.contains(name) && !Self.common.contains(name) {
            if case .number = value { continue }
            unknown("\(node.type ?? "a part") with \(name)")
        }
    }

    private static let common: Set<String> = [
        "Type", "Comments", "Last", "CondLast", "ThenLast", "DoLast",
    ]

    /// The operator that stands in the source at a node's `OpPos`.
    func operatorText(_ node: SyntaxNode, among operators: [String]) -> String? {
        guard let place = node["OpPos"]?.number, place <= source.count else { return nil }
        return operators.first { source[place...].starts(with: $0.utf8) }
    }

    // MARK: Statements

    /// Statements one after the other.
    mutating func statements(
        _ list: [SyntaxNode],
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        var ways = Ways(start)
        for node in list { ways = statement(node, ways.either, context) }
        return ways
    }

    /// One statement with its redirections.
    mutating func statement(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["Cmd", "Redirs", "Negated", "Background", "Coprocess"])
        if node.flag("Coprocess") { add(.coprocess) }
        if node.flag("Background") { add(.background) }
        let redirections = node.list("Redirs").map { redirection($0) }
        var ways: Ways
        switch node["Cmd"] {
        case let command? where command.type == "CallExpr":
            ways = call(command, redirections, start, context)
        case let command? where command.type == "DeclClause":
            declaration(command, redirections, start, context)
            ways = Ways(start)
        case let command?:
            let before = tree.commands.count
            var inner = context
            inner.redirections = redirections + context.redirections
            ways = compound(command, start, inner)
            if tree.commands.count == before, !redirections.isEmpty {
                append(ShellCommand(redirections: inner.redirections), start, context)
            }
        case nil:
            append(ShellCommand(redirections: redirections + context.redirections), start, context)
            ways = Ways(start)
        }
        for redirection in node.list("Redirs") {
            let owner = tree.commands.isEmpty ? nil : tree.commands.count - 1
            substitutions(in: redirection, start, context, owner: owner)
        }
        if node.flag("Background") { return Ways(start) }
        if node.flag("Negated") { ways = Ways(success: ways.failure, failure: ways.success) }
        return ways
    }

    /// Adds a command as it is seen from around it; returns its place.
    @discardableResult
    mutating func append(_ command: ShellCommand, _ directory: ShellCommand.Directory, _ context: Context)
        -> Int
    {
        var command = command
        command.directory = directory
        command.pipedFrom = context.pipedFrom
        command.function = context.function
        tree.commands.append(command)
        return tree.commands.count - 1
    }

    // MARK: Simple commands

    private mutating func call(
        _ node: SyntaxNode,
        _ redirections: [ShellRedirection],
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["Assigns", "Args"])
        let words = node.list("Args").map { word($0) }
        let command = ShellCommand(
            assignments: node.list("Assigns").map { assignment($0) },
            words: words,
            redirections: redirections + context.redirections
        )
        let place = append(command, start, context)
        substitutions(in: .list(node.list("Assigns") + node.list("Args")), start, context, owner: place)
        return Self.ways(after: words, from: start)
    }

    private mutating func declaration(
        _ node: SyntaxNode,
        _ redirections: [ShellRedirection],
        _ start: ShellCommand.Directory,
        _ context: Context
    ) {
        know(node, ["Variant", "Args"])
        let variant = node["Variant"]?["Value"]?.text ?? ""
        let arguments = node.list("Args")
        let words = arguments.map { argument in
            argument["Name"] == nil
                ? word(argument["Value"] ?? .null)
                : ShellWord(argument.flag("Naked") ? .literal : .undecoded, written(argument))
        }
        let names = arguments.compactMap { $0["Name"]?["Value"]?.text }
        add(.declaration, names.isEmpty ? variant : names.joined(separator: ", "))
        let command = ShellCommand(
            assignments: arguments.filter { !$0.flag("Naked") }.map { assignment($0) },
            words: [ShellWord(.literal, variant)] + words,
            redirections: redirections + context.redirections
        )
        let place = append(command, start, context)
        substitutions(in: .list(arguments), start, context, owner: place)
    }

    private mutating func assignment(_ node: SyntaxNode) -> ShellAssignment {
        know(node, ["Name", "Value", "Append", "Naked", "Index", "Array"])
        let isPlain = !node.flag("Append") && node["Index"] == nil && node["Array"] == nil
        return ShellAssignment(
            name: node["Name"]?["Value"]?.text ?? written(node),
            value: isPlain ? node["Value"].map { word($0) } ?? ShellWord(.literal, "") : nil
        )
    }

    /// A word; parts of an unknown type make it undecoded, and ask.
    mutating func word(_ node: SyntaxNode) -> ShellWord {
        know(node, ["Parts"])
        for part in node.list("Parts") where !Self.parts.contains(part.type ?? "") {
            unknown("a word with \(part.type ?? "a part without a type")")
        }
        return WordDecoder.word(node, in: source)
    }

    private static let parts: Set<String> = [
        "Lit", "SglQuoted", "DblQuoted", "ParamExp", "CmdSubst", "ArithmExp", "ProcSubst", "ExtGlob",
        "BraceExp",
    ]

    func written(_ node: SyntaxNode) -> String { WordDecoder.written(node, in: source) }

    // MARK: Directories

    private static let movers: Set<String> = ["cd", "pushd", "popd", "eval", "source", "."]

    /// Where the shell stands after a simple command.
    private static func ways(after words: [ShellWord], from start: ShellCommand.Directory) -> Ways {
        guard Invocation.all(in: words).contains(where: { $0.name.map(movers.contains) ?? true }) else {
            return Ways(start)
        }
        guard words.first?.literal == "cd", let path = destination(words.dropFirst(), from: start) else {
            return Ways(words.isEmpty ? start : .unknown)
        }
        return Ways(success: .path(path), failure: start)
    }

    private static func destination(_ arguments: ArraySlice<ShellWord>, from start: ShellCommand.Directory)
        -> String?
    {
        var arguments = arguments
        if arguments.first?.literal == "--" { arguments.removeFirst() }
        guard arguments.count == 1, let path = arguments.first?.literal, !path.isEmpty, !path.hasPrefix("-")
        else {
            return nil
        }
        if path.hasPrefix("/") { return path }
        // With dots the shell goes by the names, and the kernel by the links.
        guard case .path(let base) = start, !path.split(separator: "/").contains("..") else { return nil }
        return base + "/" + path
    }

    // MARK: Substitutions

    /// Walks the commands whose output is used somewhere in a node.
    ///
    /// `owner` is the command that reads or feeds process substitutions.
    mutating func substitutions(
        in node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context,
        owner: Int?
    ) {
        switch node {
        case .null, .flag, .number, .text: return
        case .list(let nodes): for node in nodes { substitutions(in: node, start, context, owner: owner) }
        case .object(let members):
            switch node.type {
            case "CmdSubst":
                know(node, ["Stmts", "Backquotes"])
                var inner = context
                inner.redirections = []
                _ = statements(node.list("Stmts"), start, inner)
            case "ProcSubst":
                know(node, ["Stmts"])
                processSubstitution(node, start, context, owner: owner)
            default:
                for (_, value) in members.sorted(by: { $0.key < $1.key }) {
                    substitutions(in: value, start, context, owner: owner)
                }
            }
        }
    }

    private mutating func processSubstitution(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context,
        owner: Int?
    ) {
        var inner = context
        inner.redirections = []
        let before = tree.commands.count
        switch operatorText(node, among: ["<(", ">("]) {
        case "<(":
            _ = statements(node.list("Stmts"), start, inner)
            if let owner { tree.commands[owner].pipedFrom += Array(before..<tree.commands.count) }
        case ">(":
            inner.pipedFrom = owner.map { [$0] } ?? []
            _ = statements(node.list("Stmts"), start, inner)
        default:
            unknown("a process substitution")
            _ = statements(node.list("Stmts"), start, inner)
        }
    }
}
