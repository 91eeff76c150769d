import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Chats that outgrow what a model is shown")
struct ChatSummaryTests {
    private static func settings(_ bytes: Int, summaries: Bool = true) -> AssistantSettings {
        var settings = AssistantSettings()
        settings.contextBytes = bytes
        settings.summaries = summaries
        return settings
    }

    private static func long(_ text: String) -> String { text + String(repeating: ".", count: 1_000) }

    /// A message and its whole answer.
    @discardableResult
    private static func say(
        _ text: String,
        in chat: Chat,
        _ service: ChatService,
        replacing: TurnID? = nil,
        continuing: Bool = false
    ) async throws -> Turn {
        var request = TurnRequest(message: text.isEmpty ? [] : [.text(text)])
        request.replacing = replacing
        request.isContinuation = continuing
        let turn = try await service.begin(request, in: chat.id, as: ChatBench.owner).turn
        try await eventually("turn \(turn.id.rawValue) is over") {
            try await service.turn(turn.id, as: ChatBench.owner).state.isOver
        }
        return turn
    }

    private static func words(_ request: ModelRequest?) -> [String] {
        (request?.items ?? []).map { item in
            switch item.content {
            case .user(let parts):
                if case .text(let text) = parts.first { String(text.prefix { $0 != "." }) } else { "" }
            case .assistant(let text): String(text.prefix { $0 != "." })
            default: "other"
            }
        }
    }

    private static func markers(_ chat: Chat, _ service: ChatService) async throws -> [ChatEventBody] {
        try await service.events(of: chat, after: 0, limit: 10_000).compactMap { event in
            guard event.kind == .contextSummarised || event.kind == .contextTrimmed else { return nil }
            return try event.body()
        }
    }

