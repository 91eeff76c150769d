import Core
import Domain
import Processes
import Testing

@Suite("The built-in rules over the catalogues of commands, read by the real shfmt")
struct CatalogueTests {
    /// How the installation of these tests lies.
    private static let own = ["/var/lib/deckhand", "/etc/deckhand"]

    private func verdict(
        _ command: String,
        _ parser: ShfmtParser,
        scope: PolicyScope = .full
    ) async -> PolicyVerdict {
        let judge = PolicyJudge(
            rules: .builtIn,
            world: CatalogueWorld(),
            paths: SensitivePaths(own: Self.own)
        )
        if let objection = ShellText.objection(to: command) {
            return PolicyJudge.undecidable(command, objection).verdict
        }
        var problem = ""
        // On a busy machine it may be too late, which is no verdict yet.
        for _ in 0..<20 {
            switch await parser.parse(command) {
            case .tree(let tree):
                return judge.judge(tree, scope: scope, .init(workingDirectory: "/root")).verdict
            case .unparsable(let reason): return PolicyJudge.undecidable(command, reason).verdict
            case .unavailable(let reason): problem = reason
            }
        }
        Issue.record("the parser did not answer: \(problem)")
        return .allow
    }

    @Test("nothing that tries to get by is allowed")
    func bypass() async throws {
        let parser = try #require(await ShfmtParser.find())
        let catalogue = try Catalogue("bypass.txt")
        #expect(Set(catalogue.entries.map(\.command)).count >= 400)
        for entry in catalogue.entries {
            let verdict = await verdict(entry.command, parser)
            #expect(verdict != .allow, "\(catalogue.name):\(entry.line): \(entry.command)")
        }
    }

    @Test("everyday reading is allowed")
    func allowed() async throws {
        let parser = try #require(await ShfmtParser.find())
        let catalogue = try Catalogue("allowed.txt")
        #expect(Set(catalogue.entries.map(\.command)).count >= 150)
        for entry in catalogue.entries {
            let verdict = await verdict(entry.command, parser)
            #expect(verdict == .allow, "\(catalogue.name):\(entry.line): \(entry.command)")
        }
    }

    @Test("what destroys is denied, through every door")
    func denied() async throws {
        let parser = try #require(await ShfmtParser.find())
        let catalogue = try Catalogue("denied.txt")
        #expect(Set(catalogue.entries.map(\.command)).count >= 80)
        let filter = DenyFilter(rules: .builtIn, paths: SensitivePaths(own: Self.own))
        for entry in catalogue.entries {
            #expect(filter.canMatch(entry.command), "\(catalogue.name):\(entry.line) is not even parsed")
            for scope in PolicyScope.allCases {
                let verdict = await verdict(entry.command, parser, scope: scope)
                guard case .deny(let reason, _, let hint) = verdict else {
                    Issue.record("\(catalogue.name):\(entry.line) is \(verdict): \(entry.command)")
                    continue
                }
                #expect(!reason.isEmpty && !hint.isEmpty, "\(catalogue.name):\(entry.line)")
            }
        }
    }

    @Test(
        "a new line, or one with a changed word, of the allowed commands does not become allowed by accident"
    )
    func joined() async throws {
        let parser = try #require(await ShfmtParser.find())
        for entry in try Catalogue("allowed.txt").entries.enumerated().filter({ $0.offset % 4 == 0 }).map(
            \.element
        ) {
            for tail in [
                " > /etc/motd", "; touch /tmp/x", " | sh", " & ", "\ntouch /tmp/x", " $(id)", " `id`",
                " <(id)", " ${x}",
            ] {
                let command = entry.command + tail
                let verdict = await verdict(command, parser)
                #expect(verdict != .allow, "allowed.txt:\(entry.line): \(command)")
            }
        }
    }

    @Test("every rule matches its examples and no others of them")
    func examples() async throws {
        let parser = try #require(await ShfmtParser.find())
        for rule in BuiltInPolicy.rules {
            #expect(!rule.mustNotMatch.isEmpty, "\(rule.id) says nothing that it must not match")
            for (commands, expected) in [(rule.matches, true), (rule.mustNotMatch, false)] {
                for command in commands {
                    guard case .tree(let tree) = await parser.parse(command) else {
                        Issue.record("\(rule.id): the example is not parsed: \(command)")
                        continue
                    }
                    #expect(rule.matches(tree) == expected, "\(rule.id): \(command)")
                }
            }
        }
    }

    @Test("rules have ids of their own, and a denial says what to do instead")
    func complete() {
        let rules = BuiltInPolicy.rules
        #expect(Set(rules.map(\.id)).count == rules.count)
        for rule in rules where rule.decision == .deny {
            #expect(!(rule.hint ?? "").isEmpty, "\(rule.id)")
        }
    }
}
