import Core
import TestSupport
import Testing

@testable import Domain

@Suite("A turn as a state machine")
struct TurnMachineTests {
    static let start = Timestamp(seconds: 1_700_000_000)
    static let used = TokenUsage(input: 100, output: 50)

    static func draft(_ tools: ToolSource = .server) throws -> TurnDraft {
        let model = ModelReference(provider: try ProviderID("p"), model: "m")
        return TurnDraft(message: [.text("Do it")], options: TurnOptions(model: model, tools: tools))
    }

    static func machine(_ limits: TurnLimits = TurnLimits(), price: ModelPrice? = nil) throws -> TurnMachine {
        TurnMachine(try draft(), at: start, limits: limits, price: price)
    }

    static func call(_ id: String, _ arguments: String = "{}") -> ModelItem {
        ModelItem(.toolCall(ToolCall(id: id, request: .function(name: "shell", arguments: arguments))))
    }

    static func answer(_ items: [ModelItem], call: Int = 1, reason: FinishReason = .toolCalls)
        -> ChatEventBody
    {
        .modelFinished(call: call, items: items, reason: reason, usage: used)
    }

    private func code(_ action: TurnAction) -> String? {
        if case .finish(.stopped, let failure?) = action { failure.code } else { nil }
    }

    /// One call of the model with one step, carried out.
    private func round(_ machine: inout TurnMachine, _ number: Int, at time: Timestamp = start) {
        let id = ToolStepID(call: "c\(number)", index: 0)
        machine.apply(.modelStarted(call: number), at: time)
        machine.apply(Self.answer([Self.call(id.call, "{\"n\":\(number)}")], call: number), at: time)
        machine.apply(.toolStarted(id, name: "shell"), at: time)
        machine.apply(.toolFinished(id, .text("done \(number)", isError: false)), at: time)
    }

    @Test("the cap of calls stops a turn before the next call, with all that was done in the conversation")
    func modelCalls() throws {
        var machine = try Self.machine(TurnLimits(modelCalls: 3))
        for number in 1...3 {
            #expect(machine.next(at: Self.start) == .callModel(number))
            round(&machine, number)
        }
        #expect(code(machine.next(at: Self.start)) == "model_calls_capped")
        #expect(machine.conversation.count == 7)
    }

    @Test("a call that a server left open counts, and the one that was asked for is made again")
    func interruptedCalls() throws {
        var machine = try Self.machine(TurnLimits(modelCalls: 2))
        machine.apply(.modelStarted(call: 1), at: Self.start)
        machine.apply(.modelInterrupted(call: 1, text: "I", failure: nil), at: Self.start)
        #expect(machine.next(at: Self.start) == .callModel(2))
        machine.apply(.modelStarted(call: 2), at: Self.start)
        machine.apply(.modelInterrupted(call: 2, text: "", failure: nil), at: Self.start)
        #expect(code(machine.next(at: Self.start)) == "model_calls_capped")
    }

    @Test("the cap of steps stops before the next step; one that was started is carried out to its end")
    func toolSteps() throws {
        var machine = try Self.machine(TurnLimits(toolSteps: 1))
        machine.apply(.modelStarted(call: 1), at: Self.start)
        machine.apply(Self.answer([Self.call("a"), Self.call("b")]), at: Self.start)
        let first = ToolStepID(call: "a", index: 0)
        guard case .runTool(let step) = machine.next(at: Self.start) else {
            Issue.record("no step")
            return
        }
        #expect(step.id == first && !step.isRepeated)
        machine.apply(.toolStarted(first, name: "shell"), at: Self.start)
        guard case .runTool(let again) = machine.next(at: Self.start) else {
            Issue.record("what was started is not carried out")
            return
        }
        #expect(again.id == first && again.isRepeated)
        machine.apply(.toolFinished(first, .text("ok", isError: false)), at: Self.start)
        #expect(code(machine.next(at: Self.start)) == "tool_calls_capped")
    }

    @Test("the cap of tokens counts input and output of all calls, and what a summary took")
    func tokens() throws {
        var machine = try Self.machine(TurnLimits(tokens: 400))
        round(&machine, 1)
        #expect(machine.next(at: Self.start) == .callModel(2))
        round(&machine, 2)
        #expect(machine.next(at: Self.start) == .callModel(3))
        let summary = ChatSummary(text: "s", through: TurnID(1), turns: 1, usage: Self.used)
        machine.apply(.contextSummarised(summary), at: Self.start)
        #expect(machine.usage.total == 450)
        #expect(code(machine.next(at: Self.start)) == "tokens_capped")
    }

