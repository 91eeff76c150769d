import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("The turn engine")
struct TurnEngineTests {
    private static func call(_ id: String, _ command: String) -> ToolCall {
        ToolCall(
            id: id,
            request: .function(
                name: "shell",
                arguments: String(
                    decoding: JSONValue.object(["command": .string(command)]).bytes,
                    as: UTF8.self
                )
            )
        )
    }

    private static func ask(_ text: String) -> TurnRequest { TurnRequest(message: [.text(text)]) }

    private static func finished(_ events: [ChatEvent]) throws -> (TurnState, Failure?) {
        guard case .turnFinished(let state, _, let failure) = try events.last?.body() else {
            throw ChatEventError(description: "the turn is not over")
        }
        return (state, failure)
    }

    @Test("an answer arrives as deltas in order, and complete at the end; numbers rise by one")
    func answer() async throws {
        let bench = try ChatBench([.text("Hel", "lo")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi there"), in: chat.id, as: ChatBench.owner)
            let events = try await bench.events(of: chat, service)
            #expect(
                events.map(\.kind) == [
                    .turnStarted, .chatTitled, .modelStarted, .text, .text, .modelFinished, .turnFinished,
                ]
            )
            #expect(events.map(\.number) == Array(1...7))
            #expect(try Self.finished(events).0 == .completed)
            let after = try await service.chat(chat.id, as: ChatBench.owner)
            #expect(after.title == "Hi there")
            #expect(after.workingTurn == nil)
        }
    }

