import TestSupport

/// Makes command lines out of most of bash's grammar, which run nothing but recorders named `c0` to `c9`.
struct GeneratedCommand {
    private var generator: SeededGenerator
    private var depth = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A command line; some are damaged, so that they are read in unexpected ways or not at all.
    mutating func text() -> String {
        depth = 0
        let text = list()
        return chance(3) ? damaged(text) : text
    }

    private mutating func chance(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &generator) == 0 }
    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &generator)]
    }

    private mutating func list() -> String {
        var text = statement()
        for _ in 0..<(depth > 1 ? 1 : 2) where chance(2) {
            text +=
                pick([" && ", " || ", "; ", "\n", " | ", " |& ", " & ", ";", "&&\n", " # note\n"])
                + statement()
        }
        return text
    }

    private mutating func statement() -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth < 4, chance(3) else { return (chance(8) ? "! " : "") + simple() }
        let inner = list()
        return switch Int.random(in: 0..<14, using: &generator) {
        case 0: "( \(inner) )"
        case 1: "{ \(inner)\n}"
        case 2: "if \(simple()); then \(inner)\nelse \(simple()); fi"
        case 3: "for v in \(word()) \(word()); do \(inner)\ndone"
        case 4: "case \(word()) in a*|\(word())) \(inner)\n;; *) \(simple());; esac"
        case 5: "f() { \(inner)\n}; f \(word())"
        case 6: "bash -c \(quoted(inner))"
        case 7: "eval \(quoted(inner))"
        case 8: "[[ \(word()) == \(word()) ]] || { \(inner)\n}"
        case 9: "(( 1 + $(\(simple()); echo 2) )); \(inner)"
        case 10: "time \(inner)"
        case 11: "while \(pick(["c1", "c3"])); do \(inner)\ndone"
        case 12: "{ \(inner)\n} \(redirection())"
        default: "echo \(quoted(inner)) | bash"
        }
    }

    private mutating func simple() -> String {
        var parts: [String] = []
        if chance(8) { parts.append("y=\(word())") }
        if chance(10) { parts.append(redirection()) }
        parts.append(name())
        for _ in 0..<Int.random(in: 0...3, using: &generator) { parts.append(word()) }
        if chance(5) { parts.append(redirection()) }
        if chance(12) { return parts.joined(separator: " ") + " <<\(document())" }
        return parts.joined(separator: chance(10) ? " \\\n" : " ")
    }

    private mutating func name() -> String {
        let name = "c\(Int.random(in: 0...9, using: &generator))"
        return switch Int.random(in: 0..<16, using: &generator) {
        case 0: "\\\(name)"
        case 1: "'\(name)'"
        case 2: "c\"\(name.dropFirst())\""
        case 3: "$'\\x63'\(name.dropFirst())"
        case 4: "command \(name)"
        case 5: "env \(name)"
        case 6: "$n\(name.dropFirst())"
        default: name
        }
    }

    private mutating func word() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...2, using: &generator) { text += piece() }
        return text
    }

    private mutating func piece() -> String {
        switch Int.random(in: 0..<26, using: &generator) {
        case 0: "'a b'"
        case 1: "\"a $x b\""
        case 2: "\"\\$x\\\"\\a\""
        case 3: "\\ "
        case 4: "\\*"
        case 5: "g*"
        case 6: "[gh]?"
        case 7: "{p,q}"
        case 8: "{1..2}"
        case 9: "~"
        case 10: "=~"
        case 11: "$x"
        case 12: "${x:-$(\(depth < 4 ? simple() : "c2"))}"
        case 13: "$(\(depth < 3 ? simple() : "c4"))"
        case 14: "`c5 \(chance(2) ? "i" : "\\$x")`"
        case 15: "$((1+2))"
        case 16: "<(c6 k)"
        case 17: "$'l\\n\\047m'"
        case 18: "\"${x}\"'$x'"
        case 19: "a#b"
        case 20: "%$"
        case 21: "''"
        case 22: "-o"
        case 23: "\"\(chance(2) ? "`c7`" : "$(c8)")\""
        default: pick(["a", "b1", "d-e", "f.g", "h=i", "j:k", "@", "+", "ü"])
        }
    }

    private mutating func redirection() -> String {
        pick([
            ">o1", ">>o2", "2>&1", "2>o3", "<gin", "&>o4", ">|o5", "<<<\(word())", "3<gin", ">&2", "<&0",
            "2>&-", "{fd}>o6",
        ])
    }

    private mutating func document() -> String {
        pick(["E\nt $x $(c9 m)\nE\n", "'E'\nt $x $(c9)\nE\n", "-E\n\tt \\$x\n\tE\n", "\"E\"\n`c9`\nE\n"])
    }

    private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// A character too many or too few, or something moved.
    private mutating func damaged(_ text: String) -> String {
        var letters = Array(text)
        for _ in 0..<Int.random(in: 1...2, using: &generator) where !letters.isEmpty {
            let place = Int.random(in: 0..<letters.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: letters.remove(at: place)
            case 1: letters.insert(pick(Array("'\"\\$`(){}[]<>|&;!# \n*?~=,c0")), at: place)
            default: letters.swapAt(place, Int.random(in: 0..<letters.count, using: &generator))
            }
        }
        return String(letters)
    }
}
