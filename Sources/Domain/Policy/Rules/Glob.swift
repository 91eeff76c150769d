/// Patterns with `*`, `?`, `[…]` and `\` as in glob(7), over bytes.
public struct Glob: Sendable, Hashable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`; and brackets, when it is asked whether two patterns overlap.
        case one
        case set([ClosedRange<UInt8>], isNegated: Bool)
        /// `*`; with paths it stops at a slash.
        case many
        /// `**`, which crosses slashes.
        case all
    }

    /// The pattern as it was written.
    public let text: String
    private let tokens: [Token]
    private let slashIsSpecial: Bool
    /// The bytes before the first special character.
    private let prefix: [UInt8]
    /// The bytes after a last `*`, when everything between is literal.
    private let suffix: [UInt8]?

    /// Reads a pattern; with `path` the wildcards but `**` do not match a slash.
    public init(_ text: String, path: Bool = false) {
        self.text = text
        slashIsSpecial = path
        var tokens: [Token] = []
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\\"):
                tokens.append(.byte(place < bytes.count ? bytes[place] : byte))
                place += 1
            case UInt8(ascii: "?"): tokens.append(.one)
            case UInt8(ascii: "*"):
                if place < bytes.count, bytes[place] == byte {
                    place += 1
                    tokens.append(.all)
                } else {
                    tokens.append(path ? .many : .all)
                }
            case UInt8(ascii: "["):
                if let (set, next) = Self.set(bytes, from: place) {
                    tokens.append(set)
                    place = next
                } else {
                    tokens.append(.byte(byte))
                }
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
        var prefix: [UInt8] = []
        for case .byte(let byte) in tokens.prefix(while: { if case .byte = $0 { true } else { false } }) {
            prefix.append(byte)
        }
        self.prefix = prefix
        let rest = tokens.dropFirst(prefix.count)
        let tail = rest.dropFirst()
        if !path, rest.first == .all, tail.allSatisfy({ if case .byte = $0 { true } else { false } }) {
            suffix = tail.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
        } else {
            suffix = nil
        }
    }

    /// Says whether no character of it is special.
    public var isLiteral: Bool { prefix.count == tokens.count }

    /// The literal stretches of the pattern, cut at slashes: each of them is part of every text that matches.
    var literalRuns: [[UInt8]] {
        var runs: [[UInt8]] = [[]]
        for token in tokens {
            if case .byte(let byte) = token, byte != UInt8(ascii: "/") {
                runs[runs.count - 1].append(byte)
            } else {
                runs.append([])
            }
        }
        return runs.filter { !$0.isEmpty }
    }

    private static func set(_ bytes: [UInt8], from start: Int) -> (Token, Int)? {
        var place = start
        var ranges: [ClosedRange<UInt8>] = []
        var isNegated = false
        if place < bytes.count, bytes[place] == UInt8(ascii: "!") || bytes[place] == UInt8(ascii: "^") {
            isNegated = true
            place += 1
        }
        let first = place
        while place < bytes.count {
            var byte = bytes[place]
            if byte == UInt8(ascii: "]"), place > first {
                return (.set(ranges, isNegated: isNegated), place + 1)
            }
            // A class such as [:alpha:] is taken as any character.
            if byte == UInt8(ascii: "["), place + 1 < bytes.count, ":.=".utf8.contains(bytes[place + 1]) {
                guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
                ranges.append(0...255)
                place = end + 1
                continue
            }
            if byte == UInt8(ascii: "\\"), place + 1 < bytes.count {
                place += 1
                byte = bytes[place]
            }
            if place + 2 < bytes.count, bytes[place + 1] == UInt8(ascii: "-"),
                bytes[place + 2] != UInt8(ascii: "]")
            {
                ranges.append(min(byte, bytes[place + 2])...max(byte, bytes[place + 2]))
                place += 3
            } else {
                ranges.append(byte...byte)
                place += 1
            }
        }
        return nil
    }

    /// Says whether the whole text matches.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { buffer in
            unsafe matches(buffer.span)
        }
    }

    private func matches(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= prefix.count else { return false }
        for place in prefix.indices where bytes[place] != prefix[place] { return false }
        if prefix.count == tokens.count { return bytes.count == prefix.count }
        if let suffix {
            guard bytes.count >= prefix.count + suffix.count else { return false }
            let start = bytes.count - suffix.count
            for place in suffix.indices where bytes[start + place] != suffix[place] { return false }
            return true
        }
        // The usual walk with one place to go back to for each kind of star: the last `**` may take more when the
        // last `*` has come to a slash.
        var token = 0
        var place = 0
        var star: (token: Int, place: Int)?
        var wide: (token: Int, place: Int)?
        while true {
            if token < tokens.count {
                switch tokens[token] {
                case .many:
                    star = (token, place)
                    token += 1
                    continue
                case .all:
                    wide = (token, place)
                    star = nil
                    token += 1
                    continue
                default:
                    if place < bytes.count, accepts(tokens[token], bytes[place]) {
                        token += 1
                        place += 1
                        continue
                    }
                }
            } else if place == bytes.count {
                return true
            }
            if let back = star, back.place < bytes.count, bytes[back.place] != UInt8(ascii: "/") {
                star = (back.token, back.place + 1)
                place = back.place + 1
                token = back.token + 1
            } else if let back = wide, back.place < bytes.count {
                wide = (back.token, back.place + 1)
                star = nil
                place = back.place + 1
                token = back.token + 1
            } else {
                return false
            }
        }
    }

    private func accepts(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let own): own == byte
        case .one: !slashIsSpecial || byte != UInt8(ascii: "/")
        case .set(let ranges, let isNegated):
            (!slashIsSpecial || byte != UInt8(ascii: "/"))
                && ranges.contains { $0.contains(byte) } != isNegated
        case .many: !slashIsSpecial || byte != UInt8(ascii: "/")
        case .all: true
        }
    }

    /// Says whether some text can match both patterns; true when in doubt.
    public func canOverlap(_ other: Glob) -> Bool {
        var seen: Set<Int> = []
        return overlap(other, 0, 0, &seen)
    }

    private func overlap(_ other: Glob, _ own: Int, _ their: Int, _ seen: inout Set<Int>) -> Bool {
        if own == tokens.count, their == other.tokens.count { return true }
        guard seen.insert(own * (other.tokens.count + 1) + their).inserted else { return false }
        if own < tokens.count, tokens[own] == .many || tokens[own] == .all {
            if overlap(other, own + 1, their, &seen) { return true }
            return their < other.tokens.count
                && Self.canMeet(tokens[own], other.tokens[their])
                && overlap(other, own, their + 1, &seen)
        }
        if their < other.tokens.count, other.tokens[their] == .many || other.tokens[their] == .all {
            if overlap(other, own, their + 1, &seen) { return true }
            return own < tokens.count && Self.canMeet(tokens[own], other.tokens[their])
                && overlap(other, own + 1, their, &seen)
        }
        return own < tokens.count && their < other.tokens.count
            && Self.canMeet(tokens[own], other.tokens[their]) && overlap(other, own + 1, their + 1, &seen)
    }

    private static func canMeet(_ left: Token, _ right: Token) -> Bool {
        switch (left, right) {
        case (.byte(let a), .byte(let b)): a == b
        case (.byte(let a), .set(let ranges, let isNegated)), (.set(let ranges, let isNegated), .byte(let a)):
            ranges.contains { $0.contains(a) } != isNegated
        case (.byte(let a), .one), (.byte(let a), .many), (.one, .byte(let a)), (.many, .byte(let a)):
            a != UInt8(ascii: "/")
        default: true
        }
    }
}