    @Test("the model's command runs once as a ticket, and its result goes back to the model")
    func command() async throws {
        let bench = try ChatBench(
            [.calls([Self.call("c1", "uptime")]), .text("All is well.")],
            answer: { _ in ChatBench.exited("up 3 days\n") }
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("How is it?"), in: chat.id, as: ChatBench.owner)
            let events = try await bench.events(of: chat, service)
            #expect(events.contains { $0.kind == .toolTicket })
            #expect(try Self.finished(events).0 == .completed)
        }
        let second = try #require(bench.model.requests.last)
        guard case .toolResult(let result) = second.items.last?.content,
            case .parts(let parts, let isError) = result.content, case .text(let text) = parts.first
        else {
            Issue.record("the model was not told: \(second.items)")
            return
        }
        #expect(result.callID == "c1")
        #expect(!isError)
        #expect(text.contains("exit code 0") && text.contains("up 3 days"))
        #expect(bench.harness.runner.started.count == 1)
    }

    @Test("each command of a provider's own shell tool is a ticket, in order")
    func nativeShell() async throws {
        let request = ToolCall.Request.shell(commands: ["pwd", "ls"], timeout: nil, maximumOutput: 4_096)
        let bench = try ChatBench(
            [.calls([ToolCall(id: "s", request: request)]), .text("Done.")],
            native: true
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Look"), in: chat.id, as: ChatBench.owner)
            #expect(try Self.finished(try await bench.events(of: chat, service)).0 == .completed)
        }
        #expect(bench.harness.runner.started.map(\.command) == ["pwd", "ls"])
        guard case .toolResult(let result) = bench.model.requests.last?.items.last?.content,
            case .shell(let commands, let maximum) = result.content
        else {
            Issue.record("no shell result")
            return
        }
        #expect(commands.count == 2)
        #expect(commands.allSatisfy { $0.outcome == .exit(code: 0) && $0.stdout == "ok\n" })
        #expect(maximum == 4_096)
    }

    @Test("a provider's failure ends the turn with its remedy, and what was said is kept")
    func failure() async throws {
        let refusal = Failure(
            .rateLimited,
            code: "provider_rate_limited",
            message: "Slow down.",
            hint: "Wait."
        )
        let bench = try ChatBench([ScriptedAnswer([.events([.textDelta("I th")]), .fail(refusal)])])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            let events = try await bench.events(of: chat, service)
            let (state, failure) = try Self.finished(events)
            #expect(state == .failed)
            #expect(failure?.code == "provider_rate_limited")
            #expect(failure?.hint == "Wait.")
            let cut = try #require(events.first { $0.kind == .modelInterrupted })
            guard case .modelInterrupted(1, "I th", _) = try cut.body() else {
                Issue.record("what was said is lost")
                return
            }
        }
    }

    @Test("cancelling ends the provider's call and is stored before it is answered")
    func cancel() async throws {
        let bench = try ChatBench([ScriptedAnswer([.events([.textDelta("Well")]), .hang])])
        try await bench.serving { service, engine in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let turn = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner).turn
            try await eventually("it streams") {
                try await service.events(of: chat, after: 0).contains { $0.kind == .text }
            }
            let ended = try await service.cancel(turn.id, as: ChatBench.owner)
            #expect(ended.state == .cancelled)
            #expect(bench.model.cancelledCalls == 1)
            #expect(try await service.cancel(turn.id, as: ChatBench.owner).state == .cancelled)
            try await eventually("nobody works on it any more") { engine.workingCount == 0 }
        }
    }

    @Test("a tool that does not exist is an error for the model, and runs nothing")
    func unknownToolIsTold() async throws {
        let call = ToolCall(id: "x", request: .function(name: "rm_rf", arguments: "not json"))
        let bench = try ChatBench([.calls([call]), .text("I see.")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            #expect(try Self.finished(try await bench.events(of: chat, service)).0 == .completed)
        }
        guard case .toolResult(let result) = bench.model.requests.last?.items.last?.content,
            case .parts(_, let isError) = result.content
        else {
            Issue.record("no result")
            return
        }
        #expect(isError)
        #expect(bench.harness.runner.started.isEmpty)
    }

    @Test("a model that was offered no tools and calls one all the same runs nothing")
    func noTools() async throws {
        let bench = try ChatBench([.calls([Self.call("c", "uptime")]), .text("Without tools.")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            var request = Self.ask("Hi")
            request.tools = .none
            _ = try await service.begin(request, in: chat.id, as: ChatBench.owner)
            #expect(try Self.finished(try await bench.events(of: chat, service)).0 == .completed)
        }
        #expect(bench.model.requests.allSatisfy { $0.tools.isEmpty })
        #expect(bench.model.requests.count == 2, "a call that nobody wanted is no answer")
        #expect(bench.harness.runner.started.isEmpty)
    }

    @Test("the same call with the same result three times stops the turn")
    func loop() async throws {
        let bench = try ChatBench((0..<5).map { .calls([Self.call("c\($0)", "uptime")]) })
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            let (state, failure) = try Self.finished(try await bench.events(of: chat, service))
            #expect(state == .stopped)
            #expect(failure?.code == "stuck_in_a_loop")
        }
        #expect(bench.model.requests.count == 3)
    }

    @Test("waiting for a command that prints nothing is no circle, however often")
    func quietCommand() async throws {
        let wait = #"{"ticket":"chat-1/1","wait":0.001}"#
        let polls = (1...4).map { number in
            ScriptedAnswer.calls([
                ToolCall(id: "p\(number)", request: .function(name: "ticket_output", arguments: wait))
            ])
        }
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        let bench = try ChatBench(
            [.calls([Self.call("c", "sleep 900")])] + polls + [.text("It still runs.")],
            settings: settings,
            answer: { _ in nil }
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Wait for it"), in: chat.id, as: ChatBench.owner)
            let events = try await bench.events(of: chat, service)
            let (state, failure) = try Self.finished(events)
            #expect(state == .completed && failure == nil, "\(String(describing: failure))")
            #expect(events.filter { $0.kind == .toolFinished }.count == 5)
        }
        #expect(bench.model.requests.count == 6)
        #expect(bench.harness.runner.started.count == 1)
    }

    @Test("reading the same of a ticket that is over three times is a circle")
    func finishedTicketLoop() async throws {
        let read = ToolCall.Request.function(name: "ticket_output", arguments: #"{"ticket":"chat-1/1"}"#)
        let reads = (1...4).map { ScriptedAnswer.calls([ToolCall(id: "p\($0)", request: read)]) }
        let bench = try ChatBench([.calls([Self.call("c", "uptime")])] + reads)
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            let failure = try Self.finished(try await bench.events(of: chat, service)).1
            #expect(failure?.code == "stuck_in_a_loop")
        }
        #expect(bench.model.requests.count == 4)
    }

    @Test("a turn whose results are too long for the model goes on with less of them", arguments: [1, 20])
    func tooLong(results: Int) async throws {
        let output = String(repeating: "0123456789abcdef", count: 3_000 / min(results, 10))
        var settings = AssistantSettings()
        settings.resultBytes = 1 << 20
        let tooLong = Failure(.invalid, code: "context_too_long", message: "It is too long.")
        let calls = (1...results).map { Self.call("c\($0)", "seq \($0)") }
        let bench = try ChatBench(
            calls.map { .calls([$0]) } + [.failure(tooLong), .failure(tooLong), .text("Done.")],
            settings: settings,
            answer: { _ in ChatBench.exited("head \(output) tail\n") }
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            let (state, failure) = try Self.finished(try await bench.events(of: chat, service))
            #expect(state == .completed, "\(String(describing: failure))")
        }
        let sizes = bench.model.requests.suffix(3).map { Conversation.size(of: $0.items) }
        try #require(sizes.count == 3)
        #expect(sizes[1] <= sizes[0] / 3 + 2_048 && sizes[2] <= sizes[1] / 3 + 8 * 600, "\(sizes)")
        #expect(sizes[1] < sizes[0] && sizes[2] < sizes[1], "\(sizes)")
        guard case .toolResult(let last) = bench.model.requests.last?.items.last?.content,
            case .parts(let parts, _) = last.content, case .text(let text) = parts.first
        else {
            Issue.record("no result is left")
            return
        }
        #expect(text.hasPrefix("exit code 0") && text.hasSuffix("tail\n"))
        #expect(text.contains("bytes are left out here"))
    }

    @Test("calls whose ids repeat are carried out each once")
    func repeatedIDs() async throws {
        let bench = try ChatBench([
            .calls([Self.call("0", "uptime")]), .calls([Self.call("0", "df")]), .text("Done."),
        ])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hi"), in: chat.id, as: ChatBench.owner)
            #expect(try Self.finished(try await bench.events(of: chat, service)).0 == .completed)
        }
        #expect(bench.harness.runner.started.map(\.command) == ["uptime", "df"])
    }

    @Test("the next turn shows the model the one before, with its calls and results")
    func context() async throws {
        let bench = try ChatBench([.calls([Self.call("c", "uptime")]), .text("Up."), .text("Again.")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("First"), in: chat.id, as: ChatBench.owner)
            _ = try await bench.events(of: chat, service)
            try await eventually("the turn is over") {
                try await service.chat(chat.id, as: ChatBench.owner).workingTurn == nil
            }
            let begun = try await service.begin(Self.ask("Second"), in: chat.id, as: ChatBench.owner)
            try await eventually("the second turn is over") {
                try await service.turn(begun.turn.id, as: ChatBench.owner).state.isOver
            }
        }
        let items = try #require(bench.model.requests.last).items
        let words = items.map { item -> String in
            switch item.content {
            case .user(let parts): if case .text(let text) = parts.first { "user \(text)" } else { "user" }
            case .assistant(let text): "assistant \(text)"
            case .toolCall: "call"
            case .toolResult: "result"
            default: "other"
            }
        }
        #expect(words == ["user First", "call", "result", "assistant Up.", "user Second"])
    }

    @Test("foreign chats do not exist, and the same key gives the same turn")
    func access() async throws {
        let bench = try ChatBench([.text("Hi")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let stranger = Principal(id: PrincipalID("operator:2"), permissions: [.chat])
            for verb in [
                { _ = try await service.chat(chat.id, as: stranger) },
                { _ = try await service.begin(Self.ask("x"), in: chat.id, as: stranger) },
                { try await service.remove(chat.id, as: stranger) },
            ] as [@Sendable () async throws -> Void] {
                let failure = await #expect(throws: Failure.self) { try await verb() }
                #expect(failure?.code == "chat_not_found")
            }
            var request = Self.ask("once")
            request.key = try IdempotencyKey("k")
            let first = try await service.begin(request, in: chat.id, as: ChatBench.owner)
            _ = try await bench.events(of: chat, service)
            let second = try await service.begin(request, in: chat.id, as: ChatBench.owner)
            #expect(second.wasRepeated && second.turn.id == first.turn.id)
        }
        #expect(bench.model.requests.count == 1)
    }

    @Test(
        "a server that goes away at any recorded step is followed by one that ends the turn, with each command run once"
    )
    func recovery() async throws {
        for steps in 1...12 {
            let bench = try ChatBench([
                .calls([Self.call("a", "uptime")], saying: "Look"), .calls([Self.call("b", "df")]),
                .text("Done."),
                .text("Done."), .text("Done."),
            ])
            var events: [ChatEvent] = []
            try await bench.harness.running {
                let chat = try await bench.serving(withScheduler: false) { service, _ in
                    let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
                    _ = try await service.begin(Self.ask("Check"), in: chat.id, as: ChatBench.owner)
                    try await eventually("step \(steps) is known") {
                        try await service.events(of: chat, after: 0).count >= steps
                    }
                    return chat
                }
                events = try await bench.serving(withScheduler: false) { service, _ in
                    try await bench.events(of: chat, service)
                }
            }
            #expect(Set(events.map(\.number)).count == events.count, "step \(steps)")
            #expect(events.map(\.number) == events.map(\.number).sorted(), "step \(steps)")
            #expect(try Self.finished(events).0 == .completed, "step \(steps)")
            let commands = bench.harness.runner.started.map(\.command)
            #expect(Set(commands).count == commands.count, "step \(steps): \(commands)")
        }
    }
    @Test("a turn that the starting engine found in the store, and ended, is not begun once more")
    func begunWhileStarting() async throws {
        let bench = try ChatBench([.text("Hi")])
        let draft = TurnDraft(
            message: [.text("Hello")],
            options: TurnOptions(model: bench.model.reference)
        )
        let chat = try await bench.chats.create(
            ChatDraft(),
            owner: ChatBench.owner.id,
            at: bench.harness.clock.now()
        )
        let begun = try await bench.chats.begin(
            draft,
            in: chat.id,
            owner: ChatBench.owner.id,
            above: 0,
            at: bench.harness.clock.now()
        )
        try await bench.serving { service, engine in
            let events = try await bench.events(of: chat, service)
            #expect(try Self.finished(events).0 == .completed)
            try await eventually("the engine has left it") { engine.workingCount == 0 }
            try engine.admit()
            engine.start(TurnEngine.Job(chat: chat, turn: begun.turn, draft: draft, event: begun.event))
            #expect(engine.workingCount == 0)
            #expect(try await service.events(of: chat, after: 0) == events)
        }
        #expect(bench.model.requests.count == 1)
    }
}
