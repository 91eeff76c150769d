internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /mkshr and /chkshr: the panel assistant's links to chats, made by their owners only.
struct ChatterShareRoutes: Sendable {
    private static let maximumBytes = 4 << 20

    let shares: ShareService
    let chats: ChatService
    let limits: ChatterLimits

    var routes: [Route] {
        [
            Route(.post, "/mkshr", access: .signIn(.share, on: .chat), limits.limited(make)),
            Route(.post, "/chkshr", access: .link(to: .share), limits.limited(look)),
        ]
    }

    /// `user` has no effect: whose chat it is comes from the sign-in.
    private func make(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let fields = try ChatterFields(context.request)
        guard let key = try fields.text("chatId"), !key.isEmpty else { throw ChatterFailures.chatMissing }
        guard let chat = try await chat(key, as: caller) else { throw ChatterFailures.chatNotFound }
        // As there: whoever has the link sees what is said later, too.
        let made = try await shares.create(ShareRequest(chat: chat.id, isFollowing: true), as: caller)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("shareToken")
                writer.string(made.token.reveal())
            }
        }
    }

    private func chat(_ key: String, as caller: Principal) async throws -> Chat? {
        if let chat = try await chats.chat(key: key, as: caller) { return chat }
        guard let id = ChatterConversation.id(of: key) else { return nil }
        do { return try await chats.chat(id, as: caller) } catch is Failure { return nil }
    }

    private func look(_ context: RequestContext) async throws -> HTTPResponse {
        guard let token = try ChatterFields(context.request).text("shareToken"), !token.isEmpty else {
            throw ChatterFields.wrong("shareToken", "the token of a share")
        }
        let entries: [ChatterEntry]
        do { entries = try await self.entries(of: token, from: context.request.clientAddress) } catch let
            failure as Failure where failure.code == "share_not_found"
        { throw ChatterFailures.shareExpired }
        return NativeAnswers.json { writer in
            writer.array { writer in for entry in entries { entry.write(to: &writer) } }
        }
    }

    /// What was said, in the order of its dates; the beginning of it where it is very long.
    private func entries(of token: String, from address: String) async throws -> [ChatterEntry] {
        let opened = try await shares.open(token, from: address)
        var turns: [(id: TurnID, said: ChatterTurn)] = []
        var bytes = 0
        var last: Int64? = 0
        while let after = last, bytes < Self.maximumBytes {
            let piece = try await shares.piece(of: opened, after: after)
            for fact in piece.facts {
                if turns.last?.id != fact.turn {
                    turns.append((fact.turn, ChatterTurn(chatKey: "shared", showsInstructions: false)))
                }
                turns[turns.count - 1].said.take(fact)
            }
            bytes = turns.reduce(0) { $0 + $1.said.entries.reduce(0) { $0 + $1.text.utf8.count } }
            last = piece.next
        }
        return turns.flatMap(\.said.entries)
    }
}
