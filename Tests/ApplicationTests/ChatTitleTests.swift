import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Titles of chats")
struct ChatTitleTests {
    private static var settings: AssistantSettings {
        var settings = AssistantSettings()
        settings.titles = .model
        return settings
    }

    private static func ask(_ text: String) -> TurnRequest { TurnRequest(message: [.text(text)]) }

    private static func isIdle(_ chat: Chat, _ engine: TurnEngine, _ service: ChatService) async throws
        -> Bool
    {
        guard engine.workingCount == 0 else { return false }
        return try await service.chat(chat.id, as: ChatBench.owner).workingTurn == nil
    }

    private static func titles(_ events: [ChatEvent]) throws -> [String] {
        try events.compactMap { if case .chatTitled(let title) = try $0.body() { title } else { nil } }
    }

    /// All events of a chat, once it has a title that ends the asking.
    private static func settled(_ chat: Chat, _ bench: ChatBench, _ service: ChatService) async throws
        -> [ChatEvent]
    {
        try await eventually("the title is settled") {
            let state = try await bench.chats.chat(chat.id, owner: chat.owner)?.titleState
            return state == .model || state == .kept || state == .person
        }
        return try await service.events(of: chat, after: 0)
    }

    @Test("after its first turn a model names the chat, by one call, told by an event")
    func model() async throws {
        let bench = try ChatBench(
            [
                .text("It is 3 days up."), .text("\"**Uptime of the server.**\"\nHope this helps!"),
                .text("Again."),
            ],
            settings: Self.settings
        )
        try await bench.serving { service, engine in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("How long is it up?"), in: chat.id, as: ChatBench.owner)
            let events = try await Self.settled(chat, bench, service)
            #expect(try Self.titles(events) == ["How long is it up?", "Uptime of the server"])
            #expect(events.map(\.number) == Array(1...Int64(events.count)))
            #expect(events.last?.kind == .chatTitled && events.last?.turn == TurnID.none)
            let after = try await service.chat(chat.id, as: ChatBench.owner)
            #expect(after.title == "Uptime of the server" && after.titleState == .model)
            _ = try await service.begin(Self.ask("And now?"), in: chat.id, as: ChatBench.owner)
            _ = try await bench.events(of: chat, service)
            try await eventually("it is idle") { engine.workingCount == 0 }
        }
        #expect(bench.model.requests.map(\.context.door) == [.chat, .title, .chat])
        let call = bench.model.requests[1]
        #expect(call.context.principal == ChatBench.owner.id && call.context.turn == TurnID(1))
        #expect(call.tools.isEmpty)
        guard case .user(let parts) = call.items.first?.content, case .text(let text) = parts.first else {
            Issue.record("the model was shown nothing")
            return
        }
        #expect(text.contains("How long is it up?") && text.contains("It is 3 days up."))
    }

    @Test("a call for a title that fails changes nothing, and is not repeated")
    func failure() async throws {
        let down = Failure(.unavailable, code: "provider_down", message: "Down.")
        let bench = try ChatBench(
            [.text("Hi."), .failure(down), .text("Again.")],
            settings: Self.settings
        )
        try await bench.serving { service, engine in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hello"), in: chat.id, as: ChatBench.owner)
            let events = try await Self.settled(chat, bench, service)
            #expect(try Self.titles(events) == ["Hello"])
            #expect(try await service.chat(chat.id, as: ChatBench.owner).title == "Hello")
            _ = try await service.begin(Self.ask("And now?"), in: chat.id, as: ChatBench.owner)
            try await eventually("it is idle") {
                try await Self.isIdle(chat, engine, service)
            }
        }
        #expect(bench.model.requests.map(\.context.door) == [.chat, .title, .chat])
    }

    @Test("a person's title stays: given at the start, meanwhile, or between turns")
    func person() async throws {
        let bench = try ChatBench([.text("Hi."), .text("Hi.")], settings: Self.settings)
        try await bench.serving { service, engine in
            let titled = try await service.create(ChatDraft(title: "Mine"), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hello"), in: titled.id, as: ChatBench.owner)
            try await eventually("it is idle") {
                try await service.chat(titled.id, as: ChatBench.owner).workingTurn == nil
                    && engine.workingCount == 0
            }
            #expect(try await service.chat(titled.id, as: ChatBench.owner).title == "Mine")
        }
        #expect(bench.model.requests.count == 1)
        let asked = Signal()
        let go = Signal()
        bench.model.add(
            ScriptedAnswer([
                .perform { asked.set() }, .wait(go),
                .events([.item(ModelItem(.assistant("Of the model"))), .finished(.stop)]),
            ])
        )
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hello"), in: chat.id, as: ChatBench.owner)
            await asked.wait()
            _ = try await service.change(chat.id, ChatChange(title: "Of a person"), as: ChatBench.owner)
            go.set()
            let events = try await Self.settled(chat, bench, service)
            #expect(try Self.titles(events) == ["Hello", "Of a person"])
            try await eventually("the model's call is over") { bench.model.requests.count == 3 }
            #expect(try await service.chat(chat.id, as: ChatBench.owner).title == "Of a person")
        }
    }

    @Test("a new title while a turn works is told by the turn, in order")
    func renamedMeanwhile() async throws {
        let go = Signal()
        let bench = try ChatBench([
            ScriptedAnswer([
                .events([.textDelta("Well")]), .wait(go),
                .events([.item(ModelItem(.assistant("Well"))), .finished(.stop)]),
            ])
        ])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let turn = try await service.begin(Self.ask("Hello"), in: chat.id, as: ChatBench.owner).turn
            try await eventually("it streams") {
                try await service.events(of: chat, after: 0).contains { $0.kind == .text }
            }
            _ = try await service.change(chat.id, ChatChange(title: "Renamed"), as: ChatBench.owner)
            go.set()
            let events = try await bench.events(of: chat, service)
            let told = try #require(events.last { $0.kind == .chatTitled })
            #expect(told.turn == turn.id)
            #expect(try told.body() == .chatTitled("Renamed"))
            #expect(events.map(\.number) == Array(1...Int64(events.count)))
            _ = try await service.change(chat.id, ChatChange(title: "Once more"), as: ChatBench.owner)
            let after = try await service.events(of: chat, after: events.last?.number ?? 0)
            #expect(try Self.titles(after) == ["Once more"])
        }
    }

    @Test("a server that goes away while it asks is followed by one that asks once more, and then no other")
    func recovery() async throws {
        let hang = ScriptedAnswer([.hang])
        let bench = try ChatBench([.text("Hi."), hang, hang], settings: Self.settings)
        let chat = try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(Self.ask("Hello"), in: chat.id, as: ChatBench.owner)
            try await eventually("it asks") { bench.model.requests.count == 2 }
            return chat
        }
        try await bench.serving { _, _ in
            try await eventually("it asks again") { bench.model.requests.count == 3 }
        }
        #expect(try await bench.chats.untitledChats().isEmpty)
        #expect(try await bench.chats.chat(chat.id, owner: chat.owner)?.titleState == .kept)
        bench.model.add(.text("Never asked"))
        try await bench.serving { service, engine in
            _ = try await service.begin(Self.ask("More"), in: chat.id, as: ChatBench.owner)
            try await eventually("it is idle") {
                try await Self.isIdle(chat, engine, service)
            }
        }
        #expect(bench.model.requests.map(\.context.door) == [.chat, .title, .title, .chat])
    }

    @Test(
        "a title is one line without what models put around it",
        arguments: [
            ("Disk is full", "Disk is full"), ("\n  \"Disk is full.\" \nmore", "Disk is full"),
            ("**Title: Disk**", "Title: Disk"), ("Title: Disk", "Disk"), ("# Disk", "Disk"),
            ("„Platte voll“", "Platte voll"), ("Di\u{202E}sk\u{7}", "Disk"),
            (String(repeating: "a", count: 99), String(repeating: "a", count: 79) + "…"),
        ]
    )
    func cleaned(_ said: String, _ title: String) { #expect(ChatTitler.cleaned(said) == title) }

    @Test("words that are none give no title", arguments: ["", " \n ", "\"\"", "***", "."])
    func nothing(_ said: String) { #expect(ChatTitler.cleaned(said) == nil) }
}
