import Testing

@testable import Domain

@Suite("Braces in words")
struct BraceExpansionTests {
    @Test(
        "stand for the words that bash makes of them",
        arguments: [
            ("/{etc,usr}", ["/etc", "/usr"]),
            ("a{b,c}d{e,f}", ["abde", "abdf", "acde", "acdf"]),
            ("{a,{b,c}x}", ["a", "bx", "cx"]),
            ("/e{t,}c", ["/etc", "/ec"]),
            ("{1..3}", ["1", "2", "3"]),
            ("x{c..a}", ["xa", "xb", "xc"]),
            ("{a}", ["{a}"]),
            ("{}", ["{}"]),
            ("${a,b}", ["${a,b}"]),
            ("/{'etc',\"usr\"}", ["/etc", "/usr"]),
            ("{a,b", ["{a,b"]),
        ]
    )
    func words(text: String, words: [String]) {
        #expect(BraceExpansion.expanded(text).sorted() == words.sorted())
    }

    @Test("are bounded, however many words they stand for")
    func bound() {
        let many = String(repeating: "{a,b}", count: 40)
        #expect(BraceExpansion.expanded(many).count <= 300)
        #expect(BraceExpansion.expanded("{1..4000000000}").count <= 64)
    }
}
