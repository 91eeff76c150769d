import Core
import FoundationEssentials
import HTTPClient
import TestSupport
import Testing

@testable import Domain
@testable import Providers

/// The document beside the repository that says what vendors send: each sample of an answer there carries a tag.
private enum SampleDocument {
    static let path =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        + "/shared/facts/providers.md"

    static var text: String? {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// CI has it; whoever has the repository alone does not.
    static var isExpected: Bool {
        text != nil || ProcessInfo.processInfo.environment["DECKHAND_CI"] != nil
    }

    /// The samples of a document by tag, in its order: whole streams end with an empty line.
    static func samples(_ text: String) -> [(tag: String, text: String)] {
        var samples: [(tag: String, text: String)] = []
        var open: (tag: String, isStream: Bool, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let sample = open {
                guard line == "```" else {
                    open?.lines.append(line)
                    continue
                }
                var text = sample.lines.joined(separator: "\n")
                while sample.isStream, !text.hasSuffix("\n\n") { text += "\n" }
                samples.append((sample.tag, text))
                open = nil
            } else if line.hasPrefix("```"),
                let tag = line.split(separator: " ").first(where: { $0.hasPrefix("replay=") })
            {
                open = (String(tag.dropFirst("replay=".count)), line.hasPrefix("```sse"), [])
            }
        }
        return samples
    }
}

@Suite("Samples of the vendors' interfaces")
struct SampleBlockTests {
    /// Where each sample stands here; nil for the one of an interface that is not spoken, Ollama's own.
    private static let fixtures: [(tag: String, file: String?)] = [
        ("openai-responses", "responses-shell.sse"), ("openai-responses", "responses-failed.sse"),
        ("openai-responses", "responses-incomplete.sse"), ("openai-chat", "chat-1.sse"),
        ("anthropic", "anthropic-1.sse"), ("gemini", "gemini-1.sse"), ("ollama", nil),
        ("openai-images", "images-1.sse"), ("openai-models-json", "models-1.json"),
        ("openai-chat-json", "chat-2.json"), ("openai-chat", "chat-2.sse"),
        ("openai-responses-json", "responses-call.json"), ("openai-responses", "responses-call.sse"),
    ]

    @Test(
        "those that are replayed are the document's, byte for byte",
        .enabled(if: SampleDocument.isExpected, "../shared/facts/providers.md is not beside this repository")
    )
    func document() throws {
        let text = try #require(SampleDocument.text, "\(SampleDocument.path) must be there")
        let samples = SampleDocument.samples(text)
        #expect(samples.map(\.tag) == Self.fixtures.map(\.tag))
        for (sample, fixture) in zip(samples, Self.fixtures) {
            guard let file = fixture.file else { continue }
            #expect(try Fixture.bytes(file) == Array(sample.text.utf8), "\(file)")
        }
    }

    // MARK: What they mean

    private static let call = ToolCall(
        id: "call_1",
        request: .function(name: "get_weather", arguments: #"{"city":"Oslo"}"#)
    )
    private static let question = [ModelItem(.user([.text("x")]))]
    private static let usage = TokenUsage(input: 9, output: 3)

    /// The events without the vendor's own forms.
    private static func bare(_ events: [ModelEvent]) -> [ModelEvent] {
        events.map { if case .item(let item) = $0 { .item(ModelItem(item.content)) } else { $0 } }
    }

    @Test("Responses: text and a call, streamed and cut at any byte")
    func responses() throws {
        let bytes = try Fixture.bytes("responses-call.sse")
        let whole = try Replay.run([bytes], Replay.decoder(for: "responses"))
        #expect(
            Self.bare(whole.events) == [
                .started(responseID: "resp_1"), .textDelta("Hé"), .textDelta("日"),
                .toolCallBegan(index: 0, name: "get_weather"),
                .toolCallDelta(index: 0, command: nil, text: #"{"city":"#),
                .toolCallDelta(index: 0, command: nil, text: #""Oslo"}"#),
                .item(ModelItem(.assistant("Hé日"))), .item(ModelItem(.toolCall(Self.call))),
                .usage(Self.usage), .finished(.toolCalls),
            ]
        )
        #expect(whole.items.allSatisfy { $0.native?.dialect == "openai-responses" })
        for cut in bytes.indices {
            let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
            let result = try Replay.run(parts, Replay.decoder(for: "responses"))
            #expect(result == whole, "cut at \(cut)")
        }
        #expect(try Replay.run(bytes.map { [$0] }, Replay.decoder(for: "responses")) == whole)
        // Nothing counts before the vendor says that the response is complete.
        let mark = try #require(bytes.firstRange(of: Array("event: response.completed".utf8)))
        for end in 0...mark.lowerBound {
            let result = try Replay.run([Array(bytes[..<end])], Replay.decoder(for: "responses"))
            #expect(!result.isFinished && result.items.isEmpty, "\(end) bytes")
        }
    }

    @Test("whole answers are the same ones, and a part of one is none", arguments: ["responses", "chat"])
    func wholeAnswers(interface: String) throws {
        let isChat = interface == "chat"
        let bytes = try Fixture.bytes(isChat ? "chat-2.json" : "responses-call.json")
        var decoder = try Replay.decoder(for: interface)
        let events = Self.bare(try decoder.decode(whole: bytes))
        #expect(decoder.isFinished && decoder.usage == Self.usage)
        if isChat {
            #expect(
                events == [
                    .started(responseID: "chatcmpl-1"), .textDelta("Hé日"), .usage(Self.usage),
                    .item(ModelItem(.assistant("Hé日"))), .finished(.stop),
                ]
            )
        } else {
            #expect(
                events == [
                    .started(responseID: "resp_1"), .textDelta("Hé日"),
                    .item(ModelItem(.assistant("Hé日"))), .item(ModelItem(.toolCall(Self.call))),
                    .usage(Self.usage), .finished(.toolCalls),
                ]
            )
        }
        for end in bytes.indices {
            var decoder = try Replay.decoder(for: interface)
            #expect(throws: (any Error).self, "\(end) bytes") {
                _ = try decoder.decode(whole: Array(bytes[..<end]))
            }
            #expect(!decoder.isFinished)
        }
    }

