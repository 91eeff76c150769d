import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("A turn that an earlier server left")
struct TurnAdoptionTests {
    /// One life of the server until the model is called, and another one after a while; the events of both.
    private func events(
        _ bench: ChatBench,
        after pause: Duration,
        _ configure: @Sendable (inout TurnRequest) -> Void = { _ in }
    ) async throws -> [ChatEvent] {
        var request = ChatBench.ask("Hi")
        configure(&request)
        let asked = request
        let chat = try await bench.serving(withScheduler: false) { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(asked, in: chat.id, as: ChatBench.owner)
            try await eventually("the script hangs") {
                try await service.events(of: chat, after: 0).contains { $0.kind == .text }
            }
            return chat
        }
        bench.harness.clock.advance(by: pause)
        return try await bench.serving(withScheduler: false) { service, _ in
            try await bench.events(of: chat, service)
        }
    }

    private static let hanging = ScriptedAnswer([.events([.textDelta("Well")]), .hang])

    @Test("is gone on with, and the time in between does not count as time at work")
    func away() async throws {
        var settings = AssistantSettings()
        settings.limits.time = .seconds(600)
        let bench = try ChatBench([Self.hanging, .text("Here I am.")], settings: settings)
        let events = try await events(bench, after: .seconds(7_200))
        let (state, failure) = try ChatBench.finished(events)
        #expect(state == .completed, "\(String(describing: failure))")
        #expect(
            events.map(\.kind).suffix(6) == [
                .turnResumed, .modelInterrupted, .modelStarted, .text, .modelFinished, .turnFinished,
            ]
        )
        #expect(events.map(\.number) == (1...Int64(events.count)).map { $0 })
    }

    @Test("whose caller alone could read the answer ends with its commands, and calls no model")
    func endsWithCaller() async throws {
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        let bench = try ChatBench(
            [.calls([ChatBench.shell("c", "sleep 900")]), Self.hanging, .text("No.")],
            settings: settings,
            answer: { _ in nil }
        )
        try await bench.harness.running {
            let events = try await events(bench, after: .seconds(1)) {
                $0.endsWithCaller = true
                $0.door = .openai
            }
            let (state, failure) = try ChatBench.finished(events)
            #expect(state == .failed && failure?.code == "turn_interrupted")
            try await eventually("its command is ended") { bench.harness.runner.ended.count == 1 }
        }
        #expect(bench.model.requests.count == 2, "those of the first life")
        #expect(bench.harness.runner.started.count == 1)
    }

    @Test("goes on at the same door when the caller has a key with which it can come back")
    func keyed() async throws {
        let bench = try ChatBench([Self.hanging, .text("Yes.")])
        let events = try await events(bench, after: .seconds(1)) { $0.door = .openai }
        #expect(try ChatBench.finished(events).0 == .completed)
    }
}