    @Test("older turns become a summary, which a later one takes in, each by one metered call")
    func incremental() async throws {
        let bench = try ChatBench([], settings: Self.settings(6_500))
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for number in 1...3 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            #expect(bench.model.requests.allSatisfy { $0.context.door == .chat })
            bench.model.add(.text("SUMMARY ONE"), .text(Self.long("a4")))
            let fourth = try await Self.say(Self.long("q4"), in: chat, service)
            let calls = bench.model.requests.suffix(2)
            #expect(calls.map(\.context.door) == [.summary, .chat])
            #expect(calls.first?.context.turn == fourth.id)
            let material = Self.material(calls.first)
            #expect(material.contains("q1") && material.contains("a2") && !material.contains("q4"))
            let words = Self.words(calls.last)
            #expect(
                words == [
                    "[The first 2 turns of this conversation are left out; this is a summary of them", "q3",
                    "a3", "q4",
                ]
            )
            #expect(Self.material(calls.last).contains("SUMMARY ONE"))
            let usage = try await service.turn(fourth.id, as: ChatBench.owner).usage
            #expect(usage == TokenUsage(input: 20, output: 10), "the summary counts")
            for number in 5...6 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            while try await Self.markers(chat, service).count < 2, bench.model.requests.count < 20 {
                bench.model.add(.text("SUMMARY TWO"), .text(Self.long("a")))
                try await Self.say(Self.long("more"), in: chat, service)
            }
            let second = try #require(bench.model.requests.last { $0.context.door == .summary })
            #expect(Self.material(second).contains("Earlier summary:\nSUMMARY ONE"))
            #expect(!Self.material(second).contains("q1"), "what was covered is not sent again")
            let markers = try await Self.markers(chat, service)
            guard case .contextSummarised(let first) = markers[0],
                case .contextSummarised(let next) = markers[1]
            else {
                Issue.record("\(markers)")
                return
            }
            #expect(first.turns == 2 && next.turns > first.turns && next.through > first.through)
            let shown = try #require(bench.model.requests.last)
            #expect(shown.items.filter { Self.text($0).hasPrefix("[The first") }.count == 1)
        }
    }

    private static func text(_ item: ModelItem?) -> String {
        if case .user(let parts)? = item?.content, case .text(let text)? = parts.first { text } else { "" }
    }
    private static func material(_ request: ModelRequest?) -> String { text(request?.items.first) }

    @Test("a next server is shown the stored summary, and makes no other")
    func restarted() async throws {
        let bench = try ChatBench([], settings: Self.settings(6_500))
        let chat = try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for number in 1...3 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            bench.model.add(.text("SUMMARY"), .text("a4"))
            try await Self.say("q4", in: chat, service)
            return chat
        }
        bench.model.add(.text("a5"))
        try await bench.serving { service, _ in _ = try await Self.say("q5", in: chat, service) }
        let last = try #require(bench.model.requests.last)
        #expect(Self.material(last).contains("SUMMARY"))
        #expect(Self.words(last).dropFirst() == ["q3", "a3", "q4", "a4", "q5"])
        #expect(bench.model.requests.filter { $0.context.door == .summary }.count == 1)
    }

    @Test(
        "a server that goes away while it asks for a summary is followed by one that goes on",
        arguments: [0, 1]
    )
    func recovery(_ point: Int) async throws {
        let bench = try ChatBench([], settings: Self.settings(6_500))
        let chat = try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for number in 1...3 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            // Cut while the summary is made, or right after it was recorded.
            if point == 1 { bench.model.add(.text("SUMMARY")) }
            bench.model.add(ScriptedAnswer([.hang]))
            _ = try await service.begin(TurnRequest(message: [.text("q4")]), in: chat.id, as: ChatBench.owner)
            try await eventually("it is asked") { bench.model.requests.count == 4 + point }
            return chat
        }
        if point == 0 { bench.model.add(.text("SUMMARY")) }
        bench.model.add(.text("a4"))
        let events = try await bench.serving { service, _ in
            try await eventually("it is over") {
                try await service.chat(chat.id, as: ChatBench.owner).workingTurn == nil
            }
            return try await service.events(of: chat, after: 0, limit: 1_000)
        }
        #expect(events.filter { $0.kind == .contextSummarised }.count == 1)
        #expect(events.map(\.number) == events.map(\.number).sorted())
        #expect(Set(events.map(\.number)).count == events.count)
        #expect(Self.material(bench.model.requests.last).contains("SUMMARY"))
        #expect(events.last?.kind == .turnFinished)
    }

    @Test(
        "where no model summarises, or none may, the oldest turns are left out with a marker",
        arguments: [true, false]
    )
    func fallBack(_ isOn: Bool) async throws {
        let bench = try ChatBench([], settings: Self.settings(4_500, summaries: isOn))
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for number in 1...2 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            if isOn {
                bench.model.add(.failure(Failure(.unavailable, code: "down", message: "Down.")))
            }
            for number in 3...5 {
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            let doors = bench.model.requests.map(\.context.door)
            #expect(doors.filter { $0 == .summary }.count == (isOn ? 1 : 0), "it is not asked at each turn")
            let markers = try await Self.markers(chat, service)
            #expect(!markers.isEmpty)
            for marker in markers {
                guard case .contextTrimmed = marker else {
                    Issue.record("\(marker)")
                    continue
                }
            }
            #expect(!Self.words(bench.model.requests.last).contains("q1"))
            #expect(Self.words(bench.model.requests.last).contains("a4"))
        }
    }

    @Test("a turn that is cancelled while a summary is made ends at once")
    func cancelled() async throws {
        let bench = try ChatBench([], settings: Self.settings(4_500))
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for number in 1...3 {
                if number == 3 { bench.model.add(.text("SUMMARY")) }
                bench.model.add(.text(Self.long("a\(number)")))
                try await Self.say(Self.long("q\(number)"), in: chat, service)
            }
            let count = bench.model.requests.count
            bench.model.add(ScriptedAnswer([.hang]), ScriptedAnswer([.hang]), ScriptedAnswer([.hang]))
            let turn = try await service.begin(
                TurnRequest(message: [.text(Self.long("q4"))]),
                in: chat.id,
                as: ChatBench.owner
            ).turn
            try await eventually("it is asked") { bench.model.requests.count > count }
            #expect(try await service.cancel(turn.id, as: ChatBench.owner).state == .cancelled)
        }
    }

    // MARK: What is kept between turns

    @Test("an ordinary next turn reads nothing of the history; a retry shows the model what came before it")
    func reads() async throws {
        let bench = try ChatBench([])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            var turns: [Turn] = []
            for number in 1...40 {
                bench.model.add(.text("a\(number)"))
                turns.append(try await Self.say("q\(number)", in: chat, service))
            }
            let read = bench.chats.calls(of: .context)
            #expect(read <= 5, "only the first turn asks, and one that began before the last was noted")
            #expect(Self.words(bench.model.requests.last).count == 79)
            bench.model.add(.text("b"))
            try await Self.say("q39 again", in: chat, service, replacing: turns[38].id)
            #expect(Self.words(bench.model.requests.last).suffix(3) == ["q38", "a38", "q39 again"])
            bench.model.add(.text("c"))
            try await Self.say("next", in: chat, service)
            #expect(
                Self.words(bench.model.requests.last).suffix(5) == ["q38", "a38", "q39 again", "b", "next"]
            )
            #expect(bench.chats.calls(of: .context) <= read + 2)
        }
        let before = bench.chats.calls(of: .context)
        bench.model.add(.text("d"))
        let chat = try #require(try await bench.chats.chat(ChatID(1), owner: ChatBench.owner.id))
        try await bench.serving { service, _ in _ = try await Self.say("after a restart", in: chat, service) }
        #expect(bench.chats.calls(of: .context) == before + 1)
        #expect(
            Self.words(bench.model.requests.last).suffix(5) == [
                "q39 again", "b", "next", "c", "after a restart",
            ]
        )
    }

    @Test("what is kept of a chat is what its events say, whatever the turn did")
    func sameAsStored() async throws {
        let call = ToolCall(id: "c", request: .function(name: "shell", arguments: #"{"command":"uptime"}"#))
        let bench = try ChatBench([
            .calls([call], saying: "Look"), .text("Up."),
            .failure(Failure(.unavailable, code: "x", message: "X.")),
            .text("Now."), .text("End."),
        ])
        let chat = try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            for text in ["one", "two", "three"] { try await Self.say(text, in: chat, service) }
            try await Self.say("kept", in: chat, service)
            return chat
        }
        let kept = try #require(bench.model.requests.last).items
        bench.model.add(.text("x"))
        try await bench.serving { service, _ in _ = try await Self.say("read", in: chat, service) }
        let read = try #require(bench.model.requests.last).items
        #expect(Array(read.prefix(kept.count)) == kept)
    }

    @Test("going on after an interruption shows the model the whole turn before, without a new message")
    func continuation() async throws {
        let down = Failure(.unavailable, code: "provider_down", message: "Down.")
        let call = ToolCall(id: "c", request: .function(name: "shell", arguments: #"{"command":"uptime"}"#))
        let bench = try ChatBench([.calls([call]), .failure(down), .text("It is up.")])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let refused = await #expect(throws: Failure.self) {
                try await Self.say("", in: chat, service, continuing: true)
            }
            #expect(refused?.code == "nothing_to_continue")
            let first = try await Self.say("Is it up?", in: chat, service)
            #expect(try await service.turn(first.id, as: ChatBench.owner).state == .failed)
            let second = try await Self.say("", in: chat, service, continuing: true)
            #expect(try await service.turn(second.id, as: ChatBench.owner).state == .completed)
            let kinds = try #require(bench.model.requests.last).items.map { item in
                switch item.content {
                case .user: "user"
                case .toolCall: "call"
                case .toolResult: "result"
                default: "other"
                }
            }
            #expect(kinds == ["user", "call", "result"])
            let over = await #expect(throws: Failure.self) {
                try await Self.say("", in: chat, service, continuing: true)
            }
            #expect(over?.code == "nothing_to_continue")
        }
        #expect(bench.harness.runner.started.count == 1, "what was done is not done again")
    }
}
