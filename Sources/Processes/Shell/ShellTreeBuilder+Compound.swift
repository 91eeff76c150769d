internal import Domain

/// Commands that hold others.
extension ShellTreeBuilder {
    mutating func compound(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        switch node.type {
        case "BinaryCmd": return binary(node, start, context)
        case "Block":
            know(node, ["Stmts"])
            return statements(node.list("Stmts"), start, context)
        case "Subshell":
            know(node, ["Stmts"])
            _ = statements(node.list("Stmts"), start, context)
            return Ways(start)
        case "IfClause": return condition(node, start, context)
        case "WhileClause":
            know(node, ["Cond", "Do", "Until"])
            return loop(start) { builder in
                let ways = builder.statements(node.list("Cond"), start, context)
                return Ways(ways.merged(builder.statements(node.list("Do"), ways.either, context)))
            }
        case "ForClause": return iteration(node, start, context)
        case "CaseClause": return selection(node, start, context)
        case "FuncDecl": return function(node, start, context)
        case "TimeClause":
            know(node, ["PosixFormat", "Stmt"])
            guard let inner = node["Stmt"] else { return Ways(start) }
            return statement(inner, start, context)
        case "CoprocClause":
            know(node, ["Name", "Stmt"])
            add(.coprocess)
            if let inner = node["Stmt"] { _ = statement(inner, start, context) }
            return Ways(start)
        case "ArithmCmd", "LetClause":
            know(node, ["X", "Exprs", "Unsigned"])
            add(.arithmetic)
            substitutions(in: node, start, context, owner: nil)
            return Ways(start)
        case "TestClause":
            know(node, ["X"])
            if !(node["X"].map { isPlainTest($0) } ?? false) { add(.test) }
            substitutions(in: node, start, context, owner: nil)
            return Ways(start)
        default:
            unknown(node.type ?? "a command without a type")
            substitutions(in: node, start, context, owner: nil)
            return Ways(.unknown)
        }
    }

