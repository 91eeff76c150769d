import Core
import Domain
import Testing

@Suite("The built-in rules of the command policy")
struct BuiltInPolicyTests {
    private struct PlainWorld: PolicyWorld {
        func program(_ name: String) -> ProgramResolution { .trusted(name: name) }
        func realPath(_ path: String) -> String? { path }
        func matches(_ pattern: String) -> [String]? { [] }
    }

    /// A simple command of literal words.
    private func tree(_ line: String) -> ShellTree {
        ShellTree(
            commands: [
                ShellCommand(words: line.split(separator: " ").map { ShellWord(.literal, String($0)) })
            ]
        )
    }

    private func judge(_ line: String, _ scope: PolicyScope) -> PolicyVerdict {
        PolicyJudge(rules: .builtIn, world: PlainWorld(), paths: SensitivePaths(own: ["/data"]))
            .judge(tree(line), scope: scope, .init()).verdict
    }

    @Test(
        "deny through wrappers, flag orders, shortened options and paths, for people's doors too",
        arguments: [
            "rm -rf /", "sudo rm -fr /etc/", "env rm -R ///", "/bin/rm --recu /var/.",
            "nice -n 5 rm -r -f /usr/../home",
            "dd of=/dev//sda", "iptables -t nat --flush", "timeout 5 mkfs /dev/vdb",
            "systemctl --now mask deckhand.service",
            "cat /data/keys/master", "cat /data/../data/keys",
        ]
    )
    func denied(_ line: String) {
        for scope in PolicyScope.allCases {
            guard case .deny = judge(line, scope) else {
                Issue.record("\(line) is not denied")
                return
            }
        }
    }

    @Test("ask for what no rule knows, and let people's doors through")
    func unknown() {
        guard case .ask(_, let rule) = judge("frobnicate /tmp/build", .full) else {
            Issue.record("it is not asked for")
            return
        }
        #expect(rule == "default")
        #expect(judge("frobnicate /tmp/build", .denyOnly) == .allow)
    }

    @Test("a tree survives being stored, and cut bytes are no tree")
    func coding() {
        let tree = tree("ls -l /var/log")
        #expect(ShellTree(encoded: tree.encoded) == tree)
        for count in 0..<tree.encoded.count {
            #expect(ShellTree(encoded: Array(tree.encoded.prefix(count))) == nil)
        }
    }

    @Test("all mistakes of a rule file are told together")
    func mistakes() throws {
        let text =
            "{default: 'allow', rules: [{id: 'a', decision: 'allow', program: 'ls', reason: 'x', matches: ['ls']}, {id: 'b'}]}"
        let json = try JSONValue(parsing: Array(text.utf8), allowsJSON5: true)
        do throws(PolicyMistakes) {
            _ = try PolicyRuleSet(json: json)
            Issue.record("the rule set was taken")
        } catch {
            let places = Set(error.mistakes.map(\.place))
            #expect(places.isSuperset(of: ["default", "rule a", "rule b, field decision"]))
        }
    }
}
