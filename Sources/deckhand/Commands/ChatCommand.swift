import CLinux
import Core
import Crypto
import Domain

/// `deckhand chat`.
struct ChatCommand: Command {
    static let specification = CommandSpecification(
        name: "chat",
        summary: "Talk with the assistant, or ask it one question.",
        operands: [.init(name: "QUESTION", isOptional: true)],
        options: CommandSpecification.connection + [
            .init(flag: "--chat", placeholder: "ID", summary: "Go on with this chat."),
            .init(flag: "--last", summary: "Go on with the chat that was used last."),
            .init(flag: "--model", placeholder: "MODEL", summary: "The model, as provider/model."),
            .init(
                flag: "--reasoning",
                placeholder: "WORD",
                summary: "How much it is to think: none to xhigh."
            ),
            .init(
                flag: "--verbosity",
                placeholder: "WORD",
                summary: "How long it is to answer: low, medium or high."
            ),
            .init(flag: "--user", placeholder: "NAME", summary: "The operator to sign in as."),
            .init(flag: "--sign-in", summary: "Sign in anew."),
            .init(flag: "--sign-out", summary: "End the sign-in that is kept, and do nothing else."),
            .init(flag: "--json", summary: "Print each event as a line of JSON in place of the answer."),
        ],
        details: """
            Without QUESTION it asks for one message after the other; a line that ends with a backslash goes on in the next one,
            and Ctrl-D ends it. What comes from standard input beside QUESTION, such as a log, is sent along with it.
            While the assistant works, Ctrl-C ends its turn, and a second one leaves. A command that needs a decision is shown
            with all that the decision covers: a approves it once, d denies it, n denies it with a note for the model, w also
            proposes to always allow it. At a terminal --chat and --last show the latest turns first.
            The answer goes to standard output, all else to standard error; colours are off when NO_COLOR is set.
            A sign-in is kept in ~/.local/state/deckhand until it expires; DECKHAND_TOKEN is used in its place.
            Exit code 0 when the assistant was done, 1 when it failed, 3 when a cap stopped it, 130 when it was ended or left.
            """
    )

    static let handlesSignals = true

    private static let inputLimit = ChatQuestion.maximumImage + 1

