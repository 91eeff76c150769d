import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// What lies at no brand: what a brand's suspension and switch mean there.
@Suite("Chats of a client as a whole")
struct OpenPlaceTests {
    private static let off = #"{"ai":false}"#
    private static let suspended = #"{"state":"suspended"}"#

    private func put(_ bench: UserBench, _ brand: String, _ json: String) async throws {
        let path = "/v1/ai/clients/acme/brands/\(brand)"
        #expect(try await bench.backend(.put, path, json: json).status == 200)
    }

    @Test(
        "need a brand in scope that is open: what is closed everywhere is closed here",
        arguments: [
            (suspended, suspended, "brand_suspended", 200), (suspended, off, "brand_suspended", 200),
            (off, off, "ai_off", 403),
        ]
    )
    func closed(_ north: String, _ south: String, _ code: String, _ reading: Int) async throws {
        let harness = try await AssistantHarness([.text("ok"), .text("ok")])
        let bench = UserBench(harness)
        let ann = try await bench.user("ann", brands: ["north", "south"])
        let eve = try await bench.user("eve", brands: ["south", "west"])
        let chat = try await ann.userChat()
        try await put(bench, "north", north)
        #expect(try await ann.api(.patch, "/v1/ai/chats/\(chat)", json: #"{"title":"x"}"#).status == 200)
        try await put(bench, "south", south)
        let changes: [(HTTPMethod, String, String)] = [
            (.post, "/v1/ai/chats/\(chat)/turns", #"{"message":"x"}"#),
            (.patch, "/v1/ai/chats/\(chat)", #"{"title":"y"}"#), (.post, "/v1/ai/chats", "{}"),
            (.post, "/v1/ai/chat", #"{"message":"x"}"#),
            (.put, "/v1/ai/account/model", #"{"model":"codex/gpt-6.1-sol"}"#),
        ]
        for (method, path, body) in changes {
            let answer = try await ann.api(method, path, json: body)
            #expect(answer.status == 403 && answer.code == code, "\(method) \(path): \(answer.text)")
        }
        let call = #"{"model":"fake/model","messages":[{"role":"user","content":"Hi"}]}"#
        let refused = try await ann.api(.post, "/v1/chat/completions", json: call)
        #expect(refused.status == 403 && refused["error"]?["code"]?.string == code, "\(refused.text)")
        for path in ["/v1/ai/chats", "/v1/ai/chats/\(chat)"] {
            #expect(try await ann.api(.get, path).status == reading, "\(path)")
        }
        #expect(harness.model.requests.isEmpty)
        // One who sees another brand, too, is let in.
        #expect(try await eve.api(.post, "/v1/ai/chats", json: "{}").status == 201)
    }

    @Test("a user without brands is let in by the client's own switch")
    func withoutBrands() async throws {
        let bench = UserBench(try await AssistantHarness())
        let ann = try await bench.user("ann", brands: [])
        let chat = try await ann.userChat()
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: Self.off)
        #expect(try await ann.api(.get, "/v1/ai/chats/\(chat)").code == "ai_off")
    }

    @Test(
        "their turns end when a brand is closed that the session sees, and no others do",
        arguments: [suspended, off]
    )
    func turns(_ how: String) async throws {
        let harness = try await AssistantHarness(Array(repeating: ScriptedAnswer([.hang]), count: 3))
        let bench = UserBench(harness)
        let people = [
            try await bench.user("ann", brands: ["north", "south"]),
            try await bench.user("bob", brands: ["south", "west"]),
            try await bench.user("cat", brands: ["north"]),
        ]
        try await harness.running {
            var turns: [Int64] = []
            for person in people {
                let chat = try await person.userChat()
                let turn = try await person.api(
                    .post,
                    "/v1/ai/chats/\(chat)/turns",
                    json: #"{"message":"x"}"#
                )
                turns.append(try #require(turn["id"]?.integer, "\(turn.text)"))
            }
            try await eventually("the model is called") { harness.model.requests.count == 3 }
            try await put(bench, "north", how)
            try await eventually("two turns are over") { harness.model.cancelledCalls == 2 }
            let other = try await people[1].api(.get, "/v1/ai/turns/\(turns[1])")
            #expect(other["state"]?.string == "working", "\(other.text)")
        }
    }
}
