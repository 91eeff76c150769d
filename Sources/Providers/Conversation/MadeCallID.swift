internal import Core

/// Names for calls of servers that give none.
enum MadeCallID {
    /// `call_` and 96 random bits.
    static func make() -> String {
        var bytes: [UInt8] = []
        for _ in 0..<12 { bytes.append(.random(in: 0...255)) }
        return "call_" + TextCoding.hex(bytes)
    }
}
