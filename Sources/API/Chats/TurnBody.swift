internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// What the body of a request to begin a turn asks for.
struct TurnBody {
    let request: TurnRequest
    /// The answer is to be the turn's events.
    let isStream: Bool

    init(_ httpRequest: HTTPRequest, models: ModelCatalog) throws(Failure) {
        let body = try BodyReader(
            httpRequest,
            known: [
                "message", "model", "reasoning", "verbosity", "key", "replacing", "again", "continue",
                "stream",
            ]
        )
        var request = TurnRequest(message: try Self.message(body))
        if let model = try body.string("model") { request.model = try models.reference(model) }
        request.reasoning = try body.word("reasoning", ReasoningEffort.self)
        request.verbosity = try body.word("verbosity", Verbosity.self)
        if let key = try body.string("key") { request.key = try IdempotencyKey(key) }
        request.replacing = try body.integer("replacing").map { TurnID($0) }
        request.repeatsMessage = try body.bool("again") ?? false
        if request.repeatsMessage, !request.message.isEmpty || request.replacing == nil {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'again' stands beside a message, or without 'replacing'.",
                hint: "Send {\"again\": true, \"replacing\": <turn>}, or a message."
            )
        }
        request.isContinuation = try body.bool("continue") ?? false
        request.door = .chat
        if request.isContinuation, !request.message.isEmpty || request.replacing != nil {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'continue' stands beside 'message' or 'replacing'.",
                hint: "Send a message, or {\"continue\": true} alone."
            )
        }
        self.request = request
        isStream = try body.bool("stream") ?? false
    }

    /// A text, or parts of text and images.
    private static func message(_ body: BodyReader) throws(Failure) -> [ContentPart] {
        if let text = try? body.string("message") { return [.text(text)] }
        let known: Set<String> = ["type", "text", "media_type", "data"]
        var parts: [ContentPart] = []
        for part in try body.objects("message", known: known) ?? [] {
            switch try part.word("type", PartType.self) {
            case .text: parts.append(.text(try part.string("text") ?? ""))
            case .image: parts.append(.image(try image(part)))
            case nil: throw part.wrong("type", "\"text\" or \"image\"")
            }
        }
        return parts
    }

    private static func image(_ part: BodyReader) throws(Failure) -> ImageContent {
        guard let mediaType = try part.string("media_type") else {
            throw part.wrong("media_type", "an image's type such as \"image/png\"")
        }
        guard let bytes = Base64.decode(try part.string("data") ?? ""), !bytes.isEmpty else {
            throw part.wrong("data", "an image's bytes in base64")
        }
        return ImageContent(mediaType: mediaType.lowercased(), bytes: bytes)
    }

    private enum PartType: String, CaseIterable { case text, image }
}