    @Test("the cap of cost needs a price, and counts cached input by its own")
    func cost() throws {
        let price = ModelPrice(input: 1_000_000, cachedInput: 100_000, output: 2_000_000)
        #expect(price.cost(of: TokenUsage(input: 100, cachedInput: 50, output: 10)) == 75)
        let limits = TurnLimits(cost: 399)
        var free = try Self.machine(limits)
        var paid = try Self.machine(limits, price: price)
        for number in 1...2 {
            round(&free, number)
            round(&paid, number)
        }
        #expect(paid.cost == 400)
        #expect(code(paid.next(at: Self.start)) == "cost_capped")
        #expect(free.next(at: Self.start) == .callModel(3))
    }

    @Test("the cap of time leaves out what was waited for people, for tickets and for anything else")
    func time() throws {
        var machine = try Self.machine(TurnLimits(time: .seconds(100)))
        machine.apply(.modelStarted(call: 1), at: Self.start)
        machine.apply(Self.answer([Self.call("a"), Self.call("b")]), at: Self.start + .seconds(10))
        let (a, b) = (ToolStepID(call: "a", index: 0), ToolStepID(call: "b", index: 0))
        machine.apply(.toolStarted(a, name: "shell"), at: Self.start + .seconds(10))
        var ticket = StepTicket(
            ticket: TicketID(session: SessionID(1), number: 1),
            session: try SessionName("s"),
            state: "awaiting_approval",
            approval: 4
        )
        machine.apply(.toolTicket(a, ticket), at: Self.start + .seconds(20))
        ticket.state = "running"
        machine.apply(.toolTicket(a, ticket), at: Self.start + .seconds(5_020))
        machine.apply(.toolFinished(a, .text("ok", isError: false)), at: Self.start + .seconds(5_030))
        machine.apply(.toolStarted(b, name: "act"), at: Self.start + .seconds(5_030))
        let object = StepObject(kind: "action", id: "1", state: "waiting", isWaiting: true)
        machine.apply(.toolProgress(b, object), at: Self.start + .seconds(5_030))
        machine.apply(.toolFinished(b, .text("ok", isError: false)), at: Self.start + .seconds(9_030))
        #expect(machine.next(at: Self.start + .seconds(9_099)) == .callModel(2))
        #expect(code(machine.next(at: Self.start + .seconds(9_100))) == "time_capped")
    }

    @Test("the cap of time leaves out the time in which no server worked, once")
    func away() throws {
        var machine = try Self.machine(TurnLimits(time: .seconds(100)))
        machine.apply(.modelStarted(call: 1), at: Self.start + .seconds(10))
        // Killed in the call, and started again after an hour.
        let back = Self.start + .seconds(3_610)
        machine.apply(.turnResumed, at: back)
        machine.apply(.modelInterrupted(call: 1, text: "", failure: nil), at: back)
        #expect(machine.next(at: back + .seconds(89)) == .callModel(2))
        #expect(code(machine.next(at: back + .seconds(90))) == "time_capped")
        // A person is asked, the server goes, comes back, and the person decides.
        let a = ToolStepID(call: "a", index: 0)
        machine.apply(.modelStarted(call: 2), at: back)
        machine.apply(Self.answer([Self.call("a")], call: 2), at: back)
        machine.apply(.toolStarted(a, name: "act"), at: back + .seconds(10))
        let object = StepObject(kind: "approval", id: "1", state: "awaiting", isWaiting: true)
        machine.apply(.toolProgress(a, object), at: back + .seconds(20))
        machine.apply(.turnResumed, at: back + .seconds(4_000))
        machine.apply(.toolFinished(a, .text("ok", isError: false)), at: back + .seconds(9_000))
        #expect(machine.next(at: back + .seconds(9_069)) == .callModel(3))
        #expect(code(machine.next(at: back + .seconds(9_070))) == "time_capped")
    }

