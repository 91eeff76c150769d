import CLinux
import Core
import Domain
import FoundationEssentials
import TestSupport
import Testing

@testable import Processes

/// What bash really starts has to stand among the simple commands that the tree reports; what asks anyway may differ
/// only in ways that the tree says it does not know.
// One after the other: a program that is started while the recorder is written keeps it busy.
@Suite("Simple commands of the tree against what bash executes", .serialized)
struct BashComparisonTests {
    @Test("generated command lines: every program that bash starts is reported with its arguments")
    func generated() async throws {
        let parser = try #require(await ShfmtParser.find())
        let yard = try BashYard()
        let thread = DedicatedThread(name: "yard")
        var budget = FuzzBudget(rounds: 60)
        let firstSeed = UInt64(Environment.number("DECKHAND_FUZZ_SEED") ?? 1)
        var compared = 0
        var started = 0
        while let round = budget.next() {
            var generator = GeneratedCommand(seed: firstSeed &+ UInt64(round))
            let text = generator.text()
            guard case .tree(let tree) = await parser.parse(text) else { continue }
            // A text for a shell that cannot be read, or is too deep, is reported as such, and asks.
            if tree.constructs.contains(where: { [.embeddedText, .tooDeep, .unknown].contains($0.kind) }) {
                continue
            }
            let executed = try await thread.run { yard.run(text) }
            compared += 1
            started += executed.count
            for words in executed where !Reported.contains(words, in: tree) {
                Issue.record(
                    "seed \(firstSeed &+ UInt64(round)): bash started \(words), which is not reported, in:\n\(text)"
                )
            }
        }
        print("compared \(compared) command lines with bash; it started \(started) programs")
        #expect(compared > 20)
        #expect(started > compared / 2)
    }

    @Test(
        "the comparison sees a command that is missing, and one whose arguments differ",
        arguments: ["c1 a", "c1 'a b'", "c1 a; c2 x"]
    )
    func canFail(_ text: String) async throws {
        let yard = try BashYard(patience: .seconds(60))
        let thread = DedicatedThread(name: "yard")
        var executed: [[String]] = []
        // A child that another suite is just starting may hold the recorder open for writing: then it cannot be run yet.
        try await eventually("bash starts something") {
            executed = try await thread.run { yard.run(text) }
            return !executed.isEmpty
        }
        let other = ShellTree(commands: [
            ShellCommand(words: [ShellWord(.literal, "c1"), ShellWord(.literal, "b")])
        ])
        #expect(executed.contains { !Reported.contains($0, in: other) })
    }
}

/// A folder in which bash finds recorders and nothing else.
private struct BashYard: Sendable {
    private let folder: ScratchFolder
    private let bash: ShfmtProcess

    init(patience: Duration = .seconds(3)) throws {
        bash = ShfmtProcess(path: "/bin/bash", timeLimit: patience, outputLimit: 1 << 20)
        folder = try ScratchFolder()
        let files = FileManager.default
        for name in ["bin", "cwd", "home"] {
            try files.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
        }
        // One write for each start, so that the records of a pipe's commands do not mix. Odd names fail.
        let recorder = """
            #!/bin/bash
            printf -v line '%q ' "${0##*/}" "$@"
            printf '%s\\n' "$line" >>"$LOG"
            exit $(( ${0: -1} % 2 ))
            """
        _ = files.createFile(atPath: folder.file("bin/c0"), contents: Data(recorder.utf8))
        guard unsafe chmod(folder.file("bin/c0"), 0o755) == 0 else { throw Missing() }
        for number in 1...9 {
            try files.createSymbolicLink(atPath: folder.file("bin/c\(number)"), withDestinationPath: "c0")
        }
        for (name, target) in [("bash", "/bin/bash"), ("env", "/usr/bin/env")] {
            try files.createSymbolicLink(atPath: folder.file("bin/\(name)"), withDestinationPath: target)
        }
        for name in ["ga", "gb", "hc", "gin"] {
            _ = files.createFile(atPath: folder.file("cwd/\(name)"), contents: Data())
        }
    }

