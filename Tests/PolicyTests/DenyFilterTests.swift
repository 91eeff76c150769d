import Application
import Core
import Domain
import Processes
import TestSupport
import Testing

@Suite("The filter before the deny rules")
struct DenyFilterTests {
    private let paths = SensitivePaths(own: ["/srv/deckhand/data"])

    @Test(
        "lets pass unparsed what people run all day",
        arguments: [
            "true", "ls -la /home", "df -h 2>/dev/null | sort", "echo hello > /tmp/x",
            "journalctl -u nginx -n 50",
            "for i in 1 2 3; do uptime; done", "mysql -e 'select 1'", "grep -r add /var/www",
            "terraform plan",
        ]
    )
    func passes(_ command: String) {
        #expect(!DenyFilter(rules: .builtIn, paths: paths).canMatch(command))
    }

    @Test(
        "stops what could be meant, however it is written",
        arguments: [
            "rm -rf /", "r\\m -rf /", "r''m -rf /", "'r'\"m\" -rf /", "/bin/rm -rf /", "x;rm -rf /",
            "x&&rm -r /",
            "xargs -I{} -Srm x", "r\\\nm -rf /", "echo a\\\\\nrm -rf /", "$'\\x72m' -rf /",
            "f() { f | f & }; f",
            "function f { f; f; }", "echo x > /dev//sd\"a\"", "cat /srv/deckhand/./da'ta'/keys",
            "env A=b rm -r /etc",
            "bash -c 'rm -rf /'", "mkfs.ext4 /dev/sda1",
        ]
    )
    func stops(_ command: String) {
        #expect(DenyFilter(rules: .builtIn, paths: paths).canMatch(command))
    }

    @Test("never lets pass what the deny rules would deny after parsing")
    func agrees() async throws {
        let parser = try #require(await ShfmtParser.find())
        let judge = PolicyJudge(rules: .builtIn, world: SystemPolicyWorld(), paths: paths)
        let filter = DenyFilter(rules: .builtIn, paths: paths)
        var generator = SeededGenerator(seed: 20_261_121)
        var budget = FuzzBudget(rounds: 150)
        var denied = 0
        var skipped = 0
        while let round = budget.next() {
            let command = DenyText.command(&generator)
            guard case .tree(let tree) = await parser.parse(command) else { continue }
            let verdict = judge.judge(tree, scope: .denyOnly, .init()).verdict
            let canMatch = filter.canMatch(command)
            if !canMatch { skipped += 1 }
            guard verdict.isDeny else { continue }
            denied += 1
            #expect(canMatch, "round \(round): \(command)")
        }
        #expect(denied > 0)
        #expect(skipped > 0)
    }
}

/// How many generated commands are tried: so many, or for `DECKHAND_FUZZ_SECONDS`.
struct FuzzBudget {
    private let rounds: Int
    private let end: ContinuousClock.Instant?
    private var round = 0

    init(rounds: Int) {
        self.rounds = rounds
        end = Environment.number("DECKHAND_FUZZ_SECONDS").map { ContinuousClock.now + .seconds($0) }
    }

    /// The number of the next one; nil when it is enough.
    mutating func next() -> Int? {
        guard end.map({ ContinuousClock.now < $0 }) ?? (round < rounds) else { return nil }
        defer { round += 1 }
        return round
    }
}

/// Command lines that nearly, or really, are what deny rules are about.
private enum DenyText {
    private static let names = [
        "rm", "dd", "mkfs.ext4", "iptables", "systemctl", "chmod", "history", "cat", "ls", "echo", "mysql",
        "mv",
        "xargs rm -rf", "r{m,x}",
    ]
    private static let wrappers = [
        "", "", "", "sudo ", "env X=1 ", "timeout 5 ", "nice -n 5 ", "xargs -0 ", "bash -c ", "eval ",
    ]
    private static let arguments = [
        "-rf", "-R", "-F", "--recursive", "/", "/etc", "/*", "/tmp/x", "/dev/sda", "of=/dev/sda", "stop",
        "deckhand", "-c",
        "777", "/srv/deckhand/data/keys", "/srv/deckhand/../deckhand/data", "> /dev/sda", "> /tmp/x",
        "2>/dev/null", "$x", "{a,b}", "/{etc,usr}", "/e{tc,x}", "{-rf,/etc}", "DROP DATABASE x",
        "<<< 'DROP DATABASE x'",
    ]
    private static let joins = ["; ", " && ", " | ", "\n", " & ", " || "]

    static func command(_ generator: inout SeededGenerator) -> String {
        var lines: [String] = []
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let wrapper = wrappers.randomElement(using: &generator) ?? ""
            var words = [disguised(names.randomElement(using: &generator) ?? "rm", &generator)]
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let word = arguments.randomElement(using: &generator) ?? "/"
                words.append(
                    word.hasPrefix(">") || word.hasPrefix("2>") || word.hasPrefix("<")
                        ? word : disguised(word, &generator)
                )
            }
            let line = words.joined(separator: " ")
            lines.append(
                wrapper == "bash -c "
                    ? wrapper + "'" + line.replacing("'", with: "'\\''") + "'" : wrapper + line
            )
        }
        return lines.joined(separator: joins.randomElement(using: &generator) ?? "; ")
    }

    /// With quotes and backslashes between its letters, now and then.
    private static func disguised(_ word: String, _ generator: inout SeededGenerator) -> String {
        guard Bool.random(using: &generator) else { return word }
        return word.map { letter in
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: "\\\(letter)"
            case 1: "'\(letter)'"
            case 2: "\"\(letter)\""
            case 3: "''\(letter)"
            case 4: "\\\n\(letter)"
            default: "\(letter)"
            }
        }.joined()
    }
}
