import Core
import Domain
import Testing

@Suite("Events of chats as they are stored and sent")
struct ChatEventTests {
    private static let usage = TokenUsage(input: 7, cachedInput: 3, output: 5, reasoning: 2)
    private static let failure = Failure(.unavailable, code: "c", message: "m", hint: "h")
    private static let step = ToolStepID(call: "call \u{7F}\"1", index: 2)

    private static func draft() throws -> TurnDraft {
        let image = ImageContent(mediaType: "image/png", bytes: [0, 255, 9])
        var draft = TurnDraft(
            message: [.text("Grüße\n\"\\"), .image(image)],
            options: TurnOptions(
                model: ModelReference(provider: try ProviderID("p"), model: "m/x"),
                reasoning: .high,
                verbosity: .low,
                tools: .caller([
                    .function(
                        FunctionTool(
                            name: "f",
                            description: "d",
                            parameters: .object(["type": .string("object")]),
                            isStrict: true
                        )
                    ),
                    .shell,
                ]),
                instructions: "Be kind.",
                door: .seed
            )
        )
        draft.results = [
            ToolResult(callID: "r", name: "f", content: .parts([.text("x"), .image(image)], isError: true))
        ]
        draft.replacing = TurnID(4)
        draft.history = items
        return draft
    }

    private static let items: [ModelItem] = [
        ModelItem(.reasoning("hm"), native: NativeItem(dialect: "d", json: Array("{\"a\":1}".utf8))),
        ModelItem(.assistant("Yes")), ModelItem(.refusal("No")), ModelItem(.system("Heed")),
        ModelItem(.user([.text("u"), .image(ImageContent(mediaType: "image/gif", bytes: [1]))])),
        ModelItem(.toolCall(ToolCall(id: "a", request: .function(name: "f", arguments: "{\"k\":\"ü\"}")))),
        ModelItem(
            .toolCall(
                ToolCall(
                    id: "b",
                    request: .shell(commands: ["ls", "id"], timeout: .seconds(3), maximumOutput: 10)
                )
            )
        ),
        ModelItem(
            .toolResult(
                ToolResult(
                    callID: "b",
                    name: "shell",
                    content: .shell(
                        [
                            ShellCommandResult(stdout: "o", stderr: "e", outcome: .exit(code: 3)),
                            ShellCommandResult(stdout: "", stderr: "", outcome: .timeout),
                        ],
                        maximumOutput: 10
                    )
                )
            )
        ),
    ]

    private static func ticket() throws -> StepTicket {
        var ticket = StepTicket(
            ticket: TicketID(session: SessionID(9), number: 3),
            session: try SessionName("chat-7"),
            state: "exited",
            approval: 12
        )
        ticket.exitCode = 0
        ticket.signal = 9
        ticket.duration = .milliseconds(1_234)
        return ticket
    }

    private static func note() throws -> ArtifactNote {
        ArtifactNote(
            id: ArtifactID(7),
            kind: .table,
            title: try ArtifactTitle("Jobs \"of\" March"),
            format: .csv,
            size: 12
        )
    }

