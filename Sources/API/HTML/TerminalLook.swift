/// How characters look: colours out of the sixteen that the design has, and weight (ECMA-48, "SGR").
struct TerminalLook: Equatable, Sendable {
    private var isBold = false
    private var isDim = false
    private var isItalic = false
    private var isUnderlined = false
    private var isInverse = false
    private var foreground: Int?
    private var background: Int?

    /// The classes that the style sheet has for it.
    var classes: String {
        var words: [String] = []
        if isBold { words.append("bold") }
        if isDim { words.append("dim") }
        if isItalic { words.append("italic") }
        if isUnderlined { words.append("underline") }
        if isInverse { words.append("inverse") }
        if let foreground { words.append("fg-\(foreground)") }
        if let background { words.append("bg-\(background)") }
        return words.joined(separator: " ")
    }

    /// Takes the numbers of one sequence.
    mutating func select(_ numbers: [Int]) {
        var at = 0
        while at < numbers.count {
            let number = numbers[at]
            switch number {
            case 0: self = TerminalLook()
            case 1: isBold = true
            case 2: isDim = true
            case 3: isItalic = true
            case 4: isUnderlined = true
            case 7: isInverse = true
            case 22: (isBold, isDim) = (false, false)
            case 23: isItalic = false
            case 24: isUnderlined = false
            case 27: isInverse = false
            case 30...37: foreground = number - 30
            case 90...97: foreground = number - 82
            case 39: foreground = nil
            case 40...47: background = number - 40
            case 100...107: background = number - 92
            case 49: background = nil
            case 38, 48:
                let kind = at + 1 < numbers.count ? numbers[at + 1] : 0
                let rest = numbers.dropFirst(at + 2)
                let color =
                    kind == 5
                    ? Self.basic(rest.first ?? 0) : kind == 2 ? Self.nearest(Array(rest.prefix(3))) : nil
                if number == 38 { foreground = color } else { background = color }
                at += kind == 5 ? 2 : kind == 2 ? 4 : 0
            default: break
            }
            at += 1
        }
    }

    /// One of 256 colours.
    private static func basic(_ number: Int) -> Int {
        if number < 16 { return max(0, number) }
        if number >= 232 { return number < 244 ? 8 : 7 }
        let place = number - 16
        return nearest([place / 36 * 51, place / 6 % 6 * 51, place % 6 * 51])
    }

    private static func nearest(_ parts: [Int]) -> Int {
        let most = parts.max() ?? 0
        if most < 60 { return 0 }
        let least = parts.count < 3 ? 0 : parts.min() ?? 0
        if most - least < 40 { return most > 180 ? 15 : 8 }
        var color = most > 200 ? 8 : 0
        for (bit, value) in parts.enumerated() where Double(value) > Double(most) * 0.6 { color += 1 << bit }
        return color
    }
}
