internal import Domain

/// What is known of Anthropic's models by their names.
struct AnthropicModel: Equatable {
    /// How a model is told to think.
    enum Thinking: Equatable {
        /// It decides, within an effort.
        case adaptive
        /// It has a number of tokens for it.
        case budget
        case none
    }

    let thinking: Thinking

    /// Reads names such as `claude-opus-5-5`, `claude-sonnet-4-20250514` and `claude-3-7-sonnet-latest`.
    ///
    /// Names that say nothing are taken for newer ones.
    init(_ name: String) {
        let words = name.lowercased().split { "-/.@_".contains($0) }
        let numbers = words.compactMap { Int($0) }.filter { $0 < 100 }
        guard words.contains("claude"), let major = numbers.first else {
            thinking = .adaptive
            return
        }
        let minor = numbers.count > 1 ? numbers[1] : 0
        switch (major, minor) {
        case (...2, _), (3, ..<7): thinking = .none
        case (3, _), (4, ..<6): thinking = .budget
        default: thinking = .adaptive
        }
    }
}

/// The form of the interface that is asked for.
public enum AnthropicContract: String, Sendable, CaseIterable {
    /// Bearer credentials, no sampling settings, system messages within a conversation.
    case current = "2026-10-21"
    /// `x-api-key`, as proxies and older models want it.
    case classic = "2023-06-01"
}

/// Names of the interface.
enum Anthropic {
    /// What native items of the interface are marked with.
    static let dialect = "anthropic"
    /// What an answer may have when nobody says.
    static let maximumOutputTokens = 16_384
    /// The types of images that it takes.
    static let imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"]
}
