/// Characters that a reader takes for others (Unicode Technical Standard 39), as far as they matter in a command.
///
/// The shell is not misled by them; a person who reads the command, or what became of it, is.
enum LookAlikes {
    /// Says whether a text has a sign that looks like one of the shell's, or a word of letters from two scripts.
    static func areIn(_ text: String) -> Bool {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        var hasLatin = false
        var hasOther = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A: hasLatin = true
            // Greek, Cyrillic, Armenian, Cherokee.
            case 0x0370...0x037D, 0x037F...0x03FF, 0x0400...0x058F, 0x13A0...0x13FF: hasOther = true
            // Letters and signs in other widths and sizes, and letters of mathematics.
            case 0xFF01...0xFF5E, 0xFE50...0xFE6B, 0x2100...0x214F, 0x1D400...0x1D7FF: return true
            // The Greek question mark, slashes, backslashes, dots, a colon, bars.
            case 0x037E, 0x2044, 0x2215, 0x2216, 0x29F5, 0x29F8, 0x29F9, 0x2024, 0x2025, 0x2236, 0x2223,
                0x01C0:
                return true
            default:
                // A sign or a space ends a word; letters of other scripts do not.
                guard scalar.value < 0x80 else { continue }
                (hasLatin, hasOther) = (false, false)
            }
            if hasLatin, hasOther { return true }
        }
        return false
    }
}