    /// At least one fact of each kind.
    private static func bodies() throws -> [ChatEventBody] {
        let command = ShellCommandResult(stdout: "o\n", stderr: "e", outcome: .exit(code: 1))
        return [
            .turnStarted(try draft()), .turnResumed, .contextTrimmed(turns: 3),
            .contextSummarised(ChatSummary(text: "s\"", through: TurnID(8), turns: 5, usage: usage)),
            .modelStarted(call: 1), .text(call: 1, "a\u{0}b"), .reasoning(call: 2, "hm"),
            .toolBegan(call: 1, index: 2, name: "shell"),
            .toolArguments(call: 1, index: 2, command: nil, "{\""),
            .toolArguments(call: 1, index: 2, command: 1, "ls"),
            .modelFinished(call: 3, items: items, reason: .toolCalls, usage: usage),
            .modelInterrupted(call: 1, text: "I th", failure: failure),
            .modelInterrupted(call: 1, text: "", failure: nil), .toolStarted(step, name: "shell"),
            .toolTicket(step, try ticket()),
            .toolProgress(
                step,
                StepObject(kind: "action", id: "a/1", state: "awaiting_confirmation", isWaiting: true)
            ), .toolFinished(step, .text("t", isError: true)),
            .toolFinished(step, .text("t", isError: false), ticket: try ticket()),
            .toolFinished(step, .command(command)),
            .toolFinished(step, .command(command), ticket: try ticket()),
            .toolFinished(
                step,
                .command(ShellCommandResult(stdout: "", stderr: "", outcome: .timeout))
            ), .artifactMade(try note(), step: step), .artifactMade(try note(), step: nil),
            .chatTitled("Title"), .turnFinished(.stopped, usage: usage, failure: failure),
            .turnFinished(.completed, usage: usage, failure: nil),
        ]
    }

    @Test("every kind comes back as it was, and as JSON that names turn and time")
    func roundTrip() throws {
        let bodies = try Self.bodies()
        #expect(Set(bodies.map(\.kind)) == Set(ChatEventKind.allCases), "a kind is not tried")
        for body in bodies {
            let event = ChatEvent(body, number: 5, turn: TurnID(6), at: Timestamp(seconds: 7))
            #expect(try event.body() == body)
            let json = try JSONValue(parsing: event.json)
            #expect(json["turn"]?.integer == 6)
            #expect(json["time"]?.string != nil)
        }
        let free = ChatEvent(.chatTitled("T"), number: 5, turn: .none, at: Timestamp(seconds: 7))
        #expect(try JSONValue(parsing: free.json)["turn"] == .null)
    }

    @Test("a card can be drawn without reading text: state, exit code and duration stand as fields")
    func cards() throws {
        let body = ChatEventBody.toolFinished(
            Self.step,
            .text("exit code 0 (…)", isError: false),
            ticket: try Self.ticket()
        )
        let event = ChatEvent(body, number: 5, turn: TurnID(6), at: Timestamp(seconds: 7))
        let ticket = try #require(try JSONValue(parsing: event.json)["ticket"])
        #expect(ticket["session"]?.string == "chat-7" && ticket["number"]?.integer == 3)
        #expect(ticket["state"]?.string == "exited" && ticket["exit_code"]?.integer == 0)
        #expect(ticket["duration_ms"]?.integer == 1_234)
    }

    @Test("what is not to be shown is not in what is shown")
    func hidden() throws {
        let event = ChatEvent(
            .turnStarted(try Self.draft()),
            number: 1,
            turn: TurnID(1),
            at: Timestamp(seconds: 7)
        )
        let shown = String(decoding: event.json, as: UTF8.self)
        #expect(!shown.contains("Be kind.") && !shown.contains("AP8J"))
        guard case .turnStarted(let draft) = try event.shownBody() else {
            Issue.record("it is no beginning")
            return
        }
        #expect(draft.options.instructions == nil && draft.history == nil)
    }

    @Test("members of newer programs are passed over; an event that lacks its own is refused by number")
    func damage() throws {
        let newer = ChatEvent(
            number: 8,
            turn: TurnID(2),
            time: Timestamp(seconds: 1),
            kind: .contextTrimmed,
            json: Array(#"{"turn":2,"time":"x","turns":4,"why":{"new":true}}"#.utf8),
            hidden: nil
        )
        #expect(try newer.body() == .contextTrimmed(turns: 4))
        for text in [#"{"turn":2}"#, "{", "[]", #"{"turns":"4"}"#] {
            let damaged = ChatEvent(
                number: 8,
                turn: TurnID(2),
                time: Timestamp(seconds: 1),
                kind: .contextTrimmed,
                json: Array(text.utf8),
                hidden: nil
            )
            #expect {
                try damaged.body()
            } throws: {
                ($0 as? ChatEventError)?.description.contains("event 8") == true
            }
        }
    }
}
