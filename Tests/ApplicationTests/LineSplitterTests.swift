import TestSupport
import Testing

@testable import Application

@Suite("Cutting bytes into lines")
struct LineSplitterTests {
    private func lines(_ chunks: [[UInt8]]) -> [String] {
        var splitter = LineSplitter()
        var lines = chunks.flatMap { splitter.split($0, isLast: false) }
        lines += splitter.split([], isLast: true)
        return lines.map { "\($0.number):\(String(decoding: $0.line, as: UTF8.self))" }
    }

    @Test("every cut into two and three gives the same lines")
    func cuts() {
        let text = Array("one\n\ntwo ä€😀\r\n\n\nlast".utf8)
        let whole = lines([text])
        #expect(whole == ["1:one", "2:", "3:two ä€😀\r", "4:", "5:", "6:last"])
        for first in 0...text.count {
            #expect(lines([Array(text[..<first]), Array(text[first...])]) == whole, "cut at \(first)")
            for second in first...text.count {
                #expect(
                    lines([Array(text[..<first]), Array(text[first..<second]), Array(text[second...])])
                        == whole
                )
            }
        }
        #expect(lines(text.map { [$0] }) == whole)
    }

    @Test("a newline at the end makes no further line")
    func ending() {
        #expect(lines([Array("a\n".utf8)]) == ["1:a"])
        #expect(lines([]) == [])
        #expect(lines([[10]]) == ["1:"])
    }

    @Test(
        "a line without end comes in the same pieces whatever the chunks",
        arguments: [1_000, 65_536, 65_537, 150_000, 262_144]
    )
    func longLines(chunk: Int) {
        let text =
            [UInt8](repeating: 0x78, count: 200_000) + [10] + [UInt8](repeating: 0x79, count: 65_536) + [
                10, 0x7A,
            ]
        var splitter = LineSplitter()
        var pieces: [(number: Int, line: [UInt8])] = []
        var start = 0
        while start < text.count {
            let end = min(start + chunk, text.count)
            pieces += splitter.split(Array(text[start..<end]), isLast: end == text.count)
            start = end
        }
        #expect(pieces.map(\.number) == [1, 1, 1, 1, 2, 3])
        #expect(pieces.map(\.line.count) == [65_536, 65_536, 65_536, 3_392, 65_536, 1])
    }

    @Test(
        "finding bytes in bytes",
        arguments: [
            ("abc", "", true), ("", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "abcd", false),
            ("aab", "ab", true), ("aaaab", "aab", true), ("abab", "bab", true), ("abc", "x", false),
            ("xyx", "xyz", false),
        ]
    )
    func contains(text: String, needle: String, expected: Bool) {
        #expect(Array(text.utf8).contains(Array(needle.utf8)) == expected)
    }
}
