import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// `POST /v1/ai/chat`: the shape that docs/ai-layer.md gives the third seed's legacy route.
@Suite("One question and its answer")
struct OneShotTests {
    private static let path = "/v1/ai/chat"

    @Test("the answer has the documented members, and the chat that it was stored in is the caller's")
    func shape() async throws {
        let harness = try await AssistantHarness([.text("At ", "nine.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        try await harness.running {
            let answer = try await ann.api(.post, Self.path, json: #"{"message":"When do we open?"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(
                Set(answer.json.object?.keys.map { $0 } ?? []) == [
                    "message", "model", "chat", "turn", "usage",
                ]
            )
            #expect(
                answer["message"] == .object(["role": .string("assistant"), "content": .string("At nine.")])
            )
            #expect(answer["model"]?.string == "fake/model" && answer["usage"]?["output"]?.integer == 5)
            let chat = try #require(answer["chat"]?.integer)
            #expect(try await ann.api(.get, "/v1/ai/chats/\(chat)")["brand"]?.string == "north")
            #expect(try await bob.api(.get, "/v1/ai/chats/\(chat)").status == 404)
        }
    }

    @Test("what the caller keeps of the conversation is shown to the model, in order and nothing else")
    func history() async throws {
        let harness = try await AssistantHarness([.text("Yes.")])
        let ann = try await UserBench(harness).user("ann")
        try await harness.running {
            let body =
                #"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"Open?"}],"model":"fake/model"}"#
            let answer = try await ann.api(.post, Self.path, json: body)
            #expect(answer.status == 200, "\(answer.text)")
        }
        let items = try #require(harness.model.requests.first?.items.map(\.content))
        #expect(
            items == [.user([.text("Hi")]), .assistant("Hello."), .user([.text("Open?")])],
            "\(items)"
        )
    }

    @Test("with a key the same request is one turn and one call of the model; another user's key is another")
    func key() async throws {
        let harness = try await AssistantHarness([.text("One."), .text("Two.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        try await harness.running {
            let body = #"{"message":"x","key":"order-7"}"#
            let first = try await ann.api(.post, Self.path, json: body)
            let again = try await ann.api(.post, Self.path, json: body)
            #expect(first.json == again.json && first["message"]?["content"]?.string == "One.")
            #expect(harness.model.requests.count == 1)
            let other = try await bob.api(.post, Self.path, json: body)
            #expect(other["message"]?["content"]?.string == "Two.")
            #expect(other["chat"] != first["chat"])
        }
    }

    @Test("an error of the provider is an error of the route, as every other turn says it")
    func failure() async throws {
        let trouble = Failure(
            .unavailable,
            code: "provider_unreachable",
            message: "It is away.",
            hint: "Wait."
        )
        let harness = try await AssistantHarness([.failure(trouble)])
        let ann = try await UserBench(harness).user("ann")
        try await harness.running {
            let answer = try await ann.api(.post, Self.path, json: #"{"message":"x"}"#)
            #expect(answer.status == 503 && answer.code == "provider_unreachable", "\(answer.text)")
        }
    }

    @Test(
        "a request that asks nothing, or more than the route has, is refused with the field",
        arguments: [
            ("{}", "invalid_field"), (#"{"message":"x","messages":[]}"#, "invalid_field"),
            (#"{"messages":[]}"#, "message_missing"),
            (#"{"messages":[{"role":"assistant","content":"x"}]}"#, "message_missing"),
            (#"{"messages":[{"role":"system","content":"x"}]}"#, "invalid_field"),
            (#"{"message":"x","stream":true}"#, "unknown_field"),
            (#"{"message":"x","tools":[]}"#, "unknown_field"),
        ]
    )
    func mistakes(_ body: String, _ code: String) async throws {
        let harness = try await AssistantHarness()
        let ann = try await UserBench(harness).user("ann")
        let answer = try await ann.api(.post, Self.path, json: body)
        #expect(answer.status == 422 && answer.code == code, "\(answer.text)")
        #expect(harness.model.requests.isEmpty)
    }

    @Test("nobody but users is let in, and a place that they do not see is not there")
    func callers() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        _ = try await bench.user("eve", brands: ["south"])
        let (operatorCaller, program) = (try await harness.person(), try await harness.program([.chat]))
        for caller in [operatorCaller, program] {
            #expect(try await caller.api(.post, Self.path, json: #"{"message":"x"}"#).status == 403)
        }
        #expect(try await harness.send(.post, Self.path, body: Array("{}".utf8)).status == 401)
        let foreign = try await ann.api(.post, Self.path, json: #"{"message":"x","brand":"south"}"#)
        #expect(foreign.status == 404, "\(foreign.text)")
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"ai":false}"#)
        #expect(try await ann.api(.post, Self.path, json: #"{"message":"x"}"#).code == "ai_off")
    }
}
