import Testing

@testable import deckhand

@Suite struct ParsedArgumentsTests {
    private let specification = CommandSpecification(
        name: "try",
        summary: "Try.",
        operands: [.init(name: "COMMAND"), .init(name: "MORE", isOptional: true)],
        options: [
            .init(flag: "--session", placeholder: "NAME", summary: "A value."),
            .init(flag: "--json", summary: "A switch."),
        ]
    )

    struct Line: Sendable {
        let words: [String]
        var operands: [String] = []
        var values: [String: String] = [:]
    }

    static let lines = [
        Line(words: ["ls"], operands: ["ls"]),
        Line(words: ["ls -la", "x"], operands: ["ls -la", "x"]),
        Line(words: ["--json", "ls"], operands: ["ls"], values: ["--json": ""]),
        Line(words: ["ls", "--session", "s"], operands: ["ls"], values: ["--session": "s"]),
        Line(words: ["--session=a=b", "ls"], operands: ["ls"], values: ["--session": "a=b"]),
        Line(words: ["--session", "--json", "ls"], operands: ["ls"], values: ["--session": "--json"]),
        Line(words: ["--session=", "ls"], operands: ["ls"], values: ["--session": ""]),
        Line(words: ["--", "--json", "--"], operands: ["--json", "--"]),
        Line(words: ["-"], operands: ["-"]),
    ]

    @Test("words are taken apart", arguments: lines)
    func parsing(line: Line) throws {
        let parsed = try ParsedArguments(line.words, for: specification)
        #expect(parsed.operands == line.operands)
        #expect(parsed.values == line.values)
    }

    @Test(
        "mistakes are named",
        arguments: [
            ([], "COMMAND is missing"), (["a", "b", "c"], "quotes"),
            (["--sesion", "x", "a"], "mean --session?"),
            (["--json=1", "a"], "takes no value"), (["a", "--session"], "needs a value"),
            (["--json", "--json", "a"], "twice"), (["-la"], "not an option"),
            (["--token", "x", "a"], "DECKHAND_TOKEN"),
            (["--hash=x", "a"], "DECKHAND_TOKEN"),
        ]
    )
    func mistakes(words: [String], text: String) {
        do throws(UsageError) {
            _ = try ParsedArguments(words, for: specification)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(text), "\(error)")
        }
    }

    @Test("values have ranges")
    func values() throws {
        let parsed = try ParsedArguments(["--session", "12", "x"], for: specification)
        #expect(try parsed.integer("--session", in: 1...12) == 12)
        #expect(throws: UsageError.self) { try parsed.integer("--session", in: 1...11) }
        #expect(try parsed.duration("--session", atMost: .seconds(60)) == .seconds(12))
        #expect(throws: UsageError.self) { try parsed.duration("--session", atMost: .seconds(11)) }
        #expect(try parsed.integer("--json", in: 1...2) == nil)
        #expect(throws: UsageError.self) { try ParsedArguments.ticketNumber("0") }
    }
}
