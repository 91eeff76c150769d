internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// The server's side of the panel assistant: /check, /checkin and /openai, as its widget calls them.
struct ChatterRoutes: Sendable {
    private let services: EdgeServices
    private let chats: ChatService
    private let models: ModelCatalog
    private let pictures: PictureService
    private let limits: ChatterLimits

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        self.services = services
        chats = assistant.chats
        models = assistant.models
        pictures = PictureService(models: assistant.models)
        limits = ChatterLimits(clock: services.clock, basePath: services.settings.basePath)
    }

    var routes: [Route] {
        let shares = services.shares.map {
            ChatterShareRoutes(shares: $0, chats: chats, limits: limits).routes
        }
        return (shares ?? []) + [
            Route(.post, "/check", access: .open, limits.limited(check)),
            Route(.post, "/checkin", access: .open, limits.limited(checkIn)),
            Route(.post, "/openai", access: .credential(.chat, on: .chat), limits.limited(answer)),
        ]
    }

    private func check(_ context: RequestContext) async throws -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(Array("ok".utf8))
        )
    }

    // MARK: /checkin

    private func checkIn(_ context: RequestContext) async throws -> HTTPResponse {
        let fields = try ChatterFields(context.request)
        guard let name = try fields.text("serverUsername")?.trimmed, Self.isName(name) else {
            throw ChatterFields.wrong("serverUsername", "letters, digits, dashes and underscores")
        }
        guard let passphrase = try fields.text("serverPassphrase")?.trimmed, !passphrase.isEmpty else {
            throw ChatterFields.wrong("serverPassphrase", "a passphrase")
        }
        guard try fields.text("sessionHash") != nil else {
            throw ChatterFields.wrong("sessionHash", "a string, which may be empty")
        }
        let begun: BegunSignIn
        do {
            begun = try await services.signIns.signIn(
                name: name,
                passphrase: Secret(passphrase),
                kind: .client,
                from: context.request.clientAddress
            )
        } catch let failure as Failure where failure.code == "sign_in_refused" {
            throw ChatterFailures.authenticationFailure
        }
        let caller = Principal(begun.known.person, signIn: begun.known.signIn.id)
        let entries =
            caller.permissions.contains(.chat)
            ? try await ChatterHistory(chats: chats).entries(as: caller) : []
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("token")
                writer.string(begun.credential.reveal())
                writer.key("userChatHistory")
                ChatterHistory.write(entries, to: &writer)
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    // MARK: /openai

    private func answer(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let asked = try ChatterRequest(context.request)
        let model = try models.reference(asked.model)
        if asked.wantsPicture { return try await picture(asked, model, as: caller) }
        let (chat, turn) = try await begin(asked, model, as: caller)
        let follower = TurnFollower(chats: chats, chat: chat, turn: turn)
        let answer = ChatterAnswer(
            turn: turn,
            chatKey: ChatterConversation.key(of: chat),
            model: asked.model
        )
        if asked.isStreamed { return stream(answer, follower, context) }
        return try await whole(answer, follower, context)
    }

    /// Stores what is asked; the turn works from then on, whoever follows.
    private func begin(_ asked: ChatterRequest, _ model: ModelReference, as caller: Principal) async throws
        -> (Chat, Turn)
    {
        let conversation = ChatterConversation(chats: chats, models: models)
        let name = try await ownName(of: caller)
        let chat = try await conversation.chat(for: asked, of: name, as: caller)
        let mayRun = services.settings.shellIsOn && caller.permissions.contains(.shellRun)
        try await endAbandoned(chat, conversation, as: caller)
        let request = try await conversation.turn(
            for: asked,
            in: chat,
            of: model,
            offeringShell: asked.wantsShell && mayRun,
            as: caller
        )
        return (chat, try await chats.begin(request, in: chat.id, as: caller).turn)
    }

    /// The client has no word for stopping: whoever stopped reading and asks anew does not want the earlier answer any
    /// more. What was begun through other doors is left alone.
    private func endAbandoned(_ chat: Chat, _ conversation: ChatterConversation, as caller: Principal)
        async throws
    {
        guard let working = chat.workingTurn else { return }
        let turn = try await chats.turn(working, as: caller)
        guard try await conversation.draft(of: turn, in: chat)?.options.door == .seed else { return }
        _ = try await chats.cancel(working, as: caller)
    }

    private func ownName(of caller: Principal) async throws -> String {
        guard caller.signIn != nil else { return caller.id.rawValue }
        return try await services.signIns.current(as: caller).person.name.rawValue
    }

    private func stream(_ answer: ChatterAnswer, _ follower: TurnFollower, _ context: RequestContext)
        -> HTTPResponse
    {
        let logger = services.logger
        return SSE.response(routeTemplate: context.template) { writer in
            try await context.untilSignInEnds {
                var stream = ChatterStream(answer)
                try await writer.send(stream.begin())
                do {
                    try await follower.each { body in
                        try await writer.send(stream.take(body))
                    }
                } catch let error where !(error is CancellationError || error is HTTPStreamError) {
                    logger.error("turn cannot be followed", .init("error", LogValue.error(error)))
                    try await writer.send(stream.error(.internal) + [ChatterStream.last])
                }
            }
        }
    }

    private func whole(_ begun: ChatterAnswer, _ follower: TurnFollower, _ context: RequestContext)
        async throws -> HTTPResponse
    {
        let answer = try await context.untilSignInEnds {
            var answer = begun
            try await follower.each { answer.take($0) }
            return answer
        }
        guard let end = answer.end, end.state == .completed else {
            let cause = answer.end?.failure
            // Whatever it was there, here it is an answer that could not be given.
            throw Failure(
                .internal,
                code: cause?.code ?? "turn_cancelled",
                message: cause?.message ?? "This answer was ended before it was complete.",
                hint: cause?.hint ?? "Ask again.",
                retryAfter: cause?.retryAfter
            )
        }
        return NativeAnswers.json { answer.write(to: &$0) }
    }

    private func picture(_ asked: ChatterRequest, _ model: ModelReference, as caller: Principal) async throws
        -> HTTPResponse
    {
        var words = ""
        var sources: [ImageContent] = []
        for part in asked.message {
            switch part {
            case .text(let text): words += words.isEmpty ? text : "\n" + text
            case .image(let image): sources.append(image)
            }
        }
        var request = ImageRequest(
            model: model.model,
            prompt: words,
            context: CallContext(principal: caller.id, door: .seed)
        )
        request.sources = sources
        request.size = asked.pictureSize
        request.quality = asked.pictureQuality
        let made = try await pictures.pictures(for: request, of: model, through: .seed, as: caller)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("base64")
                writer.array { writer in for image in made { writer.string(Base64.encode(image.bytes)) } }
            }
        }
    }
}
