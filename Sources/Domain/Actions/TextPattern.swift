/// A pattern of a JSON Schema, matched in time that grows with text times pattern, whatever either holds.
///
/// A sequence of characters and classes (`[a-z0-9_-]`, `[^,]`, `.`, `\d`, `\w`, `\s`), each with `?`, `*`, `+`, `{n}`, `{n,m}` or
/// nothing, between optional `^` and `$`. There are no groups and no alternatives: a declared action does without.
public struct TextPattern: Sendable, Equatable {
    private static let longest = 256
    private static let mostParts = 512

    private struct Part: Sendable, Equatable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false
        var isOptional = false
        var isRepeated = false

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            ranges.contains { $0.contains(scalar.value) } != isNegated
        }
    }

    private var parts: [Part] = []
    private var beginsAtStart = false
    private var endsAtEnd = false

    /// Reads a pattern; nil when it holds what is not understood here.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        var rest = Array(text.unicodeScalars)[...]
        if rest.first == "^" {
            beginsAtStart = true
            rest.removeFirst()
        }
        if rest.last == "$", rest.dropLast().last != "\\" {
            endsAtEnd = true
            rest.removeLast()
        }
        while !rest.isEmpty {
            guard let part = Self.part(&rest), let count = Self.count(&rest) else { return nil }
            guard parts.count + count.least + (count.most ?? 0) <= Self.mostParts else { return nil }
            append(part, least: count.least, most: count.most)
        }
    }

    /// Says whether the pattern is found in a text: anywhere in it, unless it says where.
    public func matches(_ text: String) -> Bool {
        var places = closed([0])
        for scalar in text.unicodeScalars {
            if !endsAtEnd, places.contains(parts.count) { return true }
            var next: Set<Int> = beginsAtStart ? [] : [0]
            for place in places where place < parts.count && parts[place].matches(scalar) {
                next.insert(place + 1)
                if parts[place].isRepeated { next.insert(place) }
            }
            places = closed(next)
            if places.isEmpty { return false }
        }
        return places.contains(parts.count)
    }

    /// With the places that are reached by leaving out what may be left out.
    private func closed(_ places: Set<Int>) -> Set<Int> {
        var all = places
        for place in places {
            var next = place
            while next < parts.count, parts[next].isOptional {
                next += 1
                all.insert(next)
            }
        }
        return all
    }

    private mutating func append(_ part: Part, least: Int, most: Int?) {
        parts += Array(repeating: part, count: least)
        var more = part
        more.isOptional = true
        if let most {
            parts += Array(repeating: more, count: most - least)
        } else {
            more.isRepeated = true
            parts.append(more)
        }
    }

    // MARK: Reading

    private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    private static let letters: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    private static let spaces: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20]

    private static func part(_ rest: inout ArraySlice<Unicode.Scalar>) -> Part? {
        let first = rest.removeFirst()
        switch first {
        case ".": return Part(ranges: [0x0A...0x0A, 0x0D...0x0D], isNegated: true)
        case "\\": return escaped(&rest).map { Part(ranges: $0) }
        case "[": return list(&rest)
        case "(", ")", "|", "*", "+", "?", "{", "}", "]", "^", "$": return nil
        default: return Part(ranges: [first.value...first.value])
        }
    }

    private static func escaped(_ rest: inout ArraySlice<Unicode.Scalar>) -> [ClosedRange<UInt32>]? {
        guard let next = rest.popFirst() else { return nil }
        switch next {
        case "d": return digits
        case "w": return letters
        case "s": return spaces
        default:
            // Only what means itself: letters and digits have meanings that are not understood here.
            let isLetter = letters.contains { $0.contains(next.value) }
            return isLetter ? nil : [next.value...next.value]
        }
    }

    private static func list(_ rest: inout ArraySlice<Unicode.Scalar>) -> Part? {
        var part = Part(ranges: [])
        if rest.first == "^" {
            part.isNegated = true
            rest.removeFirst()
        }
        while let next = rest.popFirst() {
            if next == "]" { return part.ranges.isEmpty ? nil : part }
            if next == "\\" {
                guard let ranges = escaped(&rest) else { return nil }
                part.ranges += ranges
                continue
            }
            guard rest.first == "-", let end = rest.dropFirst().first, end != "]" else {
                part.ranges.append(next.value...next.value)
                continue
            }
            guard end != "\\", end.value >= next.value else { return nil }
            part.ranges.append(next.value...end.value)
            rest.removeFirst(2)
        }
        return nil
    }

    private static func count(_ rest: inout ArraySlice<Unicode.Scalar>) -> (least: Int, most: Int?)? {
        switch rest.first {
        case "?":
            rest.removeFirst()
            return (0, 1)
        case "*":
            rest.removeFirst()
            return (0, nil)
        case "+":
            rest.removeFirst()
            return (1, nil)
        case "{":
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let text = String(String.UnicodeScalarView(rest[(rest.startIndex + 1)..<end]))
            rest = rest[(end + 1)...]
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count <= 2, let least = Int(parts[0]), (0...mostParts).contains(least) else {
                return nil
            }
            if parts.count == 1 { return (least, least) }
            if parts[1].isEmpty { return (least, nil) }
            guard let most = Int(parts[1]), (least...mostParts).contains(most) else { return nil }
            return (least, most)
        default: return (1, 1)
        }
    }
}