    private struct Missing: Error {}

    private static let wrapper = """
        cd "$1/cwd" && ulimit -t 2 -f 2048 && exec env -i PATH="$1/bin" LOG="$3" HOME="$1/home" x=vx n=c \
        /bin/bash --norc --noprofile -c "$2" </dev/null >/dev/null 2>&1
        """

    /// The words of every recorder that was started.
    func run(_ text: String) -> [[String]] {
        // A log of its own: a recorder in the background may come late.
        let log = folder.file("log-\(UInt64.random(in: 0...UInt64.max))")
        _ = bash.run(["-c", Self.wrapper, "yard", folder.path, text, log], input: [])
        guard let data = FileManager.default.contents(atPath: log) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap {
            Self.words(String($0))
        }
    }

    /// Undoes `printf %q`, which writes plain words with backslashes, `''` and `$'…'`.
    private static func words(_ line: String) -> [String]? {
        var words: [String] = []
        var rest = Array(line.utf8)[...]
        while let first = rest.first {
            if first == UInt8(ascii: " ") {
                rest.removeFirst()
                continue
            }
            var word: [UInt8] = []
            while let byte = rest.first, byte != UInt8(ascii: " ") {
                rest.removeFirst()
                if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                    word.append(next)
                } else if byte == UInt8(ascii: "'") {
                    rest = rest.dropFirst()
                } else if byte == UInt8(ascii: "$"), rest.first == UInt8(ascii: "'") {
                    var inner: [UInt8] = []
                    rest.removeFirst()
                    while let next = rest.popFirst(), next != UInt8(ascii: "'") {
                        inner.append(next)
                        if next == UInt8(ascii: "\\"), let escaped = rest.popFirst() { inner.append(escaped) }
                    }
                    guard let decoded = octal(inner) else { return nil }
                    word += decoded
                } else {
                    word.append(byte)
                }
            }
            words.append(String(decoding: word, as: UTF8.self))
        }
        return words
    }

    private static func octal(_ inner: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = inner[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                result.append(byte)
                continue
            }
            if (0x30...0x37).contains(next) {
                var value = 0
                for _ in 0..<3 { value = value * 8 + Int((rest.popFirst() ?? 0x30) - 0x30) }
                result.append(UInt8(truncatingIfNeeded: value))
            } else {
                rest.removeFirst()
                guard let decoded = EscapedText.decode("\\\(Character(UnicodeScalar(next)))") else {
                    return nil
                }
                result += decoded
            }
        }
        return result
    }
}

/// Says whether a tree reports a program's start.
private enum Reported {
    static func contains(_ executed: [String], in tree: ShellTree) -> Bool {
        // Behind a wrapper the words are part of its command; the words of a text for a shell are commands of their own.
        tree.commands.contains { command in
            let isWrapper = ["env", "command", "bash", "eval"].contains(command.words.first?.literal)
            return command.words.indices.prefix(isWrapper ? .max : 1).contains {
                fits(executed[...], command.words[$0...])
            }
        }
    }

    private static func fits(_ executed: ArraySlice<String>, _ words: ArraySlice<ShellWord>)
        -> Bool
    {
        guard let word = words.first else { return executed.isEmpty }
        let rest = words.dropFirst()
        switch word.kind {
        case .literal:
            guard let next = executed.first, next == word.text else { return false }
            return fits(executed.dropFirst(), rest)
        case .pattern:
            return (1...max(executed.count, 1)).contains { count in
                count <= executed.count
                    && executed.prefix(count).allSatisfy {
                        Glob(word.text).matches($0) || count == 1 && $0 == unescaped(word.text)
                    }
                    && fits(executed.dropFirst(count), rest)
            }
        case .tilde, .brace, .variable, .substitution, .arithmetic, .undecoded:
            return (0...executed.count).contains { count in
                fits(executed.dropFirst(count), rest)
            }
        }
    }

    /// A pattern that stands for no file stands for itself.
    private static func unescaped(_ text: String) -> String {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
