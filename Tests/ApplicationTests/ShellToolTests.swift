import Core
import Domain
import Synchronization
import TestSupport
import Testing

@testable import Application

/// The model's tools as the engine carries them out: what the model is told, and what happens to tickets.
@Suite("The shell's tools in a turn")
struct ShellToolTests {
    /// Turns over a runner that ends nothing by itself, with results cut at 100 bytes.
    private func bench(_ calls: [ToolCall]) throws -> ChatBench {
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        settings.resultBytes = 100
        return try ChatBench(
            calls.map { .calls([$0]) } + [.text("Done.")],
            settings: settings,
            answer: { _ in nil }
        )
    }

    private static func output(_ more: [String: JSONValue] = [:]) -> ToolCall {
        ChatBench.function(
            "o",
            "ticket_output",
            .object(more.merging(["ticket": .string("chat-1/1")]) { $1 })
        )
    }

    /// What the model was told about its nth call, from 0.
    private func told(_ bench: ChatBench, _ number: Int) throws -> (text: String, isError: Bool) {
        let requests = bench.model.requests
        try #require(requests.count > number + 1)
        guard case .toolResult(let result) = requests[number + 1].items.last?.content,
            case .parts(let parts, let isError) = result.content, case .text(let text) = parts.first
        else {
            Issue.record("the model was not told")
            return ("", true)
        }
        return (text, isError)
    }

