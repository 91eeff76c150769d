import Core
import Testing
@testable import Domain
@testable import Providers

@Suite("Lists of models, as the vendors give them")
struct ModelListTests {
    @Test("Chat Completions: names, ages and windows, under whatever name servers give these")
    func chat() async throws {
        let server = SayingServer { _ in
            .init(
                text: #"""
                    {"object":"list","data":[
                     {"id":"plain","object":"model","created":1795000000,"owned_by":"x"},
                     {"id":"llama","object":"model","meta":{"n_ctx_train":131072}},
                     {"id":"served","object":"model","max_model_len":32768},
                     {"id":"routed","object":"model","context_length":200000},
                     {"object":"model"}]}
                    """#
            )
        }
        let models = try await server.provider(.openAIChat).models()
        #expect(models.map(\.name) == ["plain", "llama", "served", "routed"])
        #expect(models.map(\.contextWindow) == [nil, 131_072, 32_768, 200_000])
        #expect(models[0].created == 1_795_000_000)
        let request = try #require(server.requests.first)
        #expect(request.line == "GET /v1/models HTTP/1.1")
        #expect(request.headers["authorization"] == "Bearer \(Vendor.key)")
        #expect(server.meter.beginnings == 0)
    }

    @Test("a server that has only Ollama's own list is asked for that")
    func ollama() async throws {
        let server = SayingServer { request in
            request.line.hasPrefix("GET /api/tags ")
                ? .init(
                    text: #"""
                        {"models":[{"name":"qwen3:8b","model":"qwen3:8b","modified_at":"2026-11-01T00:00:00Z","size":5200000000,"digest":"500a1f067a9f","details":{"parent_model":"","format":"gguf","family":"qwen3","families":["qwen3"],"parameter_size":"8.2B","quantization_level":"Q4_K_M"}}]}
                        """#
                ) : .init(status: "404 Not Found", type: "text/plain", text: "404 page not found")
        }
        #expect(try await server.provider(.openAIChat).models().map(\.name) == ["qwen3:8b"])
        #expect(server.requests.count == 2)
    }

    @Test("Anthropic: page after page, with the contract's version")
    func anthropic() async throws {
        let server = SayingServer { request in
            request.line.contains("after_id=claude-a")
                ? .init(
                    text:
                        #"{"data":[{"type":"model","id":"claude-b","display_name":"B"}],"has_more":false,"last_id":"claude-b"}"#
                )
                : .init(
                    text:
                        #"{"data":[{"type":"model","id":"claude-a","display_name":"A","max_input_tokens":1000000}],"has_more":true,"last_id":"claude-a"}"#
                )
        }
        let models = try await server.provider(.anthropic).models()
        #expect(models.map(\.name) == ["claude-a", "claude-b"])
        #expect(models.map(\.title) == ["A", "B"])
        #expect(models[0].contextWindow == 1_000_000)
        #expect(
            server.requests.map(\.line) == [
                "GET /v1/models?limit=1000 HTTP/1.1", "GET /v1/models?limit=1000&after_id=claude-a HTTP/1.1",
            ]
        )
        #expect(server.requests.allSatisfy { $0.headers["anthropic-version"] == "2026-10-21" })
    }

    @Test("Gemini: page after page, without those that do not answer, and the key in no address")
    func gemini() async throws {
        let server = SayingServer { request in
            request.line.contains("pageToken=t%2F1")
                ? .init(
                    text:
                        #"{"models":[{"name":"models/gemini-3-pro","supportedGenerationMethods":["generateContent"]}]}"#
                )
                : .init(
                    text: #"""
                        {"models":[{"name":"models/gemini-3-flash","displayName":"Flash","inputTokenLimit":1048576,"supportedGenerationMethods":["generateContent","countTokens"]},
                         {"name":"models/embedding-001","supportedGenerationMethods":["embedContent"]}],"nextPageToken":"t/1"}
                        """#
                )
        }
        let models = try await server.provider(.gemini).models()
        #expect(models.map(\.name) == ["gemini-3-flash", "gemini-3-pro"])
        #expect(models[0].title == "Flash" && models[0].contextWindow == 1_048_576)
        #expect(server.requests.count == 2)
        #expect(
            server.requests.allSatisfy {
                !$0.line.contains("key") && $0.headers["x-goog-api-key"] == Vendor.key
            }
        )
    }

    @Test("Responses: what does other work is left out")
    func responses() async throws {
        let server = SayingServer { _ in
            .init(
                text:
                    #"{"object":"list","data":[{"id":"gpt-6-sol","object":"model","created":1,"owned_by":"openai"},{"id":"gpt-image-2.6-flare","object":"model"},{"id":"whisper-1","object":"model"}]}"#
            )
        }
        #expect(try await server.provider(.openAIResponses).models().map(\.name) == ["gpt-6-sol"])
    }

    @Test(
        "a key that is refused and a page in place of a list are said to be that",
        arguments: [ProviderKind.openAIResponses, .openAIChat, .anthropic, .gemini]
    )
    func failures(kind: ProviderKind) async throws {
        let refusing = SayingServer { _ in
            .init(
                status: "401 Unauthorized",
                text: #"{"error":{"message":"bad \#(Vendor.key)","type":"authentication_error"}}"#
            )
        }
        let refused = await #expect(throws: Failure.self) { try await refusing.provider(kind).models() }
        #expect(refused?.code == "provider_key_refused")
        #expect(refused?.message.contains(Vendor.key) == false)
        let page = SayingServer { _ in .init(type: "text/html", text: "<html>Welcome</html>") }
        let malformed = await #expect(throws: Failure.self) { try await page.provider(kind).models() }
        #expect(malformed?.code == "provider_answer_malformed")
        #expect(malformed?.hint != nil)
    }
}
