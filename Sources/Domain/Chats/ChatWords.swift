/// Words of a text, as chats are searched by them.
public enum ChatWords: Sendable {
    /// Letters, digits and the marks on them, everything else being between words; in lower case, in order.
    public static func words(of text: String) -> [String] {
        text.lowercased().unicodeScalars.split { !isPartOfWord($0) }.map { String($0) }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .privateUse:
            true
        default: false
        }
    }
}

extension ChatEventBody {
    /// What a person or the assistant said in it, as text; empty for nothing.
    public var said: String {
        switch self {
        case .turnStarted(let draft): Self.text(of: draft.message)
        case .modelFinished(_, let items, _, _):
            items.compactMap { item in
                switch item.content {
                case .assistant(let text), .refusal(let text): text
                default: nil
                }
            }.joined(separator: "\n")
        case .modelInterrupted(_, let text, _): text
        default: ""
        }
    }

    private static func text(of parts: [ContentPart]) -> String {
        parts.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }
}
