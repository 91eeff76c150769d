/// Says cheaply which commands no deny rule can fit, so that they need not be parsed.
///
/// A deny rule fits only words that stand in the text, perhaps with quotes and backslashes between their letters; a
/// name that a variable or substitution makes is no name that a rule could fit. So a command whose text without quotes
/// and backslashes lacks what every deny rule needs would be let through after parsing as well. Where that does not
/// hold (`$'…'`, functions, braces that stand for several words), the answer is that it can match.
public struct DenyFilter: Sendable {
    /// A stretch of text that a rule needs.
    private struct Needle: Hashable, Sendable {
        var bytes: [UInt8]
        /// It is a program's whole name, so that it does not stand inside of another one.
        var isName: Bool
    }

    /// One of these needs has to be met, each of which is a list of needles that are all there.
    private typealias Choice = [[Int]]

    private var needles: [Needle] = []
    private var places: [Needle: Int] = [:]
    /// Needles by their first byte.
    private var byFirst: [[Int]] = Array(repeating: [], count: 256)
    /// What each rule needs: all of these.
    private var demands: [[Choice]] = []

    /// Prepares for the deny rules of a set, and for the installation's own directories.
    public init(rules: PolicyRuleSet, paths: SensitivePaths) {
        for rule in rules.rules where rule.decision == .deny { demands.append(demand(of: rule.match)) }
        for path in paths.own {
            let last = path.split(separator: "/").last.map { Array($0.utf8) } ?? []
            demands.append([[runs([last])]])
        }
    }

    /// Says whether some deny rule could fit.
    public func canMatch(_ command: String) -> Bool {
        var command = command
        var text: [UInt8] = []
        var joined: [UInt8]?
        let isDynamic = command.withUTF8 { buffer in
            unsafe Self.clean(buffer.span, &text, &joined)
        }
        if isDynamic || finds(in: text) { return true }
        return joined.map { finds(in: $0) } ?? false
    }

    // MARK: Preparing

    private mutating func demand(of match: PolicyMatch) -> [Choice] {
        var choices: [Choice] = []
        for patterns in [match.programs, match.pipedFrom] where !patterns.isEmpty {
            choices.append(patterns.map { names($0) })
        }
        for patterns in [match.operands, match.writes, match.reads] where !patterns.isEmpty {
            choices.append(patterns.map { runs($0.literalRuns) })
        }
        for patterns in match.words { choices.append(patterns.map { runs($0.literalRuns) }) }
        for pattern in match.arguments ?? [] { choices.append([runs(pattern.literalRuns)]) }
        return choices
    }

    private mutating func names(_ pattern: Glob) -> [Int] {
        guard pattern.isLiteral, let run = pattern.literalRuns.first, pattern.literalRuns.count == 1,
            run.allSatisfy(Self.isNameByte)
        else { return runs(pattern.literalRuns) }
        return [place(of: Needle(bytes: run, isName: true))]
    }

    /// Without the bytes that the text is cleaned of; split where joined texts have a blank.
    private mutating func runs(_ runs: [[UInt8]]) -> [Int] {
        var found: [Int] = []
        for run in runs {
            for piece in run.split(whereSeparator: { " \t\n".utf8.contains($0) }) {
                let bytes = piece.filter { !Self.isQuote($0) }
                if !bytes.isEmpty, bytes.count == piece.count {
                    found.append(place(of: Needle(bytes: Array(bytes), isName: false)))
                }
            }
        }
        return found
    }

    private mutating func place(of needle: Needle) -> Int {
        if let place = places[needle] { return place }
        let place = needles.count
        needles.append(needle)
        places[needle] = place
        byFirst[Int(needle.bytes[0])].append(place)
        return place
    }

    // MARK: Looking

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "+")
        }
    }

    /// Takes quotes and backslashes out.
    ///
    /// `joined` is the text with the lines joined that a backslash ends: whether bash joins them depends on how many
    /// there are, and on quotes. Returns whether the text has what cannot be judged by its letters.
    private static func clean(_ bytes: Span<UInt8>, _ text: inout [UInt8], _ joined: inout [UInt8]?) -> Bool {
        text.reserveCapacity(bytes.count)
        var opening: Int?
        var isInBraces = false
        for place in 0..<bytes.count {
            let byte = bytes[place]
            if isQuote(byte) {
                if byte == UInt8(ascii: "'"), place > 0, bytes[place - 1] == UInt8(ascii: "$") { return true }
                continue
            }
            if byte == 10, place > 0, bytes[place - 1] == UInt8(ascii: "\\") {
                if joined == nil { joined = text }
                text.append(byte)
                continue
            }
            // Braces that stand for several words: `{a,b}`, `{1..3}`.
            if byte == UInt8(ascii: "{") {
                isInBraces = true
            } else if isInBraces {
                let isRange = byte == UInt8(ascii: ".") && bytes[place - 1] == byte
                if isRange || byte == UInt8(ascii: ",") { return true }
            }
            // A function: its name, then a pair of parentheses.
            if byte == UInt8(ascii: "(") {
                opening = place
            } else if byte == UInt8(ascii: ")"), opening != nil {
                return true
            } else if byte != UInt8(ascii: " "), byte != 9 {
                opening = nil
            }
            text.append(byte)
            joined?.append(byte)
        }
        return false
    }

    private static let keyword = Array("function".utf8)

    private func finds(in text: [UInt8]) -> Bool {
        var found = [Bool](repeating: false, count: needles.count)
        // A pattern for file names may become what a rule names without having its letters.
        var hasPattern = false
        var isAny = false
        for place in text.indices {
            let byte = text[place]
            if "*?[".utf8.contains(byte) { hasPattern = true }
            if byte == Self.keyword[0], text[place...].starts(with: Self.keyword) { return true }
            for needle in byFirst[Int(byte)]
            where !found[needle] && stands(needles[needle], in: text, at: place) {
                found[needle] = true
                isAny = true
            }
        }
        let isThere: (Int) -> Bool = { found[$0] || hasPattern && !self.needles[$0].isName }
        return demands.contains { demand in
            demand.isEmpty
                || (isAny || hasPattern || demand.allSatisfy { $0.contains([]) })
                    && demand.allSatisfy { choice in choice.contains { $0.allSatisfy(isThere) } }
        }
    }

    private func stands(_ needle: Needle, in text: [UInt8], at place: Int) -> Bool {
        let end = place + needle.bytes.count
        guard end <= text.count else { return false }
        for offset in 1..<max(needle.bytes.count, 1) where text[place + offset] != needle.bytes[offset] {
            return false
        }
        guard needle.isName else { return true }
        if end < text.count, Self.isNameByte(text[end]) { return false }
        guard place > 0, Self.isNameByte(text[place - 1]) else { return true }
        // The value of an option of one letter: -Srm.
        return place > 1 && text[place - 2] == UInt8(ascii: "-")
    }
}
