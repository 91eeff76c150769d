import Domain
import FoundationEssentials
import TestSupport
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("names", arguments: ["A", "DB_PASSWORD", "KEY2", "X_"])
    func names(text: String) throws { #expect(try SecretName(text).rawValue == text) }

    @Test(
        "names that are refused",
        arguments: [
            "", "a", "_A", "2A", "A-B", "A B", "Ä", "PATH", "LD_PRELOAD", "BASH_ENV", "DECKHAND_X", "IFS",
            "LESSOPEN", "NODE_OPTIONS", "LANG", "LC_CTYPE", "RANDOM",
        ]
    )
    func refused(text: String) { #expect(throws: Failure.self) { try SecretName(text) } }

    @Test("the forms occur in what common encoders make of a text around the secret")
    func forms() throws {
        var random = SeededGenerator(seed: 20)
        for round in 0..<300 {
            let size = Int.random(in: 8...90, using: &random)
            let value = (0..<size).map { _ in
                round.isMultiple(of: 2)
                    ? UInt8.random(in: 1...255, using: &random) : UInt8.random(in: 32...126, using: &random)
            }
            let forms = SecretForms.all(of: value).map(\.bytes)
            let before = (0..<Int.random(in: 0...7, using: &random)).map { _ in UInt8.random(in: 0...255) }
            let after = (0..<Int.random(in: 0...7, using: &random)).map { _ in UInt8.random(in: 0...255) }
            let text = before + value + after
            let base64 = Data(text).base64EncodedString()
            let url = base64.replacing("+", with: "-").replacing("/", with: "_")
            for encoded in [base64, url] {
                #expect(forms.contains { Self.contains(Array(encoded.utf8), $0) }, "\(value) in \(text)")
            }
            let hex = value.map { String(UInt32($0) + 256, radix: 16).dropFirst() }.joined()
            #expect(forms.contains(Array(hex.utf8)) && forms.contains(Array(hex.uppercased().utf8)))
            if let string = String(validating: value, as: UTF8.self) {
                let json = try JSONEncoder().encode([string])
                #expect(forms.contains { $0 == Array(json.dropFirst(2).dropLast(2)) }, "\(string)")
            }
            #expect(forms.allSatisfy { $0.count >= 8 })
        }
    }

    @Test("what encoders of URLs and JSON differ in")
    func styles() {
        let forms = Set(
            SecretForms.all(of: Array("p/s <ü>&+'~".utf8)).map { String(decoding: $0.bytes, as: UTF8.self) }
        )
        for form in [
            "p%2Fs%20%3C%C3%BC%3E%26%2B%27~", "p%2fs%20%3c%c3%bc%3e%26%2b%27~",
            "p%2Fs+%3C%C3%BC%3E%26%2B%27%7E",
            "p%2Fs%20%3C%C3%BC%3E%26%2B'~", "p/s%20%3C%C3%BC%3E%26%2B%27~", #"p\/s <ü>&+'~"#,
            #"p/s <\u00fc>&+'~"#,
            #"p/s \u003c\u00fc\u003e\u0026+\u0027~"#,
        ] {
            #expect(forms.contains(form), "\(form)")
        }
    }

    @Test("values are found wherever they stand, and nothing else is")
    func matcher() {
        let values = ["hunter2-and-more", "hunter2-", "über-geheim"].map { Array($0.utf8) }
        let matcher = SecretMatcher(values + [Array("short".utf8)])
        #expect(matcher.firstMatch(in: "mysql -phunter2-and-more".utf8) == 0)
        #expect(matcher.firstMatch(in: "hunter2-and-mor".utf8) == 1)
        #expect(matcher.firstMatch(in: "hunter2".utf8) == nil)
        #expect(matcher.firstMatch(in: "über-geheim".utf8) == 2)
        #expect(matcher.firstMatch(in: "short".utf8) == nil)
        #expect(matcher.firstMatch(in: "".utf8) == nil)
        #expect(SecretMatcher([]).firstMatch(in: "anything".utf8) == nil)
        for cut in 0..<40 {
            let text = String(repeating: "h", count: cut) + "hunter2-and-more" + "x"
            #expect(matcher.firstMatch(in: text.utf8) == 0)
        }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }
}
