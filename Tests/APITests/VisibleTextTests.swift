import HTTPServer
import Testing

@testable import API

@Suite("Texts that a person agrees to")
struct VisibleTextTests {
    @Test(
        "what cannot be seen stands there as its code",
        arguments: [
            ("ls -l", "ls -l"), ("a\tb\nc", "a\tb\nc"), ("a\rb", "a\\rb"), ("\u{1B}[2K", "\\e[2K"),
            ("rm\u{A0}-rf", "rm\\u{00A0}-rf"), ("\u{202E}gnp.exe", "\\u{202E}gnp.exe"),
            ("a\u{200B}b\u{FEFF}", "a\\u{200B}b\\u{FEFF}"), ("e\u{301}", "e\\u{0301}"),
            ("x\u{2028}y", "x\\u{2028}y"), ("\u{E0041}", "\\u{E0041}"),
            ("\u{3164}\u{2800}", "\\u{3164}\\u{2800}"),
            ("\u{7F}\u{0}\u{85}", "\\u{007F}\\u{0000}\\u{0085}"), ("größe", "größe"),
        ]
    )
    func codes(text: String, shown: String) {
        #expect(VisibleText.text(text.utf8).utf8.elementsEqual(shown.utf8))
    }

    @Test("bytes that are no text are codes, each of them")
    func bytes() {
        #expect(VisibleText.text([0x61, 0xFF, 0xC3, 0x62] as [UInt8]) == "a\\xFF\\xC3b")
        #expect(VisibleText.text([0xE2, 0x82] as [UInt8]) == "\\xE2\\x82")
        #expect(VisibleText.text([0xED, 0xA0, 0x80] as [UInt8]) == "\\xED\\xA0\\x80", "a surrogate")
        #expect(VisibleText.text([0xC0, 0xAF] as [UInt8]) == "\\xC0\\xAF", "an overlong slash")
    }

    @Test("a typed line end is shown, because it is what carries a line out")
    func lineEnds() {
        #expect(VisibleText.text("yes\n".utf8, marksLineEnds: true) == "yes\\n\n")
    }

    @Test("in HTML codes are marked, foreign letters are named, and nothing is markup")
    func html() {
        #expect(
            VisibleText.html("\u{430}<b>\\u{202E}\u{202E}".utf8)
                == "<mark class=\"foreign\" title=\"U+0430\">\u{430}</mark>&lt;b&gt;\\u{202E}<mark>\\u{202E}</mark>"
        )
    }
}
