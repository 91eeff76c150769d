import Core
import Domain
import Storage
import TestSupport
import Testing

@testable import Application

@Suite("What a model types into a ticket in a turn")
struct TypedInputTests {
    private static let interactive = ChatBench.shell(
        "c",
        "cat",
        ["interactive": .bool(true), "wait": .number(0.001)]
    )
    private static let typed = ChatBench.function(
        "i",
        "ticket_input",
        .object(["ticket": .string("chat-1/1"), "text": .string("yes\n"), "close": .bool(true)])
    )

    private func bench(_ limits: TurnLimits = TurnLimits()) throws -> ChatBench {
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        settings.limits = limits
        return try ChatBench(
            [.calls([Self.interactive]), .calls([Self.typed]), .text("Done.")],
            settings: settings,
            answer: { _ in nil }
        )
    }

    /// Begins a turn and waits until a person is asked.
    private func asked(_ bench: ChatBench, _ service: ChatService) async throws -> (Chat, Turn) {
        let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
        let turn = try await service.begin(ChatBench.ask("Type"), in: chat.id, as: ChatBench.owner).turn
        try await waits(bench, chat, service)
        return (chat, turn)
    }

    private func waits(_ bench: ChatBench, _ chat: Chat, _ service: ChatService) async throws {
        try await eventually("a person is asked") {
            try await service.events(of: chat, after: 0).contains { $0.kind == .toolProgress }
        }
    }

    @Test("waits for a person as an approval, which does not count as time at work")
    func waiting() async throws {
        let bench = try bench(TurnLimits(time: .seconds(600)))
        try await bench.serving { service, _ in
            let (chat, turn) = try await asked(bench, service)
            bench.harness.clock.advance(by: .seconds(20 * 3_600))
            bench.typing.settle("The person approved it, and it was typed.")
            let events = try await bench.events(of: chat, service)
            let (state, failure) = try ChatBench.finished(events)
            #expect(state == .completed, "\(String(describing: failure))")
            let objects = try events.compactMap { event -> StepObject? in
                if case .toolProgress(_, let object) = try event.body() { object } else { nil }
            }
            #expect(objects.map(\.isWaiting) == [true, false])
            #expect(objects.allSatisfy { $0.kind == "approval" && $0.id == "9" })
            let input = try #require(bench.typing.inputs.first)
            #expect(input.bytes == Array("yes\n".utf8) && input.isClosing && !input.isRepeated)
            #expect(input.reference.hasPrefix("turn-\(turn.id.rawValue)-"))
        }
        #expect(bench.typing.withdrawn.isEmpty)
    }

    @Test("is the same question after a restart")
    func restart() async throws {
        let bench = try bench()
        try await bench.harness.running {
            let chat = try await bench.serving(withScheduler: false) { service, _ in
                try await asked(bench, service).0
            }
            let events = try await bench.serving(withScheduler: false) { service, _ in
                try await eventually("it is asked again") { bench.typing.inputs.count == 2 }
                bench.typing.settle("The person approved it, and it was typed.")
                return try await bench.events(of: chat, service)
            }
            #expect(try ChatBench.finished(events).0 == .completed)
            #expect(events.filter { $0.kind == .toolProgress }.count == 2, "what was said is not said again")
        }
        let inputs = bench.typing.inputs
        #expect(inputs.map(\.isRepeated) == [false, true])
        #expect(Set(inputs.map(\.reference)).count == 1)
        guard case .toolResult(let result) = bench.model.requests.last?.items.last?.content else {
            Issue.record("no result")
            return
        }
        let text = "The person approved it, and it was typed."
        #expect(result.content == .parts([.text(text)], isError: false))
    }

