internal import Core
internal import Domain

/// What is known of Google's models by their names.
struct GeminiModel: Equatable {
    enum Thinking: Equatable {
        /// It is given a level.
        case level
        /// It is given a number of tokens; `minimum` is the least, 0 where thinking can be switched off.
        case budget(minimum: Int)
        case none
    }

    let thinking: Thinking

    /// Reads names such as `gemini-3-pro` and `gemini-2.5-flash`; other families do not think.
    init(_ name: String) {
        let words = name.lowercased().split { "-/".contains($0) }
        guard let family = words.firstIndex(of: "gemini"), family + 1 < words.count else {
            thinking = .none
            return
        }
        let version = words[family + 1]
        // Names such as `gemini-flash-latest` stand for the newest.
        guard let number = Double(version) else {
            thinking = version.first?.isNumber == true ? .none : .level
            return
        }
        if number >= 3 {
            thinking = .level
        } else if number >= 2.5 {
            thinking = .budget(minimum: words.contains("pro") ? 128 : 0)
        } else {
            thinking = .none
        }
    }
}

/// Names of the interface.
enum Gemini {
    /// What native items of the interface are marked with.
    static let dialect = "gemini"
    /// What Google's documentation gives for calls that another model made, where a signature is required.
    static let foreignSignature = "skip_thought_signature_validator"
    /// The types of images that it takes.
    static let imageTypes = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"]
}
