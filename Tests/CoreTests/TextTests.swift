import Core
import Testing
import TestSupport

@Suite("Text and bytes")
struct TextTests {
    @Test(
        "base64url is RFC 4648 without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(plain: String, coded: String) {
        #expect(TextCoding.base64URL(Array(plain.utf8)) == coded)
        #expect(TextCoding.bytes(base64URL: coded) == Array(plain.utf8))
    }

    @Test("bytes are found whatever characters they are part of")
    func bytes() {
        #expect("cat /srv/data\u{301}/x".containsBytes(of: "/srv/data"))
        #expect("aaab".containsBytes(of: "aab"))
        #expect("aab".containsBytes(of: ""))
        #expect(!"aab".containsBytes(of: "aabb"))
        #expect(!"".containsBytes(of: "a"))
        #expect("/srv/\u{301}x".hasBytePrefix("/srv/"))
        #expect(!"/sr".hasBytePrefix("/srv"))
    }

    @Test("bytes of any length come back")
    func roundTrip() {
        var generator = SeededGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(
                TextCoding.bytes(base64URL: TextCoding.base64URL(bytes)) == bytes,
                "seed \(generator.seed)"
            )
        }
        #expect(TextCoding.base64URL([0xFB, 0xFF]) == "-_8")
    }

    @Test(
        "text that no encoder writes is refused",
        arguments: ["A", "Zg==", "Zh", "Zm9", "Z m9v", "Zm9v\n", "+/+/", "AAAAA", "Zgä", "\u{0}AAA"]
    )
    func malformed(text: String) {
        #expect(TextCoding.bytes(base64URL: text) == nil)
    }

    @Test("hexadecimal text is lower case")
    func hex() {
        #expect(TextCoding.hex([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
        #expect(TextCoding.hex([UInt8]()) == "")
    }

    @Test(
        "UTF-8 is taken strictly",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]]
            as [[UInt8]]
    )
    func strict(bytes: [UInt8]) {
        #expect(String(strictUTF8: bytes) == nil)
    }

    @Test("well-formed UTF-8 is taken, NUL included")
    func wellFormed() {
        #expect(String(strictUTF8: Array("a\u{0}€😀".utf8)) == "a\u{0}€😀")
    }

    @Test(
        "trimming takes spaces, tabs and line ends from both sides only",
        arguments: [("", ""), (" \t\r\n", ""), (" a b\r\n", "a b"), ("a", "a"), ("\u{A0}a", "\u{A0}a")]
    )
    func trimming(text: String, expected: String) {
        #expect(text.trimmed == expected)
    }

    @Test("a secret describes itself as redacted in every way")
    func secret() {
        let secret = Secret("hunter2-hunter2")
        struct Holder { let inner: Secret<String> }
        var dumped = ""
        dump(Holder(inner: secret), to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])",
            "\(Optional(secret) as Any)",
            "\(Holder(inner: secret))", dumped,
        ] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect("\(secret)" == "<redacted>")
        #expect(secret.reveal() == "hunter2-hunter2")
    }
}
