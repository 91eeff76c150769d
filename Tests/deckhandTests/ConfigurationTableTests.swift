import FoundationEssentials
import Testing

@testable import deckhand

@Suite struct ConfigurationTableTests {
    @Test("names, flags and file names are unique and in one style")
    func names() {
        let options = ConfigurationOption.all
        #expect(Set(options.map(\.key)).count == options.count)
        #expect(Set(options.compactMap(\.flag)).count == options.compactMap(\.flag).count)
        #expect(Set(options.compactMap(\.fileKey)).count == options.compactMap(\.fileKey).count)
        for option in options {
            #expect(EnvironmentFile.isName(option.key) && option.key == option.key.uppercased())
            #expect(option.summary.hasSuffix("."), "\(option.key)")
            #expect(option.summary.first?.isUppercase == true, "\(option.key)")
            #expect(!option.defaultText.isEmpty && !option.placeholder.isEmpty, "\(option.key)")
        }
        let seed = ["HASH", "FQDN", "PORT", "SESSIONS_DIR"]
        #expect(seed.allSatisfy { key in options.contains { $0.key == key } })
    }

    @Test("help and reference name every option")
    func reference() {
        let help = ConfigurationReference.help()
        let page = ConfigurationReference.markdown()
        for option in ConfigurationOption.all {
            #expect(help.contains("  \(option.key)  "))
            #expect(page.contains("| `\(option.key)` |"))
            if let flag = option.flag { #expect(help.contains("\(flag) ") && page.contains("`\(flag) ")) }
        }
        #expect(!help.contains("--hash"))
        #expect(
            page.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains("| `--") }.allSatisfy {
                $0.filter { $0 == "|" }.count == 6
            }
        )
    }

    @Test("docs/configuration.md is what the table says; DECKHAND_UPDATE_GOLDEN=1 writes it anew")
    func page() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let file = URL(filePath: root + "/docs/configuration.md")
        if ProcessInfo.processInfo.environment["DECKHAND_UPDATE_GOLDEN"] == "1" {
            try Data(ConfigurationReference.markdown().utf8).write(to: file)
        }
        let page = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(page == ConfigurationReference.markdown())
    }

    @Test("what is shown can be given again and means the same")
    func roundTrip() throws {
        let surroundings = Surroundings(
            environment: ["DECKHAND_DATA": "/nonexistent/data"],
            workingDirectory: "/nonexistent",
            homeDirectory: nil,
            userID: 0,
            executablePath: "/bin/deckhand"
        )
        let first = try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve()
            .configuration
        // DECKHAND_CONFIG shows a file that may be missing, and names one that must exist.
        for option in ConfigurationOption.all where !option.isSecret && option.key != "DECKHAND_CONFIG" {
            let shown = option.show(first)
            guard shown != "none" && shown != "the server's own" else { continue }
            var again = surroundings
            again.environment[option.key] = shown
            let second = try ConfigurationResolver(again, readsEnvironmentFile: false).resolve().configuration
            #expect(option.show(second) == shown, "\(option.key)")
        }
    }

    @Test("near words are found, far ones are not")
    func spelling() {
        #expect(Spelling.nearest(to: "DECKHAND_PROT", among: ["PORT", "DECKHAND_RUNNER"]) == nil)
        #expect(Spelling.nearest(to: "max_runing", among: ["queue", "max_running"]) == "max_running")
        #expect(Spelling.distance("", "abc") == 3)
        #expect(Spelling.distance("kitten", "sitting") == 3)
    }
}
