import Core
import Domain
import TestSupport
import Testing

@testable import Application

extension ChatBench {
    /// A call of the function `shell`.
    static func shell(_ id: String, _ command: String, _ more: [String: JSONValue] = [:]) -> ToolCall {
        let arguments = JSONValue.object(more.merging(["command": .string(command)]) { $1 })
        return function(id, "shell", arguments)
    }

    static func function(_ id: String, _ name: String, _ arguments: JSONValue) -> ToolCall {
        let text = String(decoding: arguments.bytes, as: UTF8.self)
        return ToolCall(id: id, request: .function(name: name, arguments: text))
    }

    static func ask(_ text: String) -> TurnRequest { TurnRequest(message: [.text(text)]) }

    /// How a turn ended.
    static func finished(_ events: [ChatEvent]) throws -> (TurnState, Failure?) {
        guard case .turnFinished(let state, _, let failure) = try events.last?.body() else {
            throw ChatEventError(description: "the turn is not over")
        }
        return (state, failure)
    }
}

@Suite("Ending a turn")
struct TurnCancelTests {
    @Test("a wish to end a turn that the server did not live to carry out is carried out by the next one")
    func cancelOverRestart() async throws {
        let bench = try ChatBench(
            [
                ScriptedAnswer([.events([.textDelta("Well")]), .hang]),
                .calls([ChatBench.shell("c", "uptime")]),
            ]
        )
        try await bench.harness.running {
            let (chat, turn) = try await bench.serving(withScheduler: false) { service, _ in
                let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
                let turn = try await service.begin(ChatBench.ask("Hi"), in: chat.id, as: ChatBench.owner).turn
                try await eventually("it streams") {
                    try await service.events(of: chat, after: 0).contains { $0.kind == .text }
                }
                return (chat, turn)
            }
            // What an answer of 202 leaves behind when the server is killed right after it.
            #expect(try await bench.chats.wantCancel(of: turn.id, owner: ChatBench.owner.id))
            let events = try await bench.serving(withScheduler: false) { service, _ in
                try await bench.events(of: chat, service)
            }
            #expect(try ChatBench.finished(events).0 == .cancelled)
        }
        #expect(bench.model.requests.count == 1)
        #expect(bench.harness.runner.started.isEmpty)
    }

    @Test("a wish to end a turn on which nobody works yet is heeded before its first step")
    func cancelBeforeWork() async throws {
        let bench = try ChatBench([.text("First."), .text("No.")])
        try await bench.serving { service, engine in
            // The engine is done with what an earlier server left once it answers.
            let first = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(ChatBench.ask("Hello"), in: first.id, as: ChatBench.owner)
            _ = try await bench.events(of: first, service)
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let draft = TurnDraft(message: [.text("Hi")], options: TurnOptions(model: bench.model.reference))
            let begun = try await bench.chats.begin(
                draft,
                in: chat.id,
                owner: ChatBench.owner.id,
                above: 0,
                at: bench.harness.clock.now()
            )
            let waiting = try await service.cancel(begun.turn.id, patience: .zero, as: ChatBench.owner)
            #expect(waiting.isCancelWanted)
            try engine.admit()
            engine.start(
                TurnEngine.Job(chat: chat, turn: begun.turn, draft: draft, event: begun.event)
            )
            #expect(try ChatBench.finished(try await bench.events(of: chat, service)).0 == .cancelled)
        }
        #expect(bench.model.requests.count == 1)
    }

    /// Commands of both shells, run or asked for: what was submitted and not told yet.
    private static let untold: [(String, Bool, Bool)] = [
        ("plain", false, false), ("in the background", true, false), ("waiting for a person", false, true),
        ("native", false, false),
    ]

    @Test("ends a command that was submitted, and of which nothing was recorded yet", arguments: untold)
    func untoldTicket(_ name: String, _ isBackground: Bool, _ asks: Bool) async throws {
        let isNative = name == "native"
        let native = ToolCall.Request.shell(commands: ["sleep 900"], timeout: nil, maximumOutput: nil)
        let call =
            isNative
            ? ToolCall(id: "c", request: native)
            : ChatBench.shell("c", "sleep 900", ["background": .bool(isBackground)])
        let bench = try ChatBench(
            [.calls([call])],
            native: isNative,
            policy: FakePolicy { _ in asks ? .ask(reason: "It changes.", rule: "r") : .allow },
            answer: { _ in nil }
        )
        bench.chats.hold(.toolTicket)
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let turn = try await service.begin(ChatBench.ask("Go"), in: chat.id, as: ChatBench.owner).turn
            try await eventually("the ticket is stored, its report is not") { bench.chats.heldCount == 1 }
            let session = try SessionName("chat-1" + (isBackground ? "-bg" : ""))
            let ticket = try #require(
                try await bench.harness.store.ticket(number: 1, inSessionNamed: session)
            )
            if !asks { try await bench.harness.started(1) }
            #expect(try await service.cancel(turn.id, as: ChatBench.owner).state == .cancelled)
            if asks {
                #expect(try await bench.harness.state(ticket.id) == .cancelled)
            } else {
                try await eventually("the command is ended") {
                    bench.harness.runner.ended.contains(ticket.id)
                }
            }
            let events = try await bench.events(of: chat, service)
            #expect(!events.contains { $0.kind == .toolTicket })
        }
        let entries = try await bench.harness.audit.entries(limit: 99)
        #expect(entries.filter { $0.action == "ticket.cancel" }.count == 1)
    }

    @Test("leaves alone what an earlier turn started")
    func earlierTickets() async throws {
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        let bench = try ChatBench(
            [
                .calls([ChatBench.shell("c", "sleep 900")]), .text("It runs."),
                ScriptedAnswer([.events([.textDelta("Well")]), .hang]),
            ],
            settings: settings,
            answer: { _ in nil }
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let first = try await service.begin(ChatBench.ask("Go"), in: chat.id, as: ChatBench.owner).turn
            try await eventually("the first turn is over") {
                try await service.turn(first.id, as: ChatBench.owner).state.isOver
            }
            let second = try await service.begin(ChatBench.ask("On"), in: chat.id, as: ChatBench.owner).turn
            #expect(try await service.cancel(second.id, as: ChatBench.owner).state == .cancelled)
        }
        #expect(bench.harness.runner.ended.isEmpty)
    }
}
