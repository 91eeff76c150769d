import Core
import TestSupport
import Testing
@testable import Domain
@testable import Providers

/// What is reserved for a call is what its vendor was told, on the wire.
@Suite("How long an answer may be, as vendors are told and calls are reserved")
struct OutputLimitTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let kind: ProviderKind
        let model: String
        var testDescription: String { "\(kind.rawValue) \(model)" }
    }

    static let rows: [Row] = [
        Row(kind: .openAIResponses, model: "gpt-5.1"), Row(kind: .openAIResponses, model: "m"),
        Row(kind: .openAIChat, model: "gpt-5.1"), Row(kind: .openAIChat, model: "m"),
        Row(kind: .anthropic, model: "claude-opus-5-5"),
        // Those that are told how many tokens to think.
        Row(kind: .anthropic, model: "claude-sonnet-4-20250514"), Row(kind: .gemini, model: "gemini-2.5-pro"),
        Row(kind: .gemini, model: "gemini-3-pro"),
    ]

    private static func limit(_ body: JSONValue?, _ kind: ProviderKind) -> Int? {
        let value =
            switch kind {
            case .openAIResponses: body?["max_output_tokens"]
            case .anthropic: body?["max_tokens"]
            case .gemini: body?["generationConfig"]?["maxOutputTokens"]
            default: body?["max_tokens"] ?? body?["max_completion_tokens"]
            }
        return value?.integer.map { Int($0) }
    }

    /// What the vendor was told, and what the meter was, of one call.
    private static func call(
        _ row: Row,
        assumed: Int?,
        configured: Int? = nil,
        _ change: (inout ModelRequest) -> Void = { _ in }
    ) async throws -> (wire: Int?, size: Int?, body: JSONValue?) {
        // What is answered is nothing that counts here.
        let server = SayingServer(limit: assumed) { _ in .init(status: "400 Bad Request", text: "{}") }
        var known = ModelSettings(name: row.model)
        known.maximumOutputTokens = configured
        known.reasoning = true
        var request = ModelRequest(
            model: row.model,
            items: [ModelItem(.user([.text("Hi")]))],
            context: Conversing.context
        )
        change(&request)
        let provider = try server.provider(row.kind, models: [known])
        _ = await #expect(throws: Failure.self) { try await provider.respond(to: request) { _ in } }
        let asked = try #require(server.requests.first)
        #expect(server.meter.sizes.all.count == 1)
        return (limit(asked.json, row.kind), server.meter.sizes.all.first?.maximumOutputTokens, asked.json)
    }

    @Test(
        "a call that somebody pays for has a limit, and never a higher one than was reserved",
        arguments: rows
    )
    func paid(row: Row) async throws {
        for effort in [nil, ReasoningEffort.none, .low, .medium, .high, .xhigh] {
            for (asked, configured) in [(nil, nil), (100, nil), (40_000, nil), (nil, 2_000), (300, 2_000)] {
                let label = "\(effort.debugDescription) \(asked ?? 0) \(configured ?? 0)"
                let said = try await Self.call(row, assumed: 8_192, configured: configured) { request in
                    request.reasoning = effort
                    request.maximumOutputTokens = asked
                }
                let wire = try #require(said.wire, "\(label)")
                let size = try #require(said.size, "\(label)")
                #expect(wire <= size, "\(label)")
                let wanted = asked ?? configured ?? 8_192
                if row.model == "claude-sonnet-4-20250514", let effort, effort != .none {
                    #expect(wire >= wanted, "with room to think: \(label)")
                } else {
                    #expect(wire == wanted, "\(label)")
                }
            }
        }
    }

    @Test("without anybody who pays, only what somebody said is a limit", arguments: rows)
    func free(row: Row) async throws {
        let silent = try await Self.call(row, assumed: nil)
        #expect(silent.wire == (row.kind == .anthropic ? 16_384 : nil))
        #expect(try await Self.call(row, assumed: nil, configured: 2_000).wire == 2_000)
        #expect(try await Self.call(row, assumed: nil) { $0.maximumOutputTokens = 77 }.wire == 77)
    }

    @Test("thoughts leave room for the answer within its limit")
    func thoughts() async throws {
        let row = Row(kind: .gemini, model: "gemini-2.5-pro")
        for (limit, budget) in [(8_192, 7_168), (100_000, 24_576), (500, 128)] as [(Int, Int64)] {
            let said = try await Self.call(row, assumed: nil) { request in
                request.reasoning = .high
                request.maximumOutputTokens = limit
            }
            let thinking = said.body?["generationConfig"]?["thinkingConfig"]
            #expect(thinking?["thinkingBudget"]?.integer == budget)
        }
    }
}
