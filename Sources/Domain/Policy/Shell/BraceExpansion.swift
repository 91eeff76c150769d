/// What bash makes of braces in a word: `/{etc,usr}` is `/etc` and `/usr` (bash(1), Brace Expansion).
///
/// It errs towards making words: quotes and backslashes are dropped, and what stands between them counts too. For rules
/// that deny, one word too many is no hole.
enum BraceExpansion {
    /// More words than this are not made: what is left stays as it is written.
    private static let mostWords = 256
    private static let longestSequence = 64

    /// The words with every word in braces replaced by those that it stands for.
    static func words(_ words: [ShellWord]) -> [ShellWord] {
        guard words.contains(where: { $0.kind == .brace }) else { return words }
        return words.flatMap { word -> [ShellWord] in
            guard word.kind == .brace else { return [word] }
            return expanded(word.text).map { text in
                ShellWord(text.utf8.contains(where: { "*?[".utf8.contains($0) }) ? .pattern : .literal, text)
            }
        }
    }

    /// The texts that one text stands for, without quotes and backslashes.
    static func expanded(_ text: String) -> [String] {
        let plain = String(text.filter { $0 != "'" && $0 != "\"" && $0 != "\\" })
        var done: [String] = []
        var waiting = [plain]
        while let next = waiting.popLast() {
            guard done.count + waiting.count < mostWords, let parts = first(in: next) else {
                done.append(next)
                continue
            }
            waiting += parts.reversed()
        }
        return done
    }

    /// The texts after the first brace that means something is replaced; nil when there is none.
    private static func first(in text: String) -> [String]? {
        var start = text.startIndex
        while let open = text[start...].firstIndex(of: "{") {
            start = text.index(after: open)
            // `${…}` is a parameter.
            if open > text.startIndex, text[text.index(before: open)] == "$" { continue }
            guard let (choices, close) = choices(in: text, after: open) else { continue }
            let (before, after) = (text[..<open], text[text.index(after: close)...])
            return choices.map { "\(before)\($0)\(after)" }
        }
        return nil
    }

    private static func choices(in text: String, after open: String.Index) -> (
        choices: [Substring], close: String.Index
    )? {
        var depth = 0
        var choices: [Substring] = []
        var start = text.index(after: open)
        var place = start
        while place < text.endIndex {
            switch text[place] {
            case "{": depth += 1
            case "}" where depth > 0: depth -= 1
            case "}":
                let last = text[start..<place]
                if choices.isEmpty { return sequence(last).map { ($0, place) } }
                return (choices + [last], place)
            case "," where depth == 0:
                choices.append(text[start..<place])
                start = text.index(after: place)
            default: break
            }
            place = text.index(after: place)
        }
        return nil
    }

    /// `a..e` and `1..9`, with or without a step, which is not looked at.
    private static func sequence(_ text: Substring) -> [Substring]? {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false)
        guard ends.count == 2 || ends.count == 3 else { return nil }
        if let first = Int(ends[0]), let last = Int(ends[1]), abs(first) < 1 << 32, abs(last) < 1 << 32 {
            let range = min(first, last)...max(first, last)
            return range.prefix(longestSequence).map { Substring(String($0)) }
        }
        guard ends[0].utf8.count == 1, ends[1].utf8.count == 1, let first = ends[0].utf8.first,
            let last = ends[1].utf8.first
        else { return nil }
        return (min(first, last)...max(first, last)).map { Substring(String(UnicodeScalar($0))) }
    }
}
