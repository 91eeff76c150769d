internal import Core

/// How large a call of a model can become, as far as that is known before it is made.
public struct CallSize: Sendable, Equatable {
    /// An estimate of its input.
    public var inputTokens: Int
    /// The most that it may produce; nil when it has no limit of its own.
    public var maximumOutputTokens: Int?

    /// Makes a size.
    public init(inputTokens: Int = 0, maximumOutputTokens: Int? = nil) {
        self.inputTokens = inputTokens
        self.maximumOutputTokens = maximumOutputTokens
    }

    /// The size of a request.
    public init(_ request: ModelRequest) {
        let tools = request.tools.reduce(0) { $0 + $1.bytes }
        let text = (request.instructions?.utf8.count ?? 0) + tools
        let items = request.items.reduce((bytes: text, images: 0)) { sum, item in
            let size = item.content.size
            return (
                sum.bytes + max(size.bytes, item.native?.json.count ?? 0) + Self.bytesPerItem,
                sum.images + size.images
            )
        }
        self.init(
            inputTokens: Self.tokens(bytes: items.bytes) + items.images * Self.tokensPerImage,
            maximumOutputTokens: request.maximumOutputTokens
        )
    }

    /// The size of a request for pictures; what they take at the output is the price of the call.
    public init(_ request: ImageRequest) {
        self.init(
            inputTokens: Self.tokens(bytes: request.prompt.utf8.count)
                + request.sources.count * Self.tokensPerImage
        )
    }

    /// An estimate on the high side: three bytes of text are one token.
    public static func tokens(bytes: Int) -> Int { (bytes + 2) / 3 }

    /// What one picture counts at the input.
    public static let tokensPerImage = 1_600
    private static let bytesPerItem = 12
}

extension OfferedTool {
    fileprivate var bytes: Int {
        switch self {
        case .shell: 300
        case .function(let function):
            function.name.utf8.count + function.description.utf8.count + function.parameters.bytes.count
        }
    }
}

extension ModelItem.Content {
    fileprivate var size: (bytes: Int, images: Int) {
        switch self {
        case .user(let parts): parts.size
        case .system(let text), .assistant(let text), .refusal(let text), .reasoning(let text):
            (text.utf8.count, 0)
        case .toolCall(let call): (call.bytes, 0)
        case .toolResult(let result):
            switch result.content {
            case .parts(let parts, _): parts.size
            case .shell(let results, _):
                (results.reduce(0) { $0 + $1.stdout.utf8.count + $1.stderr.utf8.count }, 0)
            }
        }
    }
}

extension ToolCall {
    fileprivate var bytes: Int {
        switch request {
        case .function(let name, let arguments): name.utf8.count + arguments.utf8.count
        case .shell(let commands, _, _): commands.reduce(0) { $0 + $1.utf8.count }
        }
    }
}

extension [ContentPart] {
    fileprivate var size: (bytes: Int, images: Int) {
        reduce((0, 0)) { sum, part in
            switch part {
            case .text(let text): (sum.0 + text.utf8.count, sum.1)
            case .image: (sum.0, sum.1 + 1)
            }
        }
    }
}

extension ModelEvent {
    /// How much of an answer this hands over: pieces as they come; complete items repeat what their pieces said.
    public var deliveredBytes: Int {
        switch self {
        case .textDelta(let text), .refusalDelta(let text), .reasoningDelta(let text),
            .toolCallDelta(_, _, let text):
            text.utf8.count
        case .toolCallBegan(_, let name): name.utf8.count
        case .image: CallSize.tokensPerImage * 3
        case .started, .item, .usage, .finished: 0
        }
    }

    /// How much a complete item says, for answers that come without pieces.
    public var completeBytes: Int {
        if case .item(let item) = self { item.content.size.bytes } else { 0 }
    }
}
