internal import Core
public import Domain
internal import Synchronization

/// Reads commands with shfmt (shfmt(1), `--to-json`), one process for each text, a few at a time.
///
/// A text that a command hands to a shell is read as well, and so on to a depth; its commands are marked.
public final class ShfmtParser: ShellParser {
    /// Bounds of a parser.
    public struct Limits: Sendable {
        /// Processes at a time.
        public var processes = 2
        /// Commands that may wait for one.
        public var waiting = 512
        /// For one process.
        public var time: Duration = .seconds(5)
        /// Bytes that one process may print; a text of the longest permitted length prints about 8 MiB.
        public var output = 24 << 20
        /// How deeply texts for shells may be nested.
        public var depth = 4
        /// Texts for shells in one command, all depths together.
        public var texts = 24

        /// The usual bounds.
        public init() {}
    }

    /// What walks the tree here; a new number makes stored trees of the old walk useless.
    static let walk = 2
    /// Where it is: beside this program if it was delivered with it, else where Debian puts it.
    public static let usualPath = BesideProgram.file("shfmt") ?? "/usr/bin/shfmt"

    /// As the port says.
    public let version: String
    private let process: ShfmtProcess
    private let limits: Limits
    private let threads: [DedicatedThread]
    private let load: Mutex<Load>

    private struct Load {
        var waiting = 0
        var next = 0
    }

    private init(version: String, process: ShfmtProcess, limits: Limits) {
        self.version = version
        self.process = process
        self.limits = limits
        threads = (0..<max(limits.processes, 1)).map { DedicatedThread(name: "shfmt-\($0)") }
        load = Mutex(Load())
    }

    /// Finds the program and asks it for its version; nil when it is not there or does not answer.
    public static func find(at path: String = usualPath, limits: Limits = Limits()) async -> ShfmtParser? {
        let process = ShfmtProcess(path: path, timeLimit: limits.time, outputLimit: limits.output)
        let thread = DedicatedThread(name: "shfmt-version")
        guard case .printed(let bytes)? = try? await thread.run({ process.run(["--version"], input: []) })
        else {
            return nil
        }
        let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
        guard !line.isEmpty, line.utf8.count <= 64 else { return nil }
        return ShfmtParser(version: "shfmt \(line) walk \(walk)", process: process, limits: limits)
    }

    /// As the port says.
    public func parse(_ command: String) async -> ShellParse {
        let thread: DedicatedThread? = load.withLock { load in
            guard load.waiting < limits.waiting else { return nil }
            load.waiting += 1
            load.next = (load.next + 1) % threads.count
            return threads[load.next]
        }
        guard let thread else { return .unavailable("Too many commands wait to be parsed.") }
        defer { load.withLock { $0.waiting -= 1 } }
        let parse = try? await thread.run { [self] in
            var rest = limits.texts
            return whole(command, depth: 0, &rest)
        }
        return parse ?? .unavailable("The parser was stopped.")
    }

    /// A text and the texts that it hands to shells.
    private func whole(_ text: String, depth: Int, _ rest: inout Int) -> ShellParse {
        if let objection = ShellText.objection(to: text) { return .unparsable(objection) }
        let parse = one(text)
        guard case .tree(var tree) = parse else { return parse }
        for place in tree.commands.indices {
            let piped = tree.commands[place].pipedFrom.filter(tree.commands.indices.contains)
            let texts = Invocation.embeddedTexts(
                in: tree.commands[place],
                piped: piped.map { tree.commands[$0] }
            )
            for text in texts {
                guard depth < limits.depth, rest > 0 else {
                    tree.constructs.append(ShellConstruct(.tooDeep))
                    break
                }
                rest -= 1
                switch whole(text, depth: depth + 1, &rest) {
                case .tree(let inner): tree.embed(inner)
                case .unparsable:
                    tree.constructs.append(ShellConstruct(.embeddedText, String(text.prefix(80))))
                case .unavailable(let reason): return .unavailable(reason)
                }
            }
        }
        return .tree(tree)
    }

    private func one(_ text: String) -> ShellParse {
        guard let source = HashMarks.settled(Array(text.utf8)) else {
            return .unparsable("It has a # of which it cannot be told whether it begins a comment.")
        }
        if Self.isNestedDeeply(source) { return .unparsable("Commands are nested too deeply in it.") }
        switch process.run(["-ln=bash", "--to-json"], input: source) {
        case .refused(let line): return .unparsable(Self.reason(line))
        case .endless: return .unparsable("It is too long, or nested too deeply.")
        case .broken(let reason): return .unavailable(reason)
        case .printed(let bytes):
            do throws(SyntaxNode.Malformation) {
                return .tree(ShellTreeBuilder.tree(try SyntaxNode(parsing: bytes), of: source))
            } catch {
                switch error {
                case .tooDeep: return .unparsable("Commands are nested too deeply in it.")
                case .noJSON: return .unavailable("The parser's answer cannot be read.")
                }
            }
        }
    }

    /// The tree's text grows with the square of the nesting, so much of it is refused beforehand.
    private static func isNestedDeeply(_ source: [UInt8]) -> Bool {
        var depth = 0
        for byte in source {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth = max(depth - 1, 0) }
            if depth > 100 { return true }
        }
        return false
    }

    /// `<standard input>:1:3: reached EOF…` without the file's name.
    private static func reason(_ line: String) -> String {
        let prefix = "<standard input>:"
        let rest = line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : line
        return "It is no command that the parser understands (\(String(rest.prefix(160))))."
    }
}

/// Stands where no parser is installed: nothing can be read.
public struct MissingParser: ShellParser {
    /// Makes it.
    public init() {}
    /// Never the version of a parser.
    public var version: String { "none" }
    /// Always unavailable.
    public func parse(_ command: String) async -> ShellParse {
        .unavailable("shfmt, which reads commands for the rules, is not installed.")
    }
}

extension ShellTree {
    /// Adds what a text that one of the commands hands to a shell would run.
    fileprivate mutating func embed(_ inner: ShellTree) {
        let offset = commands.count
        for command in inner.commands {
            var command = command
            command.isEmbedded = true
            command.directory = .unknown
            command.pipedFrom = command.pipedFrom.map { $0 + offset }
            commands.append(command)
        }
        constructs += inner.constructs
    }
}
