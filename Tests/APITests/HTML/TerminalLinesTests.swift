import Testing

@testable import API

@Suite struct TerminalLinesTests {
    @Test(
        "an output is shown as a terminal shows it",
        arguments: [
            ("", []),
            ("one\ntwo", ["one", "two"]),
            ("one\ntwo\n", ["one", "two"]),
            ("10 %\r20 %\n", ["20 %"]),
            ("abc\rX\n", ["Xbc"]),
            ("ab\u{8}c\n", ["ac"]),
            ("abc\r\u{1B}[Kd\n", ["d"]),
            ("a\tb\n", ["a       b"]),
            ("\u{1B}[31mred\u{1B}[0m <b>&\n", ["<span class=\"fg-1\">red</span> &lt;b&gt;&amp;"]),
            ("\u{1B}[1;4;92;44mx\u{1B}[m\n", ["<span class=\"bold underline fg-10 bg-4\">x</span>"]),
            (
                "\u{1B}[38;5;196mx\u{1B}[38;2;0;200;0my\n",
                ["<span class=\"fg-9\">x</span><span class=\"fg-2\">y</span>"]
            ),
            ("\u{1B}]0;title\u{7}a\u{1B}]8;;http://x\u{1B}\\b\u{1B}(0c\n", ["abc"]),
            ("a\u{1B}[3Cb\u{1B}[2Gc\u{1B}[9Dd\n", ["dc  b"]),
            ("a\u{202E}b\u{7}\u{0}\n", ["a\u{FFFD}b"]),
            ("old\u{1B}[2Jnew\n", ["old", "new"]),
        ] as [(String, [String])]
    )
    func shown(output: String, expected: [String]) {
        #expect(TerminalLines.html(output) == expected)
    }

    @Test("few bytes never make a large page")
    func bounded() {
        for hostile in [
            "\u{1B}[2000Cx\n", "\t", "\u{1B}[999999999999999999999Gx\n", "\u{1B}[1999C\u{1B}[1Dx\n",
        ] {
            let output = String(repeating: hostile, count: 20_000)
            let size = TerminalLines.html(output).reduce(0) { $0 + $1.utf8.count }
            #expect(size <= 3 * output.utf8.count + (128 << 10), "\(hostile.debugDescription)")
        }
        #expect(TerminalLines.html(String(repeating: "x", count: 50_000)).count == 3)
        #expect(
            TerminalLines.html("\u{1B}[" + String(repeating: "1", count: 1_000) + "mx").joined().contains(
                "mx"
            )
        )
    }
}
