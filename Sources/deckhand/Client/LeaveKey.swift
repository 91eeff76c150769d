/// Finds the key by which a person leaves a command in raw mode: Ctrl-] three times in a row.
struct LeaveKey {
    private static let key: UInt8 = 0x1D
    private static let times = 3
    private var seen = 0

    /// Says whether the person leaves with these keys.
    ///
    /// The first two have gone to the command by then.
    mutating func isPressed(in keys: [UInt8]) -> Bool {
        for key in keys {
            seen = key == Self.key ? seen + 1 : 0
            if seen == Self.times { return true }
        }
        return false
    }
}
