/// The name of a configured provider, such as `openai` or `local`: 1 to 64 letters, digits, dots, dashes and underscores.
public struct ProviderID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Checks a name; throws `Failure` with code `invalid_provider`.
    public init(_ text: String) throws(Failure) {
        guard (try? SessionName(text)) != nil else {
            throw Failure(
                .unprocessable,
                code: "invalid_provider",
                message: "This provider's name is not allowed.",
                hint: "Use 1 to 64 letters, digits, dots, dashes or underscores."
            )
        }
        rawValue = text
    }

    /// The text itself, which is safe to show.
    public var description: String { rawValue }
    /// The natural order.
    public static func < (left: ProviderID, right: ProviderID) -> Bool { left.rawValue < right.rawValue }
}

/// A model of a provider.
public struct ModelReference: Hashable, Sendable, CustomStringConvertible {
    /// The provider.
    public let provider: ProviderID
    /// The model's name, as the provider calls it.
    public let model: String

    /// Makes a reference.
    public init(provider: ProviderID, model: String) {
        self.provider = provider
        self.model = model
    }

    /// Reads `provider/model`; nil when it is not of that form.
    public init?(text: String) {
        guard let slash = text.firstIndex(of: "/"), let provider = try? ProviderID(String(text[..<slash])),
            text.index(after: slash) < text.endIndex
        else { return nil }
        self.init(provider: provider, model: String(text[text.index(after: slash)...]))
    }

    /// `provider/model`, the form that people and standard clients use.
    public var description: String { "\(provider)/\(model)" }
}

/// What is known of a model.
public struct ModelDescription: Sendable, Equatable {
    /// The model's name, as the provider calls it.
    public var name: String
    /// A name for people; nil for none.
    public var title: String?
    /// Tokens that fit into one call; nil when nobody said.
    public var contextWindow: Int?
    /// When the provider says it was made.
    public var created: Int64?

    /// Makes a description.
    public init(name: String, title: String? = nil, contextWindow: Int? = nil, created: Int64? = nil) {
        self.name = name
        self.title = title
        self.contextWindow = contextWindow
        self.created = created
    }
}

/// What a model of a provider can do, as configured or as the provider's interface implies.
public struct ModelCapabilities: Sendable, Equatable {
    /// It has a shell tool of its own, whose calls come as lists of commands.
    public var shellTool: Bool
    /// It takes images.
    public var images: Bool
    /// It thinks as much as it is asked to.
    public var reasoning: Bool
    /// Tokens that fit into one call, input and output together.
    public var contextWindow: Int

    /// Makes a value; 128,000 tokens unless said otherwise.
    public init(
        shellTool: Bool = false,
        images: Bool = true,
        reasoning: Bool = true,
        contextWindow: Int = 128_000
    ) {
        self.shellTool = shellTool
        self.images = images
        self.reasoning = reasoning
        self.contextWindow = contextWindow
    }
}
