/// Rows of words under headings, each column as wide as its widest word.
enum TextTable {
    static func text(_ headings: [String], _ rows: [[String]]) -> String {
        let rows = [headings] + rows.map { $0.map(printable) }
        let widths = headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { CommandHelp.pad($0, $1) }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// A text without control characters, which could steer the terminal, on one line.
    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            result.append(isControl ? (scalar == "\n" ? "⏎" : "�") : scalar)
        }
        return String(result)
    }
}
