import Domain
import Processes
import Testing

@Suite("Commands read by the real shfmt")
struct ShfmtParserTests {
    private func tree(_ command: String) async throws -> ShellTree {
        let parser = try #require(await ShfmtParser.find())
        guard case .tree(let tree) = await parser.parse(command) else {
            Issue.record("\(command) is not parsed")
            return ShellTree()
        }
        return tree
    }

    private func lines(_ command: String) async throws -> [String] {
        try await tree(command).commands.map(\.display)
    }

    @Test(
        "words after quote removal",
        arguments: [
            (#"a\ b"c\"d\$x"'e'$'\x66\n'"#, ShellWord(.literal, "a bc\"d$xef\n")),
            ("r''m", ShellWord(.literal, "rm")), (#"r\m"#, ShellWord(.literal, "rm")),
            ("\"a$\"", ShellWord(.literal, "a$")), ("'*'", ShellWord(.literal, "*")),
            ("/etc/*.c\"*\"", ShellWord(.pattern, "/etc/*.c\\*")), ("a[bc]", ShellWord(.pattern, "a[bc]")),
            ("[", ShellWord(.literal, "[")), ("{}", ShellWord(.literal, "{}")),
            ("{a,b}", ShellWord(.brace, "{a,b}")), ("x{1..3}", ShellWord(.brace, "x{1..3}")),
            ("~/x", ShellWord(.tilde, "~/x")), ("of=~/x", ShellWord(.tilde, "of=~/x")),
            ("'~'", ShellWord(.literal, "~")),
            ("$x", ShellWord(.variable, "$x")), ("\"a${x:-b}\"", ShellWord(.variable, "\"a${x:-b}\"")),
            ("$(ls)", ShellWord(.substitution, "$(ls)")), ("`ls`", ShellWord(.substitution, "`ls`")),
            ("<(ls)", ShellWord(.substitution, "<(ls)")), ("$((1+2))", ShellWord(.arithmetic, "$((1+2))")),
            ("$[1+2]", ShellWord(.arithmetic, "$[1+2]")), ("$\"hi\"", ShellWord(.undecoded, "$\"hi\"")),
            (#"$'\u0041'"#, ShellWord(.undecoded, #"$'\u0041'"#)),
            ("!(a|b)", ShellWord(.undecoded, "!(a|b)")),
            ("a\\\nb", ShellWord(.literal, "ab")),
        ] as [(String, ShellWord)]
    )
    func words(_ text: String, _ word: ShellWord) async throws {
        #expect(try await tree("echo \(text)").commands.first?.words.dropFirst() == [word])
    }

    @Test(
        "finds every simple command, wherever it stands",
        arguments: [
            ("a && b || c; d | e & f", ["a", "b", "c", "d", "e", "f"]),
            ("(a; { b; }) > /tmp/x", ["a > /tmp/x", "b > /tmp/x"]),
            ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
            ("while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]),
            ("for i in $(a); do b; done", ["a", "b"]), ("for ((i=$(a);i<3;i++)); do b; done", ["a", "b"]),
            ("case $(a) in x) b;; *) c;; esac", ["a", "b", "c"]), ("f() { a; }; f", ["a", "f"]),
            ("! time -p a", ["a"]), ("coproc a", ["a"]), ("select x in $(a); do b; done", ["a", "b"]),
            ("x=$(a) y=`b` c", ["x='$(a)' y='`b`' c", "a", "b"].map { $0.replacing("'", with: "") }),
            ("a \"${x:-$(b)}\" $((1+$(c)))", ["a \"${x:-$(b)}\" $((1+$(c)))", "b", "c"]),
            ("a[$(b)]=1", ["a=(…)", "b"]), ("a=($(b))", ["a=(…)", "b"]),
            ("[[ -f $(a) ]]; ((x=$(b)))", ["a", "b"]), ("export X=$(a)", ["X=$(a) export X=$(a)", "a"]),
            ("cat <<E\n$(a)\nE", ["cat <<…", "a"]), ("a > >(b) < <(c)", ["a > >(b) < <(c)", "b", "c"]),
            ("> /tmp/x", ["> /tmp/x"]), ("a 2>&1 >&- >&f &>>g {x}<h <<<i", ["a >&1 >&- > f > g {…}> h <<…"]),
            ("{ :; } 2>/dev/null", [": > /dev/null"]), ("((x++)) > /tmp/x", ["> /tmp/x"]),
        ] as [(String, [String])]
    )
    func commands(_ text: String, _ expected: [String]) async throws {
        #expect(try await lines(text) == expected)
    }

    @Test(
        "parts that do more than run commands are constructs",
        arguments: [
            ("f() { a; }", .function), ("coproc a", .coprocess), ("a &", .background), ("((a))", .arithmetic),
            ("let a=1", .arithmetic), ("for ((;;)); do a; done", .arithmetic), ("[[ $a == b ]]", .test),
            ("[[ -v a ]]", .test), ("[[ a -eq b ]]", .test), ("declare -x A=1", .declaration),
            ("export PATH=/tmp", .declaration), ("select x in a; do b; done", .select),
            ("for PATH in a; do b; done", .loopVariable), ("case $a in b) c;; esac", .casePattern),
            ("bash -c 'if then'", .embeddedText),
        ] as [(String, ShellConstruct.Kind)]
    )
    func constructs(_ text: String, _ kind: ShellConstruct.Kind) async throws {
        #expect(try await tree(text).constructs.map(\.kind).contains(kind))
    }

    @Test(
        "plain lists and conditions are no constructs",
        arguments: [
            "a; b && c | d", "if [[ -f /x && a == b* ]]; then c; fi", "for i in 1 2; do a; done",
            "case a in b|c*) d;; esac", "{ a; } 2>&1", "(a)", "! a", "time a",
        ]
    )
    func plain(_ text: String) async throws {
        #expect(try await tree(text).constructs == [])
    }

    @Test("knows the directory behind a cd that succeeded, and no other")
    func directories() async throws {
        func directory(_ text: String) async throws -> ShellCommand.Directory? {
            try await tree(text).commands.last { !$0.isEmbedded }?.directory
        }
        #expect(try await directory("cd /a && x") == .path("/a"))
        #expect(try await directory("cd /a && cd b && x") == .path("/a/b"))
        #expect(try await directory("! cd /b || x") == .path("/b"))
        #expect(try await directory("(cd /a) && x") == .initial)
        #expect(try await directory("cd /a | x") == .initial)
        #expect(try await directory("cd /a & x") == .initial)
        #expect(try await directory("cd /a || x") == .initial)
        for text in [
            "cd /a; x", "cd a && x", "cd /a && cd .. && x", "cd && x", "cd - && x", "pushd /a && x",
            "cd $a && x",
            "if cd /a; then :; fi; x", "eval y; x", "$a; x", "builtin cd /a && x", "\\c\\d /a; x",
            "case a in b) cd /a;; esac; x",
            "f() { :; }; f; x", "cd /a && b || x",
        ] {
            #expect(try await directory(text) == .unknown, "\(text)")
        }
        let loop = try await tree("for i in 1 2; do x; cd /a; done")
        #expect(loop.commands[0].directory == .unknown)
    }

    @Test("knows what is piped into a command")
    func pipes() async throws {
        let tree = try await tree("a | b | { c; d <(e); }")
        #expect(tree.commands.map(\.pipedFrom) == [[], [0], [0, 1], [0, 1, 4], [0, 1]])
    }

    @Test("reads the texts that commands hand to shells, and theirs")
    func embedded() async throws {
        let tree = try await tree(
            "sudo bash -c \"sh -c 'rm -rf /'\"; echo 'reboot now' | sh; bash <<'E'\nhalt -f\nE"
        )
        let embedded = tree.commands.filter(\.isEmbedded).map(\.display)
        #expect(embedded.contains("rm -rf /"))
        #expect(embedded.contains("reboot now"))
        #expect(embedded.contains("halt -f"))
        let deep = try await self.tree(nested(8))
        #expect(deep.constructs.map(\.kind).contains(.tooDeep))
    }

    private func nested(_ depth: Int) -> String {
        (0..<depth).reduce("true x") { text, _ in
            "bash -c " + "'" + text.replacing("'", with: "'\\''") + "'"
        }
    }

    @Test(
        "what is no command is unparsable, with a reason",
        arguments: [
            "if", "a (", "echo 'x", "#!/bin/sh\nls", "ls\r\n", "a\u{202E}b",
            String(repeating: "$(", count: 500),
        ]
    )
    func unparsable(_ text: String) async throws {
        let parser = try #require(await ShfmtParser.find())
        guard case .unparsable(let reason) = await parser.parse(text) else {
            Issue.record("it is parsed")
            return
        }
        #expect(!reason.isEmpty && !reason.contains("standard input"))
    }

    @Test("deep nesting and long texts end in an answer")
    func bounds() async throws {
        let parser = try #require(await ShfmtParser.find())
        let deep = String(repeating: "$(", count: 1_000) + "a" + String(repeating: ")", count: 1_000)
        guard case .unparsable = await parser.parse("echo " + deep) else {
            Issue.record("it is parsed")
            return
        }
        let long = String(repeating: "echo a; ", count: 1_000)
        guard case .tree(let tree) = await parser.parse(long) else {
            Issue.record("it is not parsed")
            return
        }
        #expect(tree.commands.count == 1_000)
    }

    @Test("without the program there is no parser, and a slow one is unavailable")
    func missing() async throws {
        #expect(await ShfmtParser.find(at: "/nonexistent/shfmt") == nil)
        guard case .unavailable = await MissingParser().parse("ls") else {
            Issue.record("it parsed")
            return
        }
    }

    @Test("many callers share a few processes, and all are answered")
    func crowd() async throws {
        let parser = try #require(await ShfmtParser.find())
        let counts = await withTaskGroup(of: Int.self) { group in
            for place in 0..<40 {
                group.addTask {
                    guard case .tree(let tree) = await parser.parse("echo \(place); ls") else { return 0 }
                    return tree.commands.count
                }
            }
            return await group.reduce(0, +)
        }
        #expect(counts == 80)
    }
}
