import Core
import Domain
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResponsesProviderTests {
    @Test("a stream in chunks of 7 bytes gives the call, and one metered call")
    func stream() async throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let bench = try ProviderBench { _, peer in peer.stream(bytes) }
        defer { bench.server.stop() }
        let (events, error) = await bench.respond()
        #expect(error == nil)
        #expect(events.last == .finished(.toolCalls))
        let usage = TokenUsage(input: 50, cachedInput: 0, output: 20, reasoning: 8)
        #expect(bench.meter.ends.all == [.init(call: 1, usage: usage, outcome: .succeeded)])
        let request = try #require(bench.requests.all.first)
        #expect(request.head.hasPrefix("POST /v1/responses HTTP/1.1\r\n"))
        #expect(request.head.contains("Authorization: Bearer sk-of-the-test\r\n"))
        #expect(request.head.contains("Content-Type: application/json\r\n"))
        try ResponsesRequestRules.check(request.body)
    }

    @Test("a whole answer in place of a stream is taken too")
    func whole() async throws {
        let bench = try ProviderBench { _, peer in
            peer.respond(
                #"{"id":"r","object":"response","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}],"usage":{"input_tokens":1,"output_tokens":2}}"#,
                headers: "Content-Type: application/json\r\n"
            )
        }
        defer { bench.server.stop() }
        let (events, error) = await bench.respond()
        #expect(error == nil)
        #expect(events.contains(.textDelta("hi")) && events.last == .finished(.stop))
    }

    @Test(
        "three calls in one answer come back with three results, in the order and form that the vendor wants"
    )
    func threeCalls() async throws {
        let output =
            #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAA"},"#
            + #"{"type":"shell_call","id":"sh_1","call_id":"c1","status":"completed","environment":null,"action":{"commands":["ls","pwd"],"timeout_ms":null,"max_output_length":100}},"#
            + #"{"type":"function_call","id":"fc_1","call_id":"c2","name":"run","arguments":"","status":"completed"},"#
            + #"{"type":"function_call","id":"fc_2","call_id":"c3","name":"run","arguments":"{\"a\":1}","status":"completed"}"#
        let stream =
            #"data: {"type":"response.completed","response":{"id":"r","status":"completed","output":["#
            + output + "]}}\n\n"
        let bench = try ProviderBench { _, peer in peer.stream(Array(stream.utf8)) }
        defer { bench.server.stop() }
        let first = await bench.respond()
        #expect(first.error == nil && first.events.last == .finished(.toolCalls))
        let said = first.events.compactMap { event in if case .item(let item) = event { item } else { nil } }
        let calls = said.compactMap { item -> ToolCall? in
            if case .toolCall(let call) = item.content { call } else { nil }
        }
        #expect(calls.map(\.id) == ["c1", "c2", "c3"])
        #expect(calls.last?.request == .function(name: "run", arguments: #"{"a":1}"#))
        #expect(calls.dropFirst().first?.request == .function(name: "run", arguments: "{}"))

        // The last call has no result: the turn was cut there.
        let results = [
            ToolResult(
                callID: "c1",
                name: "shell",
                content: .shell(
                    [
                        ShellCommandResult(stdout: "a\n", stderr: "", outcome: .exit(code: 0)),
                        ShellCommandResult(stdout: "", stderr: "late", outcome: .timeout),
                    ],
                    maximumOutput: 100
                )
            ),
            ToolResult(callID: "c2", name: "run", content: .parts([.text("7 C")], isError: false)),
        ].map { ModelItem(.toolResult($0)) }
        let question = ModelItem(.user([.text("ls")]))
        let thanks = ModelItem(.user([.text("thanks")]))
        let second = await bench.respond(to: ProviderBench.request([question] + said + results + [thanks]))
        #expect(second.error == nil)
        let body = try #require(bench.requests.all.last).body
        try ResponsesRequestRules.check(body)
        let input = try #require(JSONValue(parsing: body)["input"]?.array)
        #expect(
            input.compactMap { $0["type"]?.string ?? $0["role"]?.string } == [
                "user", "reasoning", "shell_call", "function_call", "function_call", "shell_call_output",
                "function_call_output", "function_call_output", "user",
            ]
        )
        let shell = try #require(input.first { $0["type"]?.string == "shell_call_output" })
        #expect(shell["max_output_length"]?.integer == 100 && shell["output"]?.array?.count == 2)
        #expect(shell["output"]?.array?.last?["outcome"]?["type"]?.string == "timeout")
    }

    @Test("a refused key is said without the key")
    func unauthenticated() async throws {
        let bench = try ProviderBench(retries: 2) { _, peer in
            peer.respond(
                #"{"error":{"message":"Incorrect API key provided: sk-of-the-test","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                status: "401 Unauthorized",
                headers: "Content-Type: application/json\r\n"
            )
        }
        defer { bench.server.stop() }
        let failure = try #require(await bench.respond().error as? Failure)
        #expect(failure.code == "provider_key_refused" && failure.kind == .unauthenticated)
        #expect(!"\(failure)".contains("sk-of") && failure.hint?.contains("OPENAI_API_KEY") == true)
        #expect(bench.requests.all.count == 1)
        #expect(bench.meter.ends.all.map(\.outcome) == [.failed])
    }

    @Test("429 with Retry-After is asked again after that time; each attempt is metered")
    func rateLimited() async throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let bench = try ProviderBench(retries: 2) { number, peer in
            guard number == 0 else { return peer.stream(bytes) }
            peer.respond(
                #"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#,
                status: "429 Too Many Requests",
                headers: "Retry-After: 3\r\n"
            )
        }
        defer { bench.server.stop() }
        #expect(await bench.respond().error == nil)
        #expect(bench.waits.all == [.seconds(3)])
        #expect(bench.meter.ends.all.map(\.outcome) == [.failed, .succeeded])
    }

    @Test("429 that lasts is an error that says how long to wait")
    func rateLimitedForLong() async throws {
        let bench = try ProviderBench { _, peer in
            peer.respond(
                #"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#,
                status: "429 Too Many Requests",
                headers: "Retry-After: 17\r\n"
            )
        }
        defer { bench.server.stop() }
        let failure = try #require(await bench.respond().error as? Failure)
        #expect(failure.code == "provider_rate_limited" && failure.retryAfter == .seconds(17))
    }

    @Test("500 is asked again as often as configured, then an error")
    func serverError() async throws {
        let bench = try ProviderBench(retries: 2) { _, peer in
            peer.respond("<html>oops</html>", status: "500 Internal Server Error")
        }
        defer { bench.server.stop() }
        let failure = try #require(await bench.respond().error as? Failure)
        #expect(failure.kind == .unavailable && failure.code == "provider_failed")
        #expect(bench.requests.all.count == 3 && bench.waits.all.count == 2)
        #expect(bench.meter.ends.all.map(\.outcome) == [.failed, .failed, .failed])
    }

    @Test(
        "an answer that breaks off is an error without calls, and is not asked for again",
        arguments: [true, false]
    )
    func interrupted(isWhole: Bool) async throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let bench = try ProviderBench(retries: 2) { _, peer in
            peer.stream(Array(bytes.prefix(1_500)), isWhole: isWhole)
        }
        defer { bench.server.stop() }
        let (events, error) = await bench.respond()
        #expect((error as? Failure)?.code == "provider_interrupted")
        #expect(events.first == .started(responseID: "resp_1"))
        let hasItem = events.contains { if case .item = $0 { true } else { false } }
        #expect(!hasItem)
        #expect(bench.requests.all.count == 1)
        #expect(bench.meter.ends.all.map(\.outcome) == [.failed])
    }

    @Test("response.failed in a stream is an error")
    func failed() async throws {
        let bytes = try ResponsesFixture.bytes("responses-failed.sse")
        let bench = try ProviderBench { _, peer in peer.stream(bytes) }
        defer { bench.server.stop() }
        let failure = try #require(await bench.respond().error as? Failure)
        #expect(failure.code == "provider_rate_limited" && failure.retryAfter == .milliseconds(1_200))
    }

    @Test("a server that is not there")
    func refusedConnection() async throws {
        let bench = try ProviderBench(retries: 1) { _, _ in }
        bench.server.stop()
        let failure = try #require(await bench.respond().error as? Failure)
        #expect(failure.code == "provider_unreachable" && failure.kind == .unavailable)
        #expect(bench.meter.ends.all.map(\.outcome) == [.failed, .failed])
    }

    @Test("cancellation closes the connection and is metered as cancelled")
    func cancellation() async throws {
        let bytes = try ResponsesFixture.bytes("responses-shell.sse")
        let closed = Signal()
        let began = Signal()
        let bench = try ProviderBench { _, peer in
            peer.stream(Array(bytes.prefix(900)), isWhole: false)
            peer.waitForClose()
            closed.set()
        }
        defer { bench.server.stop() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await bench.provider.respond(to: ProviderBench.request()) { _ in began.set() }
                    Issue.record("it ended without an error")
                } catch {
                    #expect(error is CancellationError)
                }
            }
            await began.wait()
            group.cancelAll()
        }
        await closed.wait()
        #expect(bench.meter.ends.all.map(\.outcome) == [.cancelled])
    }

    @Test("the models: configured ones first, without those that do other work")
    func models() async throws {
        let bench = try ProviderBench { _, peer in
            peer.respond(
                #"{"object":"list","data":[{"id":"gpt-5.1","object":"model","created":1795000000,"owned_by":"o"},{"id":"whisper-1","object":"model"}]}"#,
                headers: "Content-Type: application/json\r\n"
            )
        }
        defer { bench.server.stop() }
        let models = try await bench.provider.models()
        #expect(models.map(\.name) == ["gpt-5.6-sol", "gpt-5.1"])
        #expect(bench.requests.all.first?.head.hasPrefix("GET /v1/models HTTP/1.1\r\n") == true)
        #expect(bench.meter.beginnings == 0)
    }
}