    private func run(_ bench: ChatBench, _ prepare: @Sendable () async throws -> Void = {}) async throws {
        try await prepare()
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(ChatBench.ask("Go"), in: chat.id, as: ChatBench.owner)
            let events = try await bench.events(of: chat, service)
            #expect(try ChatBench.finished(events).0 == .completed)
        }
    }

    /// Output of the first ticket, before the turn begins.
    private func print(_ text: String, _ bench: ChatBench) throws {
        let reference = OutputReference(folder: try SessionName("chat-1"), number: 1)
        bench.harness.outputs.append(Array(text.utf8), to: reference)
    }

    @Test("a command beyond the soft limit is said to still run, with its ticket and how to go on")
    func softLimit() async throws {
        let bench = try bench([ChatBench.shell("c", "sleep 900")])
        try await run(bench)
        let (text, isError) = try told(bench, 0)
        #expect(text.hasPrefix("still running (ticket chat-1/1)\n") && !isError)
        #expect(text.contains(#"ticket_output {"ticket": "chat-1/1", "wait": 30}"#))
        #expect(text.contains("ticket_cancel") && !text.contains("printed nothing"))
    }

    @Test("what stands for a secret is never run, and the model is told the names", arguments: [true, false])
    func maskedSecret(isRegistered: Bool) async throws {
        let name = try SecretName("DB_PASSWORD")
        let bench = try ChatBench(
            [.calls([ChatBench.shell("c", "mysql -p[redacted]")]), .text("Done.")],
            secrets: isRegistered ? [name] : []
        )
        let value = Secret(Array("correct horse battery".utf8))
        try await run(bench) {
            if isRegistered { _ = try await bench.harness.secrets.set(name, value, by: .hash) }
        }
        guard isRegistered else {
            // Where nothing is masked it is a text like any other.
            #expect(bench.harness.runner.started.count == 1)
            return
        }
        #expect(bench.harness.runner.started.isEmpty)
        let (text, isError) = try told(bench, 0)
        #expect(isError && text.contains("$NAME") && text.contains("DB_PASSWORD"), "\(text)")
    }

    @Test("the options of a command reach its ticket: background, interactive, timeout")
    func options() async throws {
        let bench = try bench([
            ChatBench.shell("a", "one", ["background": .bool(true), "timeout": .number(90)]),
            ChatBench.shell("b", "two", ["interactive": .bool(true)]),
        ])
        try await run(bench)
        let started = bench.harness.runner.started
        try #require(started.map(\.command) == ["one", "two"])
        let store = bench.harness.store
        let background = try await store.ticket(number: 1, inSessionNamed: try SessionName("chat-1-bg"))
        #expect(background?.options.limits.time == .seconds(90) && background?.options.input != .open)
        let plain = try await store.ticket(number: 1, inSessionNamed: try SessionName("chat-1"))
        #expect(plain?.options.input == .open && plain?.options.limits.time == nil)
        #expect(try await store.session(named: try SessionName("chat-1-bg"))?.mode == .parallel)
        #expect(try await store.session(named: try SessionName("chat-1"))?.mode == .stateful)
        #expect(try told(bench, 0).text.contains("chat-1-bg/1"))
    }

    @Test("a long output is head and tail, and the rest is read by offset, without a byte missing or twice")
    func offsets() async throws {
        let lines = (1...40).map { "line \($0)\n" }.joined()
        let offsets = [0, 100, 200, 300]
        let bench = try bench(
            [ChatBench.shell("c", "seq 40")] + offsets.map { Self.output(["offset": .number(Double($0))]) }
        )
        try await run(bench) { try print(lines, bench) }
        let (first, _) = try told(bench, 0)
        #expect(first.contains("line 1\n") && first.contains("line 40\n") && !first.contains("line 20\n"))
        #expect(first.contains("bytes left out here"))
        #expect(first.contains("[\(lines.utf8.count) bytes in all; read the rest with ticket_output"))
        var read = ""
        for (index, offset) in offsets.enumerated() {
            let (text, _) = try told(bench, index + 1)
            let end = min(offset + 100, lines.utf8.count)
            #expect(
                text.hasPrefix(
                    "The ticket chat-1/1 is still running. It printed \(lines.utf8.count) bytes; these are bytes \(offset) to \(end).\n"
                ),
                "\(text)"
            )
            let rest = lines.utf8.count - end
            let note = "\n[\(rest) bytes follow: ticket_output with offset \(end)]"
            #expect(text.hasSuffix(note) == (rest > 0))
            let body = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)[1]
            read += rest > 0 ? body.dropLast(note.count) : body
        }
        #expect(read == lines)
    }

    @Test("the last lines are asked for by their number")
    func tailLines() async throws {
        let bench = try bench([
            ChatBench.shell("c", "seq 40"), Self.output(["tail_lines": .number(2)]),
            Self.output(["tail_lines": .number(1_000)]),
        ])
        try await run(bench) { try print("a\nb\nc\nd\n", bench) }
        #expect(try told(bench, 1).text.hasSuffix("these are bytes 4 to 8.\nc\nd\n"))
        #expect(try told(bench, 2).text.hasSuffix("these are bytes 0 to 8.\na\nb\nc\nd\n"))
    }

    @Test("what an output's own bound left out in the middle is told, not made up")
    func omitted() async throws {
        let bench = try bench([
            ChatBench.shell("c", "yes"), Self.output(["offset": .number(20)]),
            Self.output(["offset": .number(90)]),
        ])
        try await run(bench) {
            try print(String(repeating: "0123456789", count: 12), bench)
            let reference = OutputReference(folder: try SessionName("chat-1"), number: 1)
            bench.harness.outputs.omit(OmittedRange(start: 30, end: 90), of: reference)
        }
        let (first, _) = try told(bench, 0)
        #expect(first.contains("bytes left out here") && first.contains("[120 bytes in all"))
        let gap = "\n[bytes 30 to 90 were not kept: there were too many]"
        let begin = "The ticket chat-1/1 is still running. It printed 120 bytes; these are bytes"
        #expect(
            try told(bench, 1).text
                == "\(begin) 20 to 30.\n0123456789\(gap)\n[30 bytes follow: ticket_output with offset 90]"
        )
        let rest = String(repeating: "0123456789", count: 3)
        #expect(try told(bench, 2).text == "\(begin) 90 to 120.\n\(rest)\(gap)")
    }

    @Test("waiting ends when the command does, and gives its end")
    func wait() async throws {
        let bench = try bench([ChatBench.shell("c", "sleep 1"), Self.output(["wait": .number(60)])])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(ChatBench.ask("Go"), in: chat.id, as: ChatBench.owner)
            // The second step is begun: it waits, or will.
            try await eventually("it is waited for") {
                try await service.events(of: chat, after: 0).filter { $0.kind == .toolStarted }.count == 2
            }
            let id = try #require(bench.harness.runner.started.first?.ticket)
            bench.harness.runner.finish(id, ChatBench.exited("over\n", code: 4))
            let events = try await bench.events(of: chat, service)
            #expect(try ChatBench.finished(events).0 == .completed)
            let end = try #require(events.last { $0.kind == .toolFinished })
            guard case .toolFinished(_, _, let ticket?) = try end.body() else {
                Issue.record("no ticket")
                return
            }
            #expect(ticket.state == "exited" && ticket.exitCode == 4)
        }
        let (text, _) = try told(bench, 1)
        #expect(text.hasPrefix("The ticket chat-1/1 is exit code 4.") && text.hasSuffix("over\n"))
    }

    @Test("a ticket is cancelled with its processes, and the model is told")
    func cancel() async throws {
        let cancel = ChatBench.function("x", "ticket_cancel", .object(["ticket": .string("1")]))
        let bench = try bench([ChatBench.shell("c", "sleep 900"), cancel])
        try await bench.serving { service, _ in
            let chat = try await service.create(ChatDraft(), as: ChatBench.owner)
            _ = try await service.begin(ChatBench.ask("Go"), in: chat.id, as: ChatBench.owner)
            try await eventually("the command is to be ended") { bench.harness.runner.ended.count == 1 }
            let id = try #require(bench.harness.runner.ended.first)
            var outcome = ChatBench.exited("")
            outcome.state = .cancelled
            bench.harness.runner.finish(id, outcome)
            #expect(try ChatBench.finished(try await bench.events(of: chat, service)).0 == .completed)
        }
        #expect(try told(bench, 1).text == "The ticket chat-1/1 is cancelled.")
    }

    @Test(
        "tickets outside the conversation are neither read nor ended, whatever the person may do",
        arguments: ["ticket_output", "ticket_cancel"]
    )
    func foreignTicket(tool: String) async throws {
        for session in ["deploy", "chat-10", "chat-1-bgx"] {
            let call = ChatBench.function(
                "o",
                tool,
                .object(["ticket": .string("\(session)/1")])
            )
            let bench = try bench([call])
            try await run(bench) {
                _ = try await bench.harness.submit("echo a-stranger's", to: session)
                let reference = OutputReference(folder: try SessionName(session), number: 1)
                bench.harness.outputs.append(Array("a-stranger's words\n".utf8), to: reference)
            }
            let (text, isError) = try told(bench, 0)
            #expect(isError && text.contains("not one of this conversation"), "\(text)")
            #expect(text.contains("chat-1 and chat-1-bg") && !text.contains("a-stranger's"))
            #expect(bench.harness.runner.ended.isEmpty)
        }
    }

    @Test("what runs in the background of the conversation is read and ended")
    func ownBackground() async throws {
        let ticket = JSONValue.object(["ticket": .string("chat-1-bg/1")])
        let bench = try bench([
            ChatBench.shell("c", "sleep 900", ["background": .bool(true)]),
            ChatBench.function("o", "ticket_output", ticket),
        ])
        try await run(bench)
        let (text, isError) = try told(bench, 1)
        #expect(!isError && text.hasPrefix("The ticket chat-1-bg/1 is still running."), "\(text)")
    }

    @Test("beside a vendor's own shell tool a function starts what runs in the background or is typed into")
    func startsBesideNative() async throws {
        var settings = AssistantSettings()
        settings.softLimit = .milliseconds(1)
        let command = { (name: String) in JSONValue.object(["command": .string("cat"), name: .bool(true)]) }
        let typed = JSONValue.object(["ticket": .string("chat-1/1"), "text": .string("x")])
        let native = ToolCall.Request.shell(commands: ["cat"], timeout: nil, maximumOutput: nil)
        let bench = try ChatBench(
            [
                .calls([ToolCall(id: "n", request: native)]),
                .calls([ChatBench.function("t", "ticket_input", typed)]),
                .calls([ChatBench.function("b", "ticket_start", command("background"))]),
                .calls([ChatBench.function("i", "ticket_start", command("interactive"))]), .text("Done."),
            ],
            native: true,
            settings: settings,
            answer: { _ in nil }
        )
        try await run(bench)
        let names = try #require(bench.model.requests.first).tools.map { tool -> String in
            if case .function(let function) = tool { function.name } else { "native" }
        }
        #expect(names == ["native", "ticket_start", "ticket_output", "ticket_input", "ticket_cancel"])
        let (text, isError) = try told(bench, 1)
        #expect(isError && text.contains("does not take input") && text.contains("ticket_start"), "\(text)")
        #expect(!text.contains("\"open\"") && bench.typing.inputs.isEmpty)
        let store = bench.harness.store
        let background = try await store.ticket(number: 1, inSessionNamed: try SessionName("chat-1-bg"))
        #expect(background?.command == "cat")
        let open = try await store.ticket(number: 2, inSessionNamed: try SessionName("chat-1"))
        #expect(open?.options.input == .open)
    }

    @Test(
        "a ticket that is named wrongly, or is not there, is an error that says how to name it",
        arguments: ["nonsense", "chat-1/99", "a/b/1", "chat-1/0"]
    )
    func unknownTicket(name: String) async throws {
        for tool in ["ticket_output", "ticket_cancel", "ticket_input"] {
            let arguments = JSONValue.object(["ticket": .string(name), "text": .string("x")])
            let bench = try bench([ChatBench.function("o", tool, arguments)])
            try await run(bench)
            let (text, isError) = try told(bench, 0)
            #expect(isError && text.contains("ticket"), "\(tool): \(text)")
            #expect(bench.typing.inputs.isEmpty)
        }
    }
}