    @Test("a failure ends the turn; an empty answer is asked for once more")
    func endings() throws {
        var failed = try Self.machine()
        let failure = Failure(.unavailable, code: "provider_down", message: "Down.")
        failed.apply(.modelStarted(call: 1), at: Self.start)
        failed.apply(.modelInterrupted(call: 1, text: "", failure: failure), at: Self.start)
        guard case .finish(.failed, let why?) = failed.next(at: Self.start) else {
            Issue.record("it goes on")
            return
        }
        #expect(why.code == "provider_down")
        var empty = try Self.machine()
        for number in 1...2 {
            #expect(empty.next(at: Self.start) == .callModel(number))
            empty.apply(.modelStarted(call: number), at: Self.start)
            empty.apply(Self.answer([], call: number, reason: .stop), at: Self.start)
        }
        #expect(code(empty.next(at: Self.start)) == "empty_answer")
        var over = try Self.machine()
        over.apply(.modelStarted(call: 1), at: Self.start)
        over.apply(Self.answer([ModelItem(.assistant("Yes."))], reason: .stop), at: Self.start)
        #expect(over.next(at: Self.start) == .finish(.completed, nil))
        over.apply(.turnFinished(.completed, usage: Self.used, failure: nil), at: Self.start)
        #expect(over.next(at: Self.start) == .nothing)
    }

    @Test("going in circles stops a turn: one call three times, or two in turn")
    func loops() throws {
        func detector(_ calls: [(String, String)]) -> LoopDetector {
            var detector = LoopDetector()
            for (arguments, result) in calls {
                let request = ToolCall.Request.function(name: "shell", arguments: arguments)
                detector.add(
                    call: ToolCall(id: "x", request: request),
                    results: [(.text(result, isError: false), nil)]
                )
            }
            return detector
        }
        let same = ("a", "exit code 0 (ticket s/1, 3 ms)\nout")
        let differsInTicket = ("a", "exit code 0 (ticket s/2, 9 ms)\nout")
        #expect(detector([same, differsInTicket, same]).failure?.code == "stuck_in_a_loop")
        #expect(detector([same, same]).failure == nil)
        #expect(detector([same, ("a", "exit code 0 (ticket s/3, 1 ms)\nother"), same]).failure == nil)
        #expect(detector([same, ("b", "x"), same]).failure == nil)
        let pair = [same, ("b", "x")]
        #expect(detector(pair + pair).failure == nil)
        #expect(detector(pair + pair + pair).failure?.code == "stuck_in_a_loop")
        #expect(detector(pair + pair + [same, ("b", "y")]).failure == nil)
    }

    @Test(
        "a circle is seen where later lines name the ticket: cut output, a running command, a native result",
        arguments: ["cut", "running", "native", "native, cut"]
    )
    func namedLoops(kind: String) throws {
        func failure(_ last: String) throws -> Failure? {
            var machine = try Self.machine()
            for number in 1...3 {
                let ticket = "chat-1/\(number)"
                let name = number == 3 ? last : "out"
                let cut = "\(name)\n[900 bytes in all; read the rest with ticket_output \(ticket)]"
                let advice = "Wait for it with ticket_output {\"ticket\": \"\(ticket)\", \"wait\": 30}.\n"
                let isNative = kind.hasPrefix("native")
                let result: ToolStepResult =
                    switch kind {
                    case "cut": .text("exit code 0 (ticket \(ticket), \(number) ms)\n" + cut, isError: false)
                    case "running":
                        .text("still running (ticket \(ticket))\n\(advice)\(name)", isError: false)
                    case "native":
                        .command(ShellCommandResult(stdout: name, stderr: advice, outcome: .timeout))
                    default: .command(ShellCommandResult(stdout: cut, stderr: "", outcome: .exit(code: 0)))
                    }
                let call = ToolCall(
                    id: "c\(number)",
                    request: isNative
                        ? .shell(commands: ["x"], timeout: nil, maximumOutput: nil)
                        : .function(name: "shell", arguments: "{}")
                )
                let step = ToolStepID(call: call.id, index: 0)
                let carried = StepTicket(
                    ticket: TicketID(session: SessionID(1), number: number),
                    session: try SessionName("chat-1"),
                    state: kind == "running" || kind == "native" ? "running" : "exited",
                    approval: nil
                )
                for fact in [
                    .modelStarted(call: number),
                    Self.answer([ModelItem(.toolCall(call))], call: number, reason: .toolCalls),
                    .toolStarted(step, name: "shell"), .toolTicket(step, carried),
                    .toolFinished(step, result, ticket: carried),
                ] as [ChatEventBody] {
                    machine.apply(fact, at: Self.start)
                }
            }
            guard case .finish(.stopped, let failure) = machine.next(at: Self.start) else { return nil }
            return failure
        }
        #expect(try failure("out")?.code == "stuck_in_a_loop")
        #expect(try failure("other") == nil)
    }