    private let arguments: ParsedArguments
    private let chat: Int?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        chat = try arguments.integer("--chat", in: 1...Int.max)
        if chat != nil, arguments.has("--last") { throw UsageError("--chat and --last exclude each other") }
        try Self.check("--reasoning", arguments, ReasoningEffort.allCases.map(\.rawValue))
        try Self.check("--verbosity", arguments, Verbosity.allCases.map(\.rawValue))
    }

    private static func check(
        _ flag: String,
        _ arguments: ParsedArguments,
        _ words: [String]
    ) throws(UsageError) {
        guard let word = arguments[flag], !words.contains(word) else { return }
        throw UsageError("\(flag) needs one of: \(words.joined(separator: ", "))")
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let console = program.console
        let connection = try ServerConnection(arguments, program.surroundings)
        let isAtTerminal = isatty(0) == 1 && isatty(2) == 1
        let signIn = ChatSignIn(
            connection: connection,
            file: SignInFile(program.surroundings, place: connection.place),
            console: console,
            isInteractive: isAtTerminal
        )
        if arguments.has("--sign-out") {
            await console.say(
                try await signIn.signOut() ? "deckhand: signed out" : "deckhand: nobody was signed in"
            )
            return 0
        }
        let client = ServerClient(
            try await signIn.signedIn(name: arguments["--user"], isNew: arguments.has("--sign-in"))
        )
        let channel = BoundedChannel<ChatInput>(capacity: 64)
        let manner = ChatConversation.Manner(
            paint: TerminalPaint(program.surroundings.environment, isTerminal: isatty(2) == 1),
            canDecide: isAtTerminal,
            showsReasoning: isAtTerminal && !arguments.has("--json"),
            printsJSON: arguments.has("--json")
        )
        let conversation = ChatConversation(
            server: ChatServer(client: client),
            console: console,
            manner: manner,
            terminal: KeyTerminal(),
            channel: channel
        )
        do {
            return try await listen(channel, program.signals, readsKeys: isAtTerminal) {
                try await talk(conversation, isAtTerminal: isAtTerminal)
            }
        } catch { throw client.explained(error) }
    }

    /// Runs the body while signals and, at a terminal, what is typed go into the channel.
    private func listen(
        _ channel: BoundedChannel<ChatInput>,
        _ signals: SignalSource?,
        readsKeys: Bool,
        _ body: @escaping @Sendable () async throws -> Int32
    ) async throws -> Int32 {
        try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await body() }
            if let signals {
                group.addTask {
                    for await signal in signals.signals() {
                        try await channel.send(signal == .terminate ? .interrupt : .endOfInput)
                    }
                    return nil
                }
            }
            if readsKeys {
                group.addTask {
                    let input = DescriptorStream(0, name: "stdin")
                    while true {
                        let bytes = try await input.read(upTo: 4_096)
                        guard !bytes.isEmpty else { break }
                        try await channel.send(.typed(bytes))
                    }
                    try await channel.send(.endOfInput)
                    return nil
                }
            }
            defer { group.cancelAll() }
            while let code = try await group.next() {
                if let code { return code }
            }
            return 1
        }
    }

    private func talk(_ conversation: ChatConversation, isAtTerminal: Bool) async throws -> Int32 {
        var inbox = ChatInbox(conversation.channel)
        var question = ChatQuestion(text: arguments.operands.first ?? "")
        question.model = arguments["--model"]
        question.reasoning = arguments["--reasoning"]
        question.verbosity = arguments["--verbosity"]
        // Read before a chat is made, so that nothing is left behind by a mistake.
        if isatty(0) != 1 { question.attachment = try await Self.standardInput() }
        let isOnce = !question.text.isEmpty || !question.attachment.isEmpty || !isAtTerminal
        if isOnce { _ = try question.body(key: "check") }

        var chat = try await given(conversation)
        if isAtTerminal, !arguments.has("--json"), let chat {
            let history = ChatHistory(server: conversation.server, paint: conversation.manner.paint)
            try await history.tell(chat) { try await conversation.console.writeError(Array($0.utf8)) }
        }
        if let working = chat?.workingTurn {
            await conversation.console.say("deckhand: a turn works in this chat; this is what happens in it")
            let end = try await conversation.attend(try await conversation.server.turn(working), &inbox)
            if isOnce, end == .left { return end.exitCode }
        }
        if isOnce {
            return try await ask(question, &chat, conversation, &inbox).exitCode
        }
        return try await interview(question, &chat, conversation, &inbox)
    }

    private func given(_ conversation: ChatConversation) async throws -> ChatServer.Chat? {
        let found: ChatServer.Chat
        if let chat {
            found = try await conversation.server.chat(Int64(chat))
        } else if arguments.has("--last") {
            guard let last = try await conversation.server.last() else {
                throw Failure(
                    .notFound,
                    code: "chat_not_found",
                    message: "There is no chat yet.",
                    hint: "Begin one without --last."
                )
            }
            found = last
        } else {
            return nil
        }
        let title = found.title.map { ": " + TerminalText.line($0) } ?? ""
        await conversation.console.say("deckhand: chat \(found.id)\(title)")
        return found
    }

    /// Begins a turn, in a new chat if there is none, and follows it.
    private func ask(
        _ question: ChatQuestion,
        _ chat: inout ChatServer.Chat?,
        _ conversation: ChatConversation,
        _ inbox: inout ChatInbox
    ) async throws -> ChatConversation.End {
        let body = try question.body(key: Self.key())
        let known: ChatServer.Chat
        if let chat {
            known = chat
        } else {
            known = try await conversation.server.create(model: question.model, key: Self.key())
            chat = known
        }
        return try await conversation.attend(try await conversation.server.begin(body, in: known.id), &inbox)
    }

    /// One message after the other, until the person goes.
    private func interview(
        _ manner: ChatQuestion,
        _ chat: inout ChatServer.Chat?,
        _ conversation: ChatConversation,
        _ inbox: inout ChatInbox
    ) async throws -> Int32 {
        let console = conversation.console
        var lines = ChatLines()
        await console.say("Ask something; Ctrl-D ends the conversation.")
        while true {
            try await console.writeError(Array((lines.isOpen ? "… " : "> ").utf8))
            let messages: [String]
            switch try await inbox.next() {
            case .typed(let bytes): messages = lines.take(bytes)
            case .endOfInput:
                await console.say("")
                if let chat { await console.say("deckhand: go on with: deckhand chat --chat \(chat.id)") }
                return 0
            case .interrupt:
                await console.say("")
                return 130
            case .news, .unfollowed: continue
            }
            for message in messages {
                var question = manner
                question.text = message
                do {
                    if try await ask(question, &chat, conversation, &inbox) == .left { return 130 }
                } catch let failure as Failure {
                    // Such as a chat in which somebody else's turn works: the person may try again.
                    await console.say("deckhand: \(TerminalText.line(failure.message, limit: 1_000))")
                    if let hint = failure.hint { await console.say(TerminalText.line(hint, limit: 1_000)) }
                }
            }
        }
    }

    private static func standardInput() async throws -> [UInt8] {
        let input = DescriptorStream(0, name: "stdin")
        var bytes: [UInt8] = []
        while bytes.count < inputLimit {
            let piece = try await input.read(upTo: 64 << 10)
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }

    private static func key() -> String { TextCoding.hex(systemRandomBytes(16)) }
}
