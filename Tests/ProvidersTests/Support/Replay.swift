import FoundationEssentials
import HTTPClient
@testable import Domain
@testable import Providers

/// Recorded answers of vendors, in Tests/Fixtures/providers.
enum Fixture {
    private static let root = #filePath.split(separator: "/").dropLast(4).map(String.init)
        .joined(separator: "/")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "/\(root)/Tests/Fixtures/providers/\(name)")))
    }
}

/// Runs decoders over streams, in the steps in which providers do.
enum Replay {
    struct Result: Equatable {
        var events: [ModelEvent] = []
        var isFinished = false
        var usage: TokenUsage?

        var items: [ModelItem] { events.compactMap { if case .item(let item) = $0 { item } else { nil } } }
        var calls: [ToolCall] {
            items.compactMap { if case .toolCall(let call) = $0.content { call } else { nil } }
        }
    }

    static func run(_ pieces: [[UInt8]], _ decoder: some ModelStreamDecoder) throws -> Result {
        var decoder = decoder
        var stream = ServerSentEventDecoder()
        var result = Result()
        for piece in pieces {
            for event in try stream.decode(piece) { result.events += try decoder.decode(event) }
        }
        if !decoder.isFinished, let last = try stream.finish(), (try? LenientJSON.parse(last.data)) != nil {
            result.events += try decoder.decode(last)
        }
        if !decoder.isFinished { result.events += try decoder.finish() }
        result.isFinished = decoder.isFinished
        result.usage = decoder.usage
        return result
    }

    static var failures: ProviderFailures {
        get throws {
            ProviderFailures(
                ProviderSettings(
                    id: try ProviderID("vendor"),
                    kind: .openAIChat,
                    baseURL: "http://127.0.0.1:1",
                    key: nil,
                    keySource: "VENDOR_KEY"
                )
            )
        }
    }

    /// A fresh decoder for the interface that a fixture's name begins with.
    static func decoder(for fixture: String) throws -> any ModelStreamDecoder {
        if fixture.hasPrefix("responses") { return ResponsesStreamDecoder() }
        if fixture.hasPrefix("chat") { return ChatStreamDecoder(try failures) }
        if fixture.hasPrefix("anthropic") {
            return AnthropicStreamDecoder(try failures, pause: AnthropicPause())
        }
        return GeminiStreamDecoder(try failures)
    }
}
