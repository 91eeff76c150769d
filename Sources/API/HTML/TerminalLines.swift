/// What a terminal would show of an output that is read from top to bottom, as HTML: colours, carriage returns, backspaces,
/// tabs, erased lines.
///
/// Whatever else a sequence (ECMA-48) asks for is dropped; nothing in it can leave the text. The same as
/// web/shared/terminal.ts does in a browser.
struct TerminalLines {
    private enum State { case text, escape, control, string, stringEnd, charset }

    private struct Cell {
        let character: Unicode.Scalar
        let look: TerminalLook
    }

    /// A line without an end must not grow for ever in one piece.
    private static let longestLine = 20_000
    private static let furthestColumn = 2_000
    private static let longestParameters = 64

    private var state = State.text
    private var parameters = ""
    private var look = TerminalLook()
    private var cells: [Cell] = []
    private var column = 0
    private var lines: [String] = []
    /// How many blanks sequences may still ask for: few bytes must not make a large page.
    private var blanks: Int

    /// The lines, without their ends; the last one as far as it is there.
    static func html(_ text: String) -> [String] {
        var terminal = TerminalLines(blanks: text.utf8.count + (64 << 10))
        for scalar in text.unicodeScalars { terminal.put(scalar) }
        if !terminal.cells.isEmpty { terminal.end() }
        return terminal.lines
    }

    private init(blanks: Int) { self.blanks = blanks }

    private mutating func put(_ scalar: Unicode.Scalar) {
        switch state {
        case .text: plain(scalar)
        case .escape:
            parameters = ""
            switch scalar {
            case "[": state = .control
            // Titles, links, passwords to terminals: strings that end with BEL or ESC \.
            case "]", "P", "X", "^", "_": state = .string
            case "(", ")", "*", "+", "-", ".", "/", "#", "%": state = .charset
            default: state = .text
            }
        case .charset: state = .text
        case .control:
            if (0x40...0x7E).contains(scalar.value) {
                control(scalar)
                state = .text
            } else if scalar.value < 0x20 || parameters.utf8.count > Self.longestParameters {
                state = .text
            } else {
                parameters.unicodeScalars.append(scalar)
            }
        case .string:
            if scalar.value == 0x07 { state = .text } else if scalar.value == 0x1B { state = .stringEnd }
        case .stringEnd: state = scalar == "\\" ? .text : .string
        }
    }

    private mutating func plain(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x0A: end()
        case 0x0D: column = 0
        case 0x08: column = max(0, column - 1)
        case 0x09: repeat { cell(" ") } while column % 8 != 0 && spend(1)
        case 0x1B: state = .escape
        case 0..<0x20, 0x7F..<0xA0: break
        // Marks that turn the direction of a text could show a command as another one.
        case 0x202A...0x202E, 0x2066...0x2069: cell("\u{FFFD}")
        default: cell(scalar)
        }
    }

    private mutating func spend(_ count: Int) -> Bool {
        guard count <= blanks else { return false }
        blanks -= count
        return true
    }

    private mutating func cell(_ scalar: Unicode.Scalar) {
        let gap = column - cells.count
        if gap > 0 {
            if spend(gap) {
                cells += Array(repeating: Cell(character: " ", look: TerminalLook()), count: gap)
            } else {
                column = cells.count
            }
        }
        let cell = Cell(character: scalar, look: look)
        if column < cells.count { cells[column] = cell } else { cells.append(cell) }
        column += 1
        if column >= Self.longestLine { end() }
    }

    private mutating func end() {
        var html = ""
        var at = 0
        while at < cells.count {
            let look = cells[at].look
            var text = ""
            while at < cells.count, cells[at].look == look {
                text.unicodeScalars.append(cells[at].character)
                at += 1
            }
            let words = look.classes
            html +=
                words.isEmpty
                ? HTMLText.escape(text) : "<span class=\"\(words)\">\(HTMLText.escape(text))</span>"
        }
        lines.append(html)
        cells.removeAll(keepingCapacity: true)
        column = 0
    }

    private mutating func control(_ final: Unicode.Scalar) {
        let numbers = parameters.split(omittingEmptySubsequences: false) { $0 == ";" || $0 == ":" }.map {
            Int($0) ?? 0
        }
        let first = numbers.first ?? 0
        let step = min(max(first, 1), Self.furthestColumn)
        switch final {
        case "m": look.select(numbers)
        case "K" where first == 0: cells.removeLast(max(0, cells.count - column))
        case "K" where first == 2: cells.removeAll()
        case "G": column = step - 1
        case "C": column = min(column + step, max(column, Self.furthestColumn))
        case "D": column = max(0, column - step)
        case "J" where first >= 2: end()
        default: break
        }
    }
}
