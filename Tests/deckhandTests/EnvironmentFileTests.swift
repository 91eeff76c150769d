import Testing

@testable import deckhand

@Suite struct EnvironmentFileTests {
    @Test(
        "lines are read as people write them",
        arguments: [
            ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("export\tA=1\r\n", "1"),
            ("\u{FEFF}A=1\n", "1"),
            ("# c\n\n  A=1", "1"), ("A=", ""), ("A=x # comment", "x"), ("A=x#y", "x#y"), ("A=#y", ""),
            ("A='x # y' # z", "x # y"), ("A=\"x\\n\\\"y\\\\ \\$z \\q\"", "x\n\"y\\ $z \\q"),
            ("A='x\\n'", "x\\n"),
            ("A=\"two\nlines\"", "two\nlines"), ("A=b=c", "b=c"), ("A=$HOME", "$HOME"), ("A=ü", "ü"),
            ("A=\"\"", ""), ("A='a\r\nb'", "a\r\nb"),
        ]
    )
    func values(text: String, value: String) {
        let file = EnvironmentFile(parsing: text)
        #expect(file.entries.map(\.name) == ["A"])
        #expect(file.entries.map(\.value) == [value])
        #expect(file.badLines.isEmpty)
    }

    @Test(
        "what is not understood is named by its line and does not hide the rest",
        arguments: [
            ("nonsense\nB=2", 1), ("\n1A=2\nB=2", 2), ("A='x\nB=2", 1), ("A='x' y\nB=2", 1), ("=x\nB=2", 1),
        ]
    )
    func badLines(text: String, line: Int) {
        let file = EnvironmentFile(parsing: text)
        #expect(file.badLines.map(\.line) == [line])
        #expect(file.entries.map(\.name) == ["B"])
    }

    @Test("lines are counted over values that span several")
    func lineNumbers() {
        let file = EnvironmentFile(parsing: "A='1\n2\n3'\nB=1\n\n# c\nC=1")
        #expect(file.entries.map(\.line) == [1, 4, 7])
    }
}
