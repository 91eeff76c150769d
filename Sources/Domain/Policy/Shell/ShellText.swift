/// What can be said about a command's text before it is parsed.
public enum ShellText: Sendable {
    /// Longer commands are not parsed.
    public static let longest = 32 << 10

    /// Why a text may mean something else to bash than to the parser or to a reader; nil when nothing stands against it.
    public static func objection(to command: String) -> String? {
        let bytes = command.utf8
        if bytes.count > longest { return "It is longer than \(longest) bytes." }
        if bytes.starts(with: "#!".utf8) { return "It begins with #!, which names another interpreter." }
        var needsScalars = false
        for byte in bytes {
            switch byte {
            case 0x09, 0x0A: break
            case 0x0D: return "It contains a carriage return, which bash does not take as the end of a line."
            case 0..<0x20, 0x7F: return "It contains a control character."
            case 0x80...: needsScalars = true
            default: break
            }
        }
        return needsScalars ? command.unicodeScalars.lazy.compactMap(objection(to:)).first : nil
    }

    private static func objection(to scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0..<0x80: return nil
        case 0xFEFF: return "It contains a byte order mark."
        case 0xFFFD: return "It contains bytes that are no UTF-8."
        case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x034F, 0x17B4,
            0x17B5:
            return "It contains an invisible character."
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return "It contains an invisible character, or one that changes the direction of writing."
        case .spaceSeparator: return "It contains a space that is not the usual one."
        case .privateUse, .surrogate, .unassigned: return "It contains a character without a meaning."
        default: return nil
        }
    }
}
