internal import Core
internal import HTTPServer

/// A table as comma-separated values (RFC 4180), safe to open in a spreadsheet.
struct CSVTable {
    private(set) var text: String

    init(_ header: [String]) { text = header.joined(separator: ",") + "\r\n" }

    mutating func add(_ values: [String?]) {
        text += values.map { Self.field($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// The table as a file; the header `X-Next` says what to send as `after` for what did not fit.
    func answer(next: Int64?) -> HTTPResponse {
        var headers: HTTPHeaders = [
            "Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=\"usage.csv\"",
        ]
        if let next { headers["X-Next"] = String(next) }
        return HTTPResponse(status: 200, headers: headers, body: .bytes(Array(text.utf8)))
    }

    /// Quoted where it must be; what a spreadsheet would take for a formula gets an apostrophe.
    static func field(_ value: String) -> String {
        var value = value
        if let first = value.utf8.first, [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first) {
            value = "'" + value
        }
        guard value.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
