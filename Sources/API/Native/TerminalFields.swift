internal import Core
internal import Domain

/// The size of a terminal as it stands in JSON.
enum TerminalFields {
    static let known: Set<String> = ["columns", "rows"]

    /// Reads a size; without a default both members are needed.
    static func read(_ body: BodyReader, default size: TerminalSize?) throws(Failure) -> TerminalSize {
        guard let columns = try body.integer("columns") ?? size.map({ Int64($0.columns) }),
            let rows = try body.integer("rows") ?? size.map({ Int64($0.rows) }),
            TerminalSize.range.contains(Int(columns)), TerminalSize.range.contains(Int(rows))
        else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The terminal's size is missing or out of range.",
                hint: "Send 1 to 1000 columns and rows."
            )
        }
        return TerminalSize(columns: Int(columns), rows: Int(rows))
    }
}
