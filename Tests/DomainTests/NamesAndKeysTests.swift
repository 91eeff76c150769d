import Domain
import Testing

@Suite("Names and keys")
struct NamesAndKeysTests {
    @Test(
        "session names are 1 to 64 letters, digits, dots, dashes and underscores",
        arguments: ["a", "A-1_b.c", "0", "-rf", "_", String(repeating: "x", count: 64), "a..b", "con", "a."]
    )
    func allowed(name: String) throws {
        #expect(try SessionName(name).rawValue == name)
    }

    @Test(
        "hostile session names are refused",
        arguments: [
            "", ".", "..", ".hidden", "../x", "a/b", "/etc", "a\\b", "a b", " a", "a ", "a\n", "a\u{0}",
            "a\u{0}b", "ä",
            "а", "a\u{301}", "Ａ", "😀", "a%2Fb", "%2e%2e", "a:b", "a;b", "$(id)", "`id`", "a'b", "a\"b", "*",
            "a?", "~",
            "\u{202E}abc", "a\u{200B}b", "-\t", String(repeating: "x", count: 65),
            String(repeating: "x", count: 100_000),
        ]
    )
    func refused(name: String) {
        let failure = #expect(throws: Failure.self) { try SessionName(name) }
        #expect(failure?.code == "invalid_session_name")
        #expect(failure?.kind == .unprocessable)
        #expect(failure?.hint != nil)
        #expect(failure?.message.contains(name) != true || name.isEmpty || name == "." || name == " a")
    }

    @Test("session names are ordered as text, and equal only when the same")
    func order() throws {
        #expect(try SessionName("a") < SessionName("b"))
        #expect(try SessionName("a") != SessionName("A"))
    }

    @Test(
        "keys are visible ASCII, 1 to 128",
        arguments: ["k", "!~", String(repeating: "k", count: 128), "a/b?c=d&e"]
    )
    func keys(text: String) throws {
        #expect(try IdempotencyKey(text).rawValue == text)
    }

    @Test(
        "other keys are refused",
        arguments: ["", " ", "a b", "ä", "a\n", "\u{7F}", String(repeating: "k", count: 129)]
    )
    func refusedKeys(text: String) {
        #expect(throws: Failure.self) { try IdempotencyKey(text) }
    }

    @Test("permissions that a hash or token may carry do not include approving and administering")
    func permissions() throws {
        #expect(Permission.withoutSignIn == [.shellRead, .shellRun, .shellInput, .chat, .chatTools])
        #expect(
            Permission.allCases.filter(\.isShell).map(\.rawValue).sorted() == [
                "shell.input", "shell.read", "shell.run",
            ]
        )
        let reader = Principal(id: .hash, permissions: [.shellRead])
        #expect(throws: Never.self) { try reader.require(.shellRead) }
        let failure = #expect(throws: Failure.self) { try reader.require(.shellRun) }
        #expect(failure?.code == "permission_missing")
        #expect(failure?.message.contains("shell.run") == true)
    }
}
