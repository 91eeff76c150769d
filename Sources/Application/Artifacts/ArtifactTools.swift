internal import Core
public import Domain

/// The tool with which models make files of text.
public struct ArtifactTools: TurnTools {
    private static let name = "artifact_create"

    private let service: ArtifactService

    /// Makes the tools.
    public init(_ service: ArtifactService) { self.service = service }

    /// The tool, for who may have files made at the chat's place.
    public func offered(in context: ToolContext) async throws -> [OfferedTool] {
        guard service.isOpen(to: context.principal, at: context.place) else { return [] }
        return [
            .function(
                FunctionTool(
                    name: Self.name,
                    description:
                        "Makes a file that the person can download, such as a report, a table or a letter. Use it for what they want to keep or hand on, not for ordinary answers.",
                    parameters: Self.parameters
                )
            )
        ]
    }

    /// Keeps the file; what is wrong with it is told to the model.
    public func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome {
        guard case .function(_, let text) = step.call.request else { return .refused(Self.invalid("")) }
        let home = ArtifactHome(
            owner: context.principal.id,
            place: context.place,
            chat: context.turn.chat,
            turn: context.turn.id
        )
        do {
            let file = try Self.file(text)
            let origin = ArtifactOrigin(.tool, key: "\(step.id.call)/\(step.id.index)")
            let made = try await service.keep(file, by: origin, in: home)
            try await report(.artifact(made.note))
            return ToolOutcome(
                .text(
                    "The file is kept as artifact \(made.id): “\(made.draft.title)” (\(made.draft.format.rawValue), \(made.draft.size) bytes). The person sees it beside the chat and can download it; do not repeat its content.",
                    isError: false
                )
            )
        } catch let failure as Failure {
            return .refused(failure)
        }
    }

    // MARK: Arguments

    private static func file(_ text: String) throws(Failure) -> MadeFile {
        guard let given = try? JSONValue(parsing: Array(text.utf8)), given.object != nil else {
            throw invalid("They are no JSON object.")
        }
        guard let title = given["title"]?.string, let content = given["content"]?.string else {
            throw invalid("'title' and 'content' are texts, and both are needed.")
        }
        guard let format = given["media_type"]?.string.flatMap(ArtifactFormat.init(mediaType:)), format.isText
        else {
            throw invalid(
                "'media_type' is one of " + ArtifactFormat.texts.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
        var kind: ArtifactKind?
        if let word = given["type"]?.string {
            kind = ArtifactKind(rawValue: word)
            guard let kind, kinds.contains(kind) else {
                throw invalid("'type' is one of " + kinds.map(\.rawValue).joined(separator: ", ") + ".")
            }
        }
        guard content.utf8.count <= ArtifactSettings.maximumWritten else {
            throw Failure(
                .tooLarge,
                code: "artifact_too_large",
                message: "The content has \(content.utf8.count) bytes.",
                hint:
                    "At most \(ArtifactSettings.maximumWritten) bytes are taken: make it shorter, or several files."
            )
        }
        return MadeFile(
            title: try ArtifactTitle(title),
            kind: kind,
            format: format,
            bytes: Array(content.utf8)
        )
    }

    /// What a text can be.
    private static let kinds: [ArtifactKind] = [.document, .table, .data]

    private static func invalid(_ what: String) -> Failure {
        Failure(
            .unprocessable,
            code: "invalid_arguments",
            message: "The arguments of \(name) cannot be used. \(what)",
            hint: "Call it again with arguments that match its schema."
        )
    }

    private static let parameters: JSONValue = .object([
        "type": .string("object"),
        "additionalProperties": .bool(false),
        "required": .array(["title", "media_type", "content"].map(JSONValue.string)),
        "properties": .object([
            "title": .object([
                "type": .string("string"),
                "description": .string("A few words on one line; the file's name is made of them."),
            ]),
            "type": .object([
                "type": .string("string"), "enum": .array(kinds.map { .string($0.rawValue) }),
            ]),
            "media_type": .object([
                "type": .string("string"),
                "enum": .array(ArtifactFormat.texts.map { .string($0.rawValue) }),
            ]),
            "content": .object([
                "type": .string("string"), "description": .string("The whole text of the file."),
            ]),
        ]),
    ])
}