    // MARK: On the wire, a byte at a time

    /// Answers everything with a fixture in chunks of one byte.
    private static func server(_ fixture: String, upTo end: Int? = nil) throws -> LoopbackServer {
        let bytes = try Fixture.bytes(fixture)
        let type = fixture.hasSuffix(".sse") ? "text/event-stream" : "application/json"
        return LoopbackServer { peer in
            guard let head = peer.readHead() else { return }
            let lines = head.lowercased().split(separator: "\r\n")
            let field = lines.first { $0.hasPrefix("content-length:") }
            let size = field.flatMap { Int($0.drop { !$0.isNumber }) } ?? 0
            _ = peer.readExactly(size)
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n")
            peer.write("Connection: close\r\n\r\n")
            for byte in bytes.prefix(end ?? bytes.count) { peer.write(Array("1\r\n".utf8) + [byte, 13, 10]) }
            peer.write("0\r\n\r\n")
        }
    }

    private static func provider(_ kind: ProviderKind, _ server: LoopbackServer, _ meter: RecordingMeter)
        throws -> any ModelProvider
    {
        var settings = ProviderSettings(
            id: try ProviderID("vendor"),
            kind: kind,
            baseURL: server.url + "/v1",
            key: Secret(Vendor.key),
            keySource: "VENDOR_KEY"
        )
        settings.limits.retries = 0
        let services = ProviderServices(client: HTTPClient(), meter: meter, retries: RetryPolicy())
        return kind == .openAIResponses
            ? makeOpenAIResponsesProvider(settings, services)
            : makeChatCompletionsProvider(settings, services)
    }

    @Test(
        "answers that come a byte at a time",
        arguments: [
            (ProviderKind.openAIResponses, "responses-call.sse"), (.openAIResponses, "responses-call.json"),
            (.openAIChat, "chat-2.sse"), (.openAIChat, "chat-2.json"),
        ]
    )
    func answers(kind: ProviderKind, fixture: String) async throws {
        let server = try Self.server(fixture)
        defer { server.stop() }
        let meter = RecordingMeter()
        let events = try await Conversing.ask(Self.provider(kind, server, meter), Self.question)
        #expect(Conversing.items(events).first?.content == .assistant("Hé日"))
        #expect(events.last == .finished(kind == .openAIChat ? .stop : .toolCalls))
        #expect(meter.ends.map(\.usage) == [Self.usage])
    }

    @Test(
        "a list of models that comes a byte at a time",
        arguments: [ProviderKind.openAIResponses, .openAIChat]
    )
    func models(kind: ProviderKind) async throws {
        let server = try Self.server("models-1.json")
        defer { server.stop() }
        let models = try await Self.provider(kind, server, RecordingMeter()).models()
        #expect(models.map(\.name) == ["local-1"] && models.first?.created == 1_795_000_000)
    }

    @Test("a picture that is streamed although nobody asked for that")
    func images() async throws {
        let request = ImageRequest(model: "gpt-image-2", prompt: "A cat", context: Conversing.context)
        let server = try Self.server("images-1.sse")
        defer { server.stop() }
        let meter = RecordingMeter()
        let images = try await Self.provider(.openAIResponses, server, meter).images(for: request)
        let picture = ImageContent(
            mediaType: "image/png",
            bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        )
        #expect(images == [picture])
        #expect(meter.ends.map(\.usage) == [TokenUsage(input: 10, output: 272)])
        // The draft is no picture.
        let bytes = try Fixture.bytes("images-1.sse")
        let end = try #require(bytes.firstRange(of: Array("\n\n".utf8))).upperBound
        let cut = try Self.server("images-1.sse", upTo: end)
        defer { cut.stop() }
        let failure = await #expect(throws: Failure.self) {
            try await Self.provider(.openAIResponses, cut, meter).images(for: request)
        }
        #expect(failure?.code == "provider_interrupted")
        #expect(meter.ends.count == 2)
    }
}
