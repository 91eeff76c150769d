internal import Core

/// Makes text of a vendor fit to be shown: without credentials, on one line, and short.
struct Redaction: Sendable {
    private let secrets: [Secret<String>]

    init(_ settings: ProviderSettings) {
        secrets = [settings.key].compactMap(\.self) + settings.headers.map(\.value)
    }

    /// What may be shown of a text; nil when nothing is left.
    func shown(_ text: String, limit: Int = 300) -> String? {
        var result = text
        for secret in secrets {
            let value = secret.reveal()
            if value.count >= 4 { result = result.replacing(value, with: "[redacted]") }
        }
        let lines = String(result.map { $0.isNewline || $0.isWhitespace || $0.isControl ? " " : $0 })
        let words = lines.split(separator: " ").map { Self.looksLikeKey($0) ? "[redacted]" : $0 }
        let line = words.joined(separator: " ")
        guard !line.isEmpty else { return nil }
        return line.count <= limit ? line : line.prefix(limit - 1) + "…"
    }

    /// Vendors repeat a key that they refuse, with stars or without.
    private static func looksLikeKey(_ word: Substring) -> Bool {
        let bare = word.drop { "\"'`(<[=:".contains($0) }
        return bare.count >= 8
            && ["sk-", "sk_", "AIza", "xai-", "gsk_", "key=", "Bearer"].contains { bare.hasPrefix($0) }
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
