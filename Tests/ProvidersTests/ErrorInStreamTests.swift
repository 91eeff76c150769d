import Core
import TestSupport
import Testing
@testable import Domain
@testable import Providers

/// Errors that come within an answer of status 200, in every form that vendors document.
@Suite("Errors inside streams")
struct ErrorInStreamTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let kind: ProviderKind
        let stream: String
        let code: String
        var wait: Duration?

        init(_ kind: ProviderKind, _ stream: String, _ code: String, wait: Duration? = nil) {
            self.kind = kind
            self.stream = stream
            self.code = code
            self.wait = wait
        }

        var testDescription: String { "\(kind.rawValue) \(code) \(stream.prefix(120))" }
    }

    private static func data(_ json: String) -> String { "data: \(json)\n\n" }

    // MARK: Responses

    private static func failed(_ code: String, _ message: String = "It failed.") -> String {
        data(
            #"{"type":"response.failed","sequence_number":1,"response":{"id":"r","object":"response","status":"failed","output":[],"error":{"code":"\#(code)","message":"\#(message)"}}}"#
        )
    }

    private static let responses: [Row] =
        [
            Row(
                .openAIResponses,
                data(
                    #"{"type":"error","sequence_number":1,"code":"rate_limit_exceeded","message":"Rate limit reached. Please try again in 1.2s.","param":null}"#
                ),
                "provider_rate_limited",
                wait: .milliseconds(1_200)
            ),
            Row(
                .openAIResponses,
                data(
                    #"{"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"Too long.","param":"input"}}"#
                ),
                "context_too_long"
            ),
            Row(
                .openAIResponses,
                "event: error\n" + data(#"{"error":{"type":"server_error","message":"Oops"}}"#),
                "provider_failed"
            ),
            Row(.openAIResponses, failed("server_error"), "provider_failed"),
            Row(
                .openAIResponses,
                failed("rate_limit_exceeded", "Please try again in 20ms."),
                "provider_rate_limited",
                wait: .milliseconds(20)
            ),
            Row(.openAIResponses, failed("insufficient_quota"), "provider_quota_exceeded"),
            Row(.openAIResponses, failed("invalid_prompt"), "provider_refused_request"),
            Row(.openAIResponses, failed("data_residency_mismatch"), "provider_refused_request"),
            Row(.openAIResponses, failed("bio_policy"), "provider_content_refused"),
            Row(.openAIResponses, failed("misalignment_policy_violation"), "provider_content_refused"),
            Row(.openAIResponses, failed("vector_store_timeout"), "provider_failed"),
            Row(.openAIResponses, failed("image_content_policy_violation"), "provider_content_refused"),
        ]
        + [
            "invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url",
            "image_too_large",
            "image_too_small", "image_parse_error", "invalid_image_mode", "image_file_too_large",
            "unsupported_image_media_type", "failed_to_download_image", "image_file_not_found",
            "empty_image_file",
        ].map { Row(.openAIResponses, failed($0), "provider_refused_request") }

    // MARK: Chat Completions

    private static let chat: [Row] = [
        Row(
            .openAIChat,
            data(
                #"{"error":{"message":"Slow down","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}"#
            ),
            "provider_rate_limited"
        ),
        Row(
            .openAIChat,
            "event: error\n" + data(#"{"error":{"message":"x","type":"server_error","code":null}}"#),
            "provider_failed"
        ),
        Row(.openAIChat, data(#"{"error":"model requires more system memory"}"#), "provider_failed"),
        Row(
            .openAIChat,
            data(#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#),
            "provider_overloaded"
        ),
        Row(
            .openAIChat,
            data(#"{"error":{"code":500,"message":"Failed to parse grammar","type":"server_error"}}"#),
            "provider_failed"
        ),
        Row(
            .openAIChat,
            data(
                #"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#
            ),
            "context_too_long"
        ),
        Row(
            .openAIChat,
            data(
                #"{"object":"error","message":"Bad tool.","type":"BadRequestError","param":null,"code":400}"#
            ),
            "provider_refused_request"
        ),
        Row(.openAIChat, data(#"{"detail":"Internal trouble"}"#), "provider_failed"),
        Row(
            .openAIChat,
            data(
                #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"insufficient_system_resource"}]}"#
            ) + data("[DONE]"),
            "provider_overloaded"
        ),
        Row(
            .openAIChat,
            "\n{\"error\":{\"message\":\"no data: before it\",\"code\":429}}\n",
            "provider_rate_limited"
        ),
    ]

    // MARK: Anthropic

    private static let anthropic: [Row] = [
        ("invalid_request_error", "messages: bad", "provider_refused_request"),
        ("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context_too_long"),
        ("authentication_error", "invalid x-api-key", "provider_key_refused"),
        ("billing_error", "Your credit balance is too low", "provider_quota_exceeded"),
        ("permission_error", "no", "provider_forbidden"),
        ("not_found_error", "model: claude-x", "model_not_found"),
        ("request_too_large", "no", "provider_request_too_large"),
        ("rate_limit_error", "no", "provider_rate_limited"),
        ("api_error", "no", "provider_failed"), ("timeout_error", "no", "provider_overloaded"),
        ("overloaded_error", "Overloaded", "provider_overloaded"),
    ].map { type, message, code in
        Row(
            .anthropic,
            "event: error\n"
                + data(
                    #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_1"}"#
                ),
            code
        )
    }

    // MARK: Gemini

    private static let gemini: [Row] = [
        Row(
            .gemini,
            data(
                #"{"error":{"code":429,"message":"Busy","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}}"#
            ),
            "provider_rate_limited",
            wait: .seconds(36)
        ),
        Row(
            .gemini,
            #"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
            "provider_overloaded"
        ),
        Row(
            .gemini,
            #"{"error":{"code":400,"message":"Bad schema","status":"INVALID_ARGUMENT"}}"#,
            "provider_refused_request"
        ),
        Row(
            .gemini,
            data(
                #"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#
            ),
            "provider_key_refused"
        ),
        Row(
            .gemini,
            data(#"{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}"#),
            "provider_forbidden"
        ),
        Row(
            .gemini,
            data(#"{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}"#),
            "model_not_found"
        ),
        Row(.gemini, data(#"{"error":{"code":500,"message":"no","status":"INTERNAL"}}"#), "provider_failed"),
        Row(
            .gemini,
            data(#"{"error":{"code":504,"message":"no","status":"DEADLINE_EXCEEDED"}}"#),
            "provider_overloaded"
        ),
        Row(
            .gemini,
            data(#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#),
            "provider_content_refused"
        ),
        Row(
            .gemini,
            data(#"{"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","index":0}]}"#),
            "provider_failed"
        ),
    ]

    @Test("each is a failure of ours that says what to do", arguments: responses + chat + anthropic + gemini)
    func row(_ row: Row) async throws {
        let server = SayingServer(stream: row.stream)
        let provider = try server.provider(row.kind)
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request([ModelItem(.user([.text("x")]))])) { _ in }
        }
        #expect(failure?.code == row.code)
        #expect(failure?.hint?.isEmpty == false)
        #expect(failure?.retryAfter == row.wait)
        #expect(server.meter.ends.map(\.outcome) == [.failed])
    }

    @Test(
        "what was said before the error has been handed over",
        arguments: [
            (
                ProviderKind.openAIChat,
                #"{"id":"c","choices":[{"index":0,"delta":{"content":"Half"}}]}"#,
                #"{"error":{"message":"x","code":500}}"#
            ),
            (
                .anthropic,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Half"}}"#,
                #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
            ),
            (
                .gemini,
                #"{"candidates":[{"content":{"role":"model","parts":[{"text":"Half"}]},"index":0}]}"#,
                #"{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}"#
            ),
            (
                .openAIResponses,
                #"{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"Half"}"#,
                #"{"type":"error","code":"server_error","message":"x"}"#
            ),
        ]
    )
    func after(kind: ProviderKind, text: String, error: String) async throws {
        var stream = ""
        if kind == .anthropic {
            stream +=
                Self.data(
                    #"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#
                )
                + Self.data(
                    #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
                )
        }
        if kind == .openAIResponses {
            stream += Self.data(
                #"{"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message","status":"in_progress","role":"assistant","content":[]}}"#
            )
        }
        let server = SayingServer(stream: stream + Self.data(text) + Self.data(error))
        let provider = try server.provider(kind)
        let seen = Recorder<ModelEvent>()
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request([ModelItem(.user([.text("x")]))])) {
                $0.forEach(seen.record)
            }
        }
        #expect(failure?.kind == .unavailable)
        #expect(seen.all.contains(.textDelta("Half")))
        #expect(Conversing.items(seen.all).isEmpty)
    }
}
