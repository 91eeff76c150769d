internal import Core
internal import Domain

// What many answers write.
extension JSONWriter {
    /// Writes a member whose value is a text.
    mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a string or null.
    mutating func optional(_ value: String?) { if let value { string(value) } else { null() } }
    /// Writes an integer or null.
    mutating func optional(_ value: Int64?) { if let value { integer(value) } else { null() } }
    /// Writes an integer or null.
    mutating func optional(_ value: Int?) { optional(value.map(Int64.init)) }
    /// Writes a time or null.
    mutating func optional(_ value: Timestamp?) { if let value { time(value) } else { null() } }
    /// Writes a JSON text as it is, or null.
    mutating func optional(json: String?) { if let json { raw(Array(json.utf8)) } else { null() } }
}