    private mutating func binary(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["X", "Y"])
        guard let left = node["X"], let right = node["Y"] else {
            unknown("a list without its commands")
            return Ways(.unknown)
        }
        switch operatorText(node, among: ["&&", "||", "|&", "|"]) {
        case "&&":
            let first = statement(left, start, context)
            let second = statement(right, first.success, context)
            return Ways(
                success: second.success,
                failure: first.failure == second.failure ? first.failure : .unknown
            )
        case "||":
            let first = statement(left, start, context)
            let second = statement(right, first.failure, context)
            return Ways(
                success: first.success == second.success ? first.success : .unknown,
                failure: second.failure
            )
        case let pipe:
            if pipe == nil { unknown("a list with an operator that is not known") }
            let before = tree.commands.count
            _ = statement(left, start, context)
            var reader = context
            reader.pipedFrom = Array(before..<tree.commands.count)
            _ = statement(right, start, reader)
            return Ways(start)
        }
    }

    private mutating func condition(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["Cond", "Then", "Else"])
        let asked = statements(node.list("Cond"), start, context)
        // The else branch stands as a condition without one.
        let isElse = node.list("Cond").isEmpty
        let then = statements(node.list("Then"), isElse ? start : asked.success, context)
        guard let other = node["Else"] else {
            return Ways(isElse || then.either == asked.failure ? then.either : .unknown)
        }
        return Ways(then.merged(condition(other, asked.failure, context)))
    }

    /// Walks a loop; when it can move, nothing in it has a known directory.
    private mutating func loop(
        _ start: ShellCommand.Directory,
        _ body: (inout ShellTreeBuilder) -> Ways
    ) -> Ways {
        let before = tree.commands.count
        let ways = body(&self)
        guard ways.either != start else { return Ways(start) }
        for place in before..<tree.commands.count { tree.commands[place].directory = .unknown }
        return Ways(.unknown)
    }

    private mutating func iteration(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["Select", "Braces", "Loop", "Do"])
        if node.flag("Select") { add(.select) }
        let header = node["Loop"] ?? .null
        switch header.type {
        case "WordIter":
            know(header, ["Name", "Items"])
            let name = header["Name"]?["Value"]?.text ?? ""
            // A single small letter means nothing to bash or to programs, and its value asks where it is used.
            let isHarmless = name.utf8.count == 1 && name.utf8.allSatisfy { (0x61...0x7A).contains($0) }
            if !isHarmless { add(.loopVariable, name) }
            for item in header.list("Items") { _ = word(item) }
        case "CStyleLoop":
            know(header, ["Init", "Cond", "Post"])
            add(.arithmetic)
        default: unknown("a loop over \(header.type ?? "nothing")")
        }
        substitutions(in: header, start, context, owner: nil)
        return loop(start) { builder in
            Ways(builder.statements(node.list("Do"), start, context).merged(Ways(start)))
        }
    }

    private mutating func selection(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["Word", "Items", "Braces"])
        var isPlain = node["Word"].map { word($0).kind == .literal } ?? false
        substitutions(in: node["Word"] ?? .null, start, context, owner: nil)
        var end = start
        for item in node.list("Items") {
            know(item, ["Patterns", "Stmts"])
            for pattern in item.list("Patterns") where ![.literal, .pattern].contains(word(pattern).kind) {
                isPlain = false
            }
            substitutions(in: .list(item.list("Patterns")), start, context, owner: nil)
            // One may fall through into the next, from wherever it went.
            let ways = statements(item.list("Stmts"), end, context)
            end = ways.either == end ? end : .unknown
        }
        if !isPlain { add(.casePattern) }
        return Ways(end)
    }

    private mutating func function(
        _ node: SyntaxNode,
        _ start: ShellCommand.Directory,
        _ context: Context
    ) -> Ways {
        know(node, ["RsrvWord", "Parens", "Name", "Body"])
        let name = node["Name"]?["Value"]?.text ?? written(node)
        add(.function, name)
        var inner = Context()
        inner.function = name
        if let body = node["Body"] { _ = statement(body, .unknown, inner) }
        // From here on a call of it may go anywhere.
        return Ways(.unknown)
    }

    // MARK: Conditions

    private static let unaryTests: Set<String> = [
        "-e", "-f", "-d", "-r", "-w", "-x", "-s", "-L", "-h", "-b", "-c", "-p", "-S", "-g", "-u", "-k", "-O",
        "-G", "-N", "-z", "-n", "!",
    ]
    private static let binaryTests: Set<String> = ["==", "!=", "=", "-nt", "-ot", "-ef", "&&", "||"]

    /// Says whether a condition only compares and looks at what stands in the text.
    private mutating func isPlainTest(_ node: SyntaxNode) -> Bool {
        switch node.type {
        case "Word": return [.literal, .pattern].contains(word(node).kind)
        case "ParenTest":
            know(node, ["X"])
            return node["X"].map { isPlainTest($0) } ?? false
        case "UnaryTest":
            know(node, ["X"])
            return testOperator(node).map(Self.unaryTests.contains) ?? false
                && node["X"].map { isPlainTest($0) } ?? false
        case "BinaryTest":
            know(node, ["X", "Y"])
            guard testOperator(node).map(Self.binaryTests.contains) ?? false, let left = node["X"],
                let right = node["Y"]
            else { return false }
            let isPlain = isPlainTest(left)
            return isPlainTest(right) && isPlain
        default: return false
        }
    }

    private func testOperator(_ node: SyntaxNode) -> String? {
        guard let place = node["OpPos"]?.number, place < source.count else { return nil }
        if source[place] == UInt8(ascii: "!"), source[(place + 1)...].first != UInt8(ascii: "=") {
            return "!"
        }
        return String(decoding: source[place...].prefix { !" \t\n".utf8.contains($0) }, as: UTF8.self)
    }
}