    // MARK: Any prefix

    /// A random but possible life of a turn, made by asking the machine what is next.
    private static func life(_ generator: inout SeededGenerator) throws -> (
        TurnDraft, [(ChatEventBody, Timestamp)]
    ) {
        let draft = try Self.draft()
        var machine = TurnMachine(
            draft,
            at: start,
            limits: TurnLimits(modelCalls: 9, toolSteps: 12),
            price: nil
        )
        var facts: [(ChatEventBody, Timestamp)] = []
        var now = start
        func record(_ fact: ChatEventBody) {
            now = now + .milliseconds(Int64.random(in: 0...400_000, using: &generator))
            facts.append((fact, now))
            machine.apply(fact, at: now)
        }
        while facts.count < 120 {
            switch machine.next(at: now) {
            case .callModel(let call):
                if Int.random(in: 0..<6, using: &generator) == 0 {
                    record(
                        .contextSummarised(ChatSummary(text: "s", through: TurnID(1), turns: 2, usage: used))
                    )
                }
                record(.modelStarted(call: call))
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: record(.modelInterrupted(call: call, text: "cut", failure: nil))
                case 1: record(answer([ModelItem(.assistant("Done."))], call: call, reason: .stop))
                case 2: record(answer([], call: call, reason: .stop))
                default:
                    let commands = (0..<Int.random(in: 1...3, using: &generator)).map { "c\($0)" }
                    let native = ToolCall(
                        id: "n\(call)",
                        request: .shell(commands: commands, timeout: nil, maximumOutput: nil)
                    )
                    let arguments = "{\"r\":\(Int.random(in: 0..<3, using: &generator))}"
                    record(
                        answer([ModelItem(.toolCall(native)), Self.call("f\(call)", arguments)], call: call)
                    )
                }
            case .runTool(let step):
                if Int.random(in: 0..<6, using: &generator) == 0 { record(.turnResumed) }
                if !step.isRepeated { record(.toolStarted(step.id, name: step.call.name)) }
                if Bool.random(using: &generator) {
                    let object = StepObject(kind: "action", id: "1", state: "waiting", isWaiting: true)
                    record(.toolProgress(step.id, object))
                }
                if case .shell = step.call.request {
                    let result = ShellCommandResult(stdout: "o", stderr: "", outcome: .exit(code: 0))
                    record(.toolFinished(step.id, .command(result)))
                } else {
                    record(.toolFinished(step.id, .text("same", isError: false)))
                }
            case .finish(let state, let failure):
                record(.turnFinished(state, usage: machine.usage, failure: failure))
            case .nothing: return (draft, facts)
            }
        }
        return (draft, facts)
    }

    @Test(
        "rebuilt from any prefix of its stored facts, a turn goes on with the same step",
        arguments: UInt64(0)..<60
    )
    func prefixes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (draft, facts) = try Self.life(&generator)
        #expect(facts.count > 2)
        let limits = TurnLimits(modelCalls: 9, toolSteps: 12)
        var live = TurnMachine(draft, at: Self.start, limits: limits, price: nil)
        let stored = facts.enumerated().map { index, fact in
            ChatEvent(fact.0, number: Int64(index) + 2, turn: TurnID(5), at: fact.1)
        }
        for count in 0...facts.count {
            var rebuilt = TurnMachine(draft, at: Self.start, limits: limits, price: nil)
            for event in stored.prefix(count) { rebuilt.apply(try event.body(), at: event.time) }
            let now = count == 0 ? Self.start : facts[count - 1].1
            #expect(rebuilt.next(at: now) == live.next(at: now), "after \(count) facts of seed \(seed)")
            #expect(rebuilt.conversation == live.conversation)
            #expect(rebuilt.usage == live.usage && rebuilt.openCall == live.openCall)
            if count < facts.count { live.apply(facts[count].0, at: facts[count].1) }
        }
    }
}
