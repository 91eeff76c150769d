import Core
import Testing
@testable import Domain
@testable import Providers

@Suite("Pictures that models make, over real sockets")
struct ImageWireTests {
    private static let picture = "iVBORw0KGgo="
    private static let bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let question = [ModelItem(.user([.text("Draw.")]))]

    private static func images(_ events: [ModelEvent]) -> [ImageContent] {
        events.compactMap { if case .image(let image) = $0 { image } else { nil } }
    }

    @Test("Responses: the picture of an image generation call, after its partial ones")
    func responses() async throws {
        let item =
            #"{"id":"ig_1","type":"image_generation_call","status":"completed","result":"\#(Self.picture)","output_format":"png"}"#
        let events = [
            #"{"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"ig_1","type":"image_generation_call","status":"in_progress","result":null}}"#,
            #"{"type":"response.image_generation_call.generating","sequence_number":2,"item_id":"ig_1","output_index":0}"#,
            #"{"type":"response.image_generation_call.partial_image","sequence_number":3,"item_id":"ig_1","output_index":0,"partial_image_index":0,"partial_image_b64":"AAAA"}"#,
            #"{"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":\#(item)}"#,
            #"{"type":"response.completed","sequence_number":5,"response":{"id":"r","object":"response","status":"completed","output":[\#(item)],"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}}"#,
        ]
        let server = SayingServer(stream: events.map { "data: \($0)\n\n" }.joined())
        let said = try await Conversing.ask(server.provider(.openAIResponses), Self.question)
        #expect(Self.images(said) == [ImageContent(mediaType: "image/png", bytes: Self.bytes)])
        #expect(said.last == .finished(.stop))
    }

    @Test("Gemini: a picture among the parts of an answer, and none of its drafts")
    func gemini() async throws {
        let server = SayingServer(
            stream:
                #"data: {"candidates":[{"content":{"role":"model","parts":[{"thought":true,"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"text":"Here."},{"inlineData":{"mimeType":"image/png","data":"\#(Self.picture)"}}]},"finishReason":"STOP","index":0}]}"#
                + "\n\n"
        )
        let said = try await Conversing.ask(server.provider(.gemini), Self.question)
        #expect(Self.images(said) == [ImageContent(mediaType: "image/png", bytes: Self.bytes)])
        #expect(Conversing.items(said).last == ModelItem(.assistant("Here.")))
    }

    @Test("the Images API makes a picture of words, and its cost is metered")
    func generation() async throws {
        let server = SayingServer { _ in
            .init(
                text:
                    #"{"created":1795000000,"data":[{"b64_json":"\#(Self.picture)"}],"background":"opaque","output_format":"png","quality":"low","size":"1024x1024","usage":{"input_tokens":10,"output_tokens":272,"total_tokens":282,"input_tokens_details":{"image_tokens":0,"text_tokens":10}}}"#
            )
        }
        var request = ImageRequest(model: "gpt-image-2", prompt: "A cat", context: Conversing.context)
        request.size = "1024x1024"
        request.quality = "low"
        let images = try await server.provider(.openAIResponses).images(for: request)
        #expect(images == [ImageContent(mediaType: "image/png", bytes: Self.bytes)])
        let asked = try #require(server.requests.first)
        #expect(asked.line == "POST /v1/images/generations HTTP/1.1")
        #expect(
            asked.json
                == .object([
                    "model": .string("gpt-image-2"), "prompt": .string("A cat"), "size": .string("1024x1024"),
                    "quality": .string("low"),
                ])
        )
        #expect(server.meter.ends.map(\.usage) == [TokenUsage(input: 10, output: 272)])
    }

    @Test("pictures that are changed go as a form: one as image, several as image[]", arguments: [1, 2])
    func edits(count: Int) async throws {
        let server = SayingServer { _ in
            .init(text: #"{"created":1,"data":[{"b64_json":"\#(Self.picture)"}]}"#)
        }
        var request = ImageRequest(model: "gpt-image-2", prompt: "Bigger", context: Conversing.context)
        request.sources = Array(
            repeating: ImageContent(mediaType: "image/png", bytes: Self.bytes),
            count: count
        )
        #expect(try await server.provider(.openAIResponses).images(for: request).count == 1)
        let asked = try #require(server.requests.first)
        #expect(asked.line == "POST /v1/images/edits HTTP/1.1")
        let type = try #require(asked.headers["content-type"])
        let boundary = try #require(type.split(separator: "boundary=").last)
        #expect(type.hasPrefix("multipart/form-data; boundary="))
        let parts = String(decoding: asked.body, as: UTF8.self).split(separator: "--\(boundary)\r\n")
        #expect(parts.count == 2 + count)
        #expect(parts[0] == "Content-Disposition: form-data; name=\"model\"\r\n\r\ngpt-image-2\r\n")
        #expect(parts[1] == "Content-Disposition: form-data; name=\"prompt\"\r\n\r\nBigger\r\n")
        let name = count == 1 ? "image" : "image[]"
        #expect(parts.dropFirst(2).allSatisfy { $0.contains("name=\"\(name)\"; filename=\"image-") })
        #expect(asked.body.suffix(boundary.utf8.count + 6) == Array("--\(boundary)--\r\n".utf8)[...])
    }

    @Test("a picture that is refused for its content, and an answer without one")
    func refused() async throws {
        let request = ImageRequest(model: "gpt-image-2", prompt: "x", context: Conversing.context)
        let refusing = SayingServer { _ in
            .init(
                status: "400 Bad Request",
                text:
                    #"{"error":{"message":"Your request was rejected by the safety system.","type":"image_generation_user_error","param":null,"code":"moderation_blocked"}}"#
            )
        }
        let refused = await #expect(throws: Failure.self) {
            try await refusing.provider(.openAIResponses).images(for: request)
        }
        #expect(refused?.code == "provider_content_refused" && refused?.kind == .unprocessable)
        let pointing = SayingServer { _ in
            .init(text: #"{"created":1,"data":[{"url":"https://example.org/a.png"}]}"#)
        }
        let malformed = await #expect(throws: Failure.self) {
            try await pointing.provider(.openAIResponses).images(for: request)
        }
        #expect(malformed?.code == "provider_answer_malformed")
        let other = SayingServer { _ in .init(text: "{}") }
        let unsupported = await #expect(throws: Failure.self) {
            try await other.provider(.anthropic).images(for: request)
        }
        #expect(unsupported?.code == "images_unsupported")
        #expect(other.requests.isEmpty)
    }
}