    @Test(
        "is not asked any more once the turn is ended; also when that was not recorded yet",
        arguments: [false, true]
    )
    func cancelled(isUntold: Bool) async throws {
        let bench = try bench()
        if isUntold { bench.chats.hold(.toolProgress) }
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            let turn = try await service.begin(ChatBench.ask("Type"), in: chat.id, as: ChatBench.owner).turn
            if isUntold {
                try await eventually("it is asked, and not recorded") { bench.chats.heldCount == 1 }
            } else {
                try await waits(bench, chat, service)
            }
            #expect(try await service.cancel(turn.id, as: ChatBench.owner).state == .cancelled)
        }
        let reference = try #require(bench.typing.inputs.first?.reference)
        #expect(bench.typing.withdrawn == [isUntold ? reference : "9"])
    }

    // MARK: With real approvals

    /// A ticket that takes input and runs.
    private func running(_ bench: ApprovalBench) async throws -> Ticket {
        let ticket = try await bench.submit("cat") { $0.options.input = .open }.ticket
        try await bench.started(1)
        bench.runner.report(started: ticket.id, at: bench.clock.now())
        try await bench.until(ticket, is: "running")
        return ticket
    }

    private func type(_ bench: ApprovalBench, _ ticket: Ticket, isRepeated: Bool) async throws -> String {
        let input = TypedInput(
            ticket: ticket.id,
            bytes: [121, 10],
            isClosing: false,
            reference: "turn-1-a",
            isRepeated: isRepeated
        )
        let typing = ApprovedTyping(tickets: bench.tickets, approvals: bench.approvals)
        return try await typing.type(input, as: ApprovalBench.model) { _ in }
    }

    private func waiting(_ bench: ApprovalBench) async throws -> [Approval] {
        try await bench.stores.approvals.approvals(
            ApprovalFilter(isAwaiting: true),
            after: nil,
            limit: 99
        ).elements
    }

    @Test("is one question and is typed once, also when the step is repeated while it waits")
    func oneQuestion() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await running(bench)
            let text = try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await type(bench, ticket, isRepeated: false) }
                try await eventually("it is asked") { try await waiting(bench).count == 1 }
                group.cancelAll()
                while await group.nextResult() != nil {}
                return try await withThrowingTaskGroup(of: String.self) { again in
                    again.addTask { try await type(bench, ticket, isRepeated: true) }
                    let question = try #require(try await waiting(bench).first)
                    #expect(try await waiting(bench).count == 1)
                    _ = try await bench.decide(question)
                    return try await again.next() ?? ""
                }
            }
            #expect(text.contains("approved"))
            #expect(bench.runner.written(to: ticket.id) == [121, 10])
            #expect(try await type(bench, ticket, isRepeated: true).contains("look at the ticket's output"))
            #expect(bench.runner.written(to: ticket.id) == [121, 10], "typed once")
            #expect(try await waiting(bench).isEmpty)
        }
        await bench.close()
    }

    @Test("was decided while the server was away: the model is told so, also when the ticket is over")
    func decidedMeanwhile() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await running(bench)
            _ = try await bench.tickets.write(
                [121, 10],
                closing: false,
                to: ticket.id,
                through: .assistant,
                reference: "turn-1-a",
                as: ApprovalBench.model
            )
            let question = try #require(try await waiting(bench).first)
            _ = try await bench.decide(question, .deny)
            bench.runner.finish(ticket.id, .exited(at: bench.clock.now()))
            try await bench.until(ticket, is: "exited")
            #expect(try await type(bench, ticket, isRepeated: true).contains("did not approve it"))
        }
        await bench.close()
    }

    @Test("is refused on repetition where nobody is asked: it may have been typed")
    func notAsked() async throws {
        var settings = ApprovalSettings(host: "web1", user: "www", home: "/home/www")
        settings.askingOrigins = []
        let bench = try await ApprovalBench(settings: settings)
        try await bench.running {
            let ticket = try await running(bench)
            #expect(try await type(bench, ticket, isRepeated: false) == "It was typed.")
            let failure = await #expect(throws: Failure.self) {
                _ = try await type(bench, ticket, isRepeated: true)
            }
            #expect(failure?.code == "input_unknown")
            #expect(bench.runner.written(to: ticket.id) == [121, 10])
        }
        await bench.close()
    }

    @Test("is closed by its number or its reference, and a decision stays")
    func withdrawn() async throws {
        let bench = try await ApprovalBench()
        try await bench.running {
            let ticket = try await running(bench)
            let typing = ApprovedTyping(tickets: bench.tickets, approvals: bench.approvals)
            for reference in ["a", "b", "c"] {
                let question = try #require(
                    try await bench.tickets.write(
                        [120],
                        closing: false,
                        to: ticket.id,
                        through: .assistant,
                        reference: reference,
                        as: ApprovalBench.model
                    )
                )
                if reference == "c" { _ = try await bench.decide(question) }
                if reference == "a" {
                    try await typing.withdraw(question.id)
                } else {
                    try await typing.withdraw(reference, about: ticket.id)
                }
                let state = try await bench.stores.approvals.approval(question.id)?.state
                #expect(state == (reference == "c" ? .approved : .cancelled))
            }
            try await typing.withdraw("none", about: ticket.id)
            #expect(try await bench.audited().filter { $0 == "approval.cancel" }.count == 2)
        }
        await bench.close()
    }
}
