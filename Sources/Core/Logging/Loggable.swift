/// A type whose values may stand in a log line as they are.
///
/// `String` and `Secret` are deliberately not among them: text from outside goes through ``LogValue/untrusted(_:limit:)``.
public protocol Loggable: Sendable {
    /// Writes the value as JSON.
    func writeLog(to writer: inout JSONWriter)
}

extension Int: Loggable {
    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.integer(self) }
}
extension Int64: Loggable {
    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.integer(self) }
}
extension Bool: Loggable {
    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.bool(self) }
}
extension StaticString: Loggable {
    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.string(description) }
}
extension Duration: Loggable {
    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.number(Double(inMicroseconds) / 1_000_000) }
}

/// Ready-made log values.
public struct LogValue: Loggable {
    private let json: [UInt8]

    /// Writes the value as JSON.
    public func writeLog(to writer: inout JSONWriter) { writer.raw(json) }

    /// Text from outside or from an error: escaped, and cut after `limit` bytes of UTF-8.
    public static func untrusted(_ text: String, limit: Int = 256) -> LogValue {
        var writer = JSONWriter()
        let cut = text.utf8.count > limit
        writer.string(cut ? String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…" : text)
        return LogValue(json: writer.bytes)
    }

    /// An error as it describes itself; for errors whose descriptions carry no input.
    public static func error(_ error: any Error) -> LogValue {
        untrusted(String(describing: error), limit: 1_024)
    }
}
