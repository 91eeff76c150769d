/// Makes text of models and commands safe to show: no byte of it steers the terminal or hides what stands there.
enum TerminalText {
    /// For reading: line ends and tabs stay, carriage returns go, other control characters become visible.
    static func readable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar != "\r" {
            if scalar == "\n" || scalar == "\t" || !isHarmful(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: visible(scalar).unicodeScalars)
            }
        }
        return String(result)
    }

    /// For deciding: everything but line ends that cannot be seen stands there as a code.
    static func exact(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\n" || !isHarmful(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: visible(scalar).unicodeScalars)
            }
        }
        return String(result)
    }

    /// On one line, at most so many characters.
    static func line(_ text: String, limit: Int = 200) -> String {
        let line = String(exact(text).map { $0.isNewline ? "⏎" : $0 })
        return line.count <= limit ? line : String(line.prefix(limit)) + "…"
    }

    /// The lines of a text, without one more after the last line end.
    static func lines(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Control characters (also those of ISO 6429's second half), and what turns or hides text: Unicode's format
    /// characters and its line and paragraph separators.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        // The joiners that emoji and scripts need are harmless in prose and are shown in codes nowhere.
        case .format: scalar != "\u{200D}" && scalar != "\u{200C}"
        default: false
        }
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String {
        "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
}
