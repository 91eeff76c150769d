import Domain
import TestSupport
import Testing

@testable import Processes

@Suite("The masker")
struct MaskerTests {
    private static let mark = Array("[redacted]".utf8)

    private static func forms(_ values: [[UInt8]]) -> MaskForms {
        MaskForms(list: EncodedMask.encoded(MaskList(values: values)))
    }

    private static func mask(_ pieces: [ArraySlice<UInt8>], _ forms: MaskForms) -> [UInt8] {
        var masker = Masker(forms: forms)
        return pieces.flatMap { masker.mask($0) } + masker.flush()
    }

    private static func mask(_ text: String, _ values: String...) -> String {
        let forms = forms(values.map { Array($0.utf8) })
        return String(decoding: mask([Array(text.utf8)[...]], forms), as: UTF8.self)
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    @Test("replaces each form, overlapping ones together, adjacent ones each")
    func examples() {
        let secret = "hunter2-and-more"
        #expect(Self.mask("a hunter2-and-more b", secret) == "a [redacted] b")
        #expect(Self.mask("hunter2-and-morehunter2-and-more", secret) == "[redacted][redacted]")
        #expect(Self.mask("hunter2-and-mor", secret) == "hunter2-and-mor")
        #expect(Self.mask("abcdefghijklmnop", "abcdefghij", "fghijklmno") == "[redacted]p")
        #expect(Self.mask("abcdefghijkl", "abcdefgh", "abcdefghij") == "[redacted]kl")
        #expect(Self.mask("abcdefghi!", "abcdefgh", "abcdefghij") == "[redacted]i!")
        #expect(Self.mask("68756e746572322d616e642d6d6f7265", secret) == "[redacted]")
        #expect(Self.mask("say \"aHVudGVyMi1hbmQtbW9yZQ==\"", secret) == "say \"[redacted]==\"")
        #expect(Self.mask("say aHVudGVyMi1h\nbmQtbW9y\r\nZQ==", secret) == "say [redacted]==")
        #expect(Self.mask("say hunter2-\nand-more", secret) == "say hunter2-\nand-more")
        #expect(Self.mask("short", "short") == "short")
        #expect(Self.mask("anything") == "anything")
    }

    @Test("gives the same result wherever the stream is cut, and shows no form")
    func cuts() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<60 {
            let letters: ClosedRange<UInt8> = Bool.random(using: &random) ? 97...100 : 0...255
            let values = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 8...20, using: &random)).map { _ in
                    UInt8.random(in: letters, using: &random)
                }
            }
            let list = MaskList(values: values)
            let forms = MaskForms(list: EncodedMask.encoded(list))
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                if Bool.random(using: &random), let form = list.forms.randomElement(using: &random)?.bytes {
                    // Sometimes whole, sometimes a part, sometimes running into the next one.
                    text += form.prefix(Int.random(in: 1...(form.count + 20), using: &random))
                } else {
                    text += (0..<Int.random(in: 0...30, using: &random)).map { _ in
                        UInt8.random(in: letters, using: &random)
                    }
                }
            }
            let whole = Self.mask([text[...]], forms)
            for form in list.forms where !Self.contains(Self.mark, form.bytes) {
                #expect(!Self.contains(whole, form.bytes), "\(values) in \(text)")
            }
            for cut in text.indices {
                #expect(
                    Self.mask([text[..<cut], text[cut...]], forms) == whole,
                    "\(values) in \(text) at \(cut)"
                )
            }
            #expect(Self.mask(text.indices.map { text[$0...$0] }, forms) == whole, "\(values) in \(text)")
        }
    }

    @Test("holds back only what could be the beginning of a form")
    func holding() {
        let secret = Array("hunter2-and-more".utf8)
        let list = MaskList(values: [secret])
        let forms = MaskForms(list: EncodedMask.encoded(list))
        var random = SeededGenerator(seed: 9)
        for _ in 0..<300 {
            let start = list.forms.randomElement(using: &random)?.bytes.prefix(
                Int.random(in: 0...9, using: &random)
            )
            let text = Array("some text ".utf8) + (start ?? [])
            var masker = Masker(forms: forms)
            let shown = masker.mask(text[...])
            #expect(text.starts(with: shown))
            let held = Array(text.dropFirst(shown.count))
            #expect(held.isEmpty || list.forms.contains { $0.bytes.starts(with: held) && $0.bytes != held })
            #expect(shown + masker.flush() == text)
        }
    }

    @Test("many and long secrets are masked in one pass")
    func many() {
        var random = SeededGenerator(seed: 3)
        let values = (0..<100).map { _ in (0..<32).map { _ in UInt8.random(in: 33...126, using: &random) } }
        let list = MaskList(
            values: values + [(0..<4_096).map { _ in UInt8.random(in: 1...255, using: &random) }]
        )
        let forms = MaskForms(list: EncodedMask.encoded(list))
        var text: [UInt8] = []
        var expected: [UInt8] = []
        for _ in 0..<200 {
            let filler = (0..<100).map { _ in UInt8.random(in: 128...255, using: &random) }
            text += filler
            expected += filler
            text += values[Int.random(in: 0..<100, using: &random)]
            expected += Self.mark
        }
        #expect(Self.mask([text[...]], forms) == expected)
    }
}
