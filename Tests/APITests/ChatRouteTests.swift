import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The routes of chats")
struct ChatRouteTests {
    @Test("chats are made, listed, found, changed and forgotten")
    func chats() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let made = try await ann.api(
            .post,
            "/v1/chats",
            json: #"{"key":"k","title":"Disk full","model":"fake"}"#
        )
        #expect(made.status == 201)
        #expect(made.headers["Location"] == "/base/v1/chats/1")
        #expect(made["title"]?.string == "Disk full" && made["model"]?.string == "fake/model")
        #expect(made["working_turn"] == .null && made["last_event"]?.integer == 0)
        let again = try await ann.api(.post, "/v1/chats", json: #"{"key":"k"}"#)
        #expect(again.status == 200 && again.json == made.json)
        harness.clock.advance(by: .seconds(1))
        _ = try await ann.api(.post, "/v1/chats", json: #"{"title":"Mail queue"}"#)
        harness.clock.advance(by: .seconds(1))
        #expect(try await ann.api(.post, "/v1/chats").status == 201)

        let first = try await ann.api(.get, "/v1/chats", [("limit", "2")])
        #expect(first["chats"]?.array?.compactMap { $0["id"]?.integer } == [3, 2])
        let next = try #require(first["next"]?.string)
        let rest = try await ann.api(.get, "/v1/chats", [("limit", "2"), ("after", next)])
        #expect(rest["chats"]?.array?.compactMap { $0["id"]?.integer } == [1] && rest["next"] == .null)
        #expect(try await ann.api(.get, "/v1/chats", [("after", "x")]).code == "invalid_parameter")
        let found = try await ann.api(.get, "/v1/chats", [("search", "queue")])
        #expect(found["chats"]?.array?.compactMap { $0["id"]?.integer } == [2])

        let renamed = try await ann.api(.patch, "/v1/chats/1", json: #"{"title":"Full disk"}"#)
        #expect(renamed["title"]?.string == "Full disk" && renamed["model"]?.string == "fake/model")
        #expect(try await ann.api(.get, "/v1/chats/1").json == renamed.json)
        #expect(try await ann.api(.patch, "/v1/chats/1", json: "{}").json == renamed.json)
        let usual = try await ann.api(.patch, "/v1/chats/1", json: #"{"model":""}"#)
        #expect(usual["model"] == .null && usual["title"]?.string == "Full disk")
        #expect(try await ann.api(.delete, "/v1/chats/1").status == 204)
        for answer in [
            try await ann.api(.get, "/v1/chats/1"), try await ann.api(.delete, "/v1/chats/1"),
            try await ann.api(.get, "/v1/chats/x"), try await ann.api(.get, "/v1/chats/1/events"),
        ] {
            #expect(answer.status == 404 && answer.code == "chat_not_found")
        }
    }

    @Test(
        "mistakes teach, in problem details, and store nothing",
        arguments: [
            ("{}", 422, "message_missing"), (#"{"message":"  "}"#, 422, "message_missing"),
            (#"{"message":7}"#, 422, "invalid_field"), (#"{"mesage":"x"}"#, 422, "unknown_field"),
            (#"{"message":[{"type":"text","text":"x","y":1}]}"#, 422, "unknown_field"),
            (#"{"message":[{"type":"video"}]}"#, 422, "invalid_field"),
            (#"{"message":[{"text":"x"}]}"#, 422, "invalid_field"),
            (#"{"message":[{"type":"image","data":"aGk="}]}"#, 422, "invalid_field"),
            (#"{"message":[{"type":"image","media_type":"image/png","data":"aG"}]}"#, 422, "invalid_field"),
            (
                #"{"message":[{"type":"image","media_type":"text/html","data":"aGk="}]}"#, 422,
                "image_type_unsupported"
            ),
            (#"{"message":"x","reasoning":"lots"}"#, 422, "invalid_field"),
            (#"{"message":"x","key":"a b"}"#, 422, "invalid_key"),
            (#"{"message":"x","continue":true}"#, 422, "invalid_field"),
            (#"{"continue":true}"#, 409, "nothing_to_continue"),
            (#"{"message":"x","replacing":9}"#, 404, "turn_not_found"), ("[", 400, "invalid_json"),
        ]
    )
    func mistakes(body: String, status: Int, code: String) async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let path = "/v1/chats/\(try await ann.chat())/turns"
        let answer = try await ann.api(.post, path, json: body)
        #expect(answer.status == status && answer.code == code, "\(answer.text)")
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(try await ann.api(.get, path)["turns"] == .array([]))
    }

    @Test("a turn is 201 with its address; it ends by itself, and a repeated key is the same turn")
    func turns() async throws {
        let harness = try await AssistantHarness([.text("Fine."), .text("Still fine.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        let path = "/v1/chats/\(chat)/turns"
        try await harness.running {
            let body = #"{"message":"How is it?","key":"q1","reasoning":"low","verbosity":"high"}"#
            let begun = try await ann.api(.post, path, json: body)
            #expect(begun.status == 201 && begun.headers["Location"] == "/base/v1/turns/1")
            #expect(begun["state"]?.string == "working" && begun["chat"]?.integer == chat)
            try await eventually("the turn is over") {
                try await ann.api(.get, "/v1/turns/1")["state"]?.string == "completed"
            }
            let repeated = try await ann.api(.post, path, json: body)
            #expect(repeated.status == 200 && repeated["id"]?.integer == 1)
            #expect(harness.model.requests.count == 1)
            #expect(harness.model.requests[0].reasoning == .low)
            #expect(harness.model.requests[0].verbosity == .high)
            let other = try await ann.api(.post, path, json: #"{"message":"And now?","key":"q1"}"#)
            #expect(other.status == 409 && other.code == "key_reused")
            let retry = try await ann.api(.post, path, json: #"{"message":"And now?","replacing":1}"#)
            #expect(retry.status == 201)
            let list = try await ann.api(.get, path)
            let turns = try #require(list["turns"]?.array)
            #expect(turns.compactMap { $0["id"]?.integer } == [2, 1])
            #expect(turns.compactMap { $0["superseded"]?.bool } == [false, true])
            let page = try await ann.api(.get, path, [("limit", "1")])
            #expect(page["next"]?.integer == 2)
            #expect(try await ann.api(.get, path, [("before", "2")])["turns"]?.array?.count == 1)
        }
    }

    @Test("an image comes as base64, and its bytes reach the model and nobody else")
    func image() async throws {
        let harness = try await AssistantHarness([.text("A cat."), .text("A dog.")])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        let body =
            #"{"message":[{"type":"text","text":"What?"},{"type":"image","media_type":"image/png","data":"iVBORw=="}],"stream":true}"#
        try await harness.running {
            let answer = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: body)
            #expect(answer.status == 200 && !answer.text.contains("iVBORw"))
            let message = ContentPart.image(
                ImageContent(mediaType: "image/png", bytes: [0x89, 0x50, 0x4E, 0x47])
            )
            let said = ModelItem.Content.user([.text("What?"), message])
            #expect(harness.model.requests.first?.items.last?.content == said)
            // Asked again, the picture is there again, without being sent.
            let again = #"{"again":true,"replacing":1,"stream":true}"#
            #expect(try await ann.api(.post, "/v1/chats/\(chat)/turns", json: again).status == 200)
            #expect(harness.model.requests.last?.items.map(\.content) == [said])
            let body = #"{"again":true,"message":"x","replacing":2}"#
            for wrong in [body, #"{"again":true}"#] {
                let answer = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: wrong)
                #expect(answer.status == 422 && answer.code == "invalid_field", "\(wrong)")
            }
            let other = #"{"again":true,"replacing":9}"#
            #expect(try await ann.api(.post, "/v1/chats/\(chat)/turns", json: other).status == 404)
        }
    }

    @Test("a turn is cancelled, and cancelling it again changes nothing")
    func cancel() async throws {
        let harness = try await AssistantHarness([ScriptedAnswer([.hang])])
        let ann = try await harness.person()
        let chat = try await ann.chat()
        try await harness.running {
            _ = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: #"{"message":"x"}"#)
            let busy = try await ann.api(.post, "/v1/chats/\(chat)/turns", json: #"{"message":"y"}"#)
            #expect(busy.status == 409 && busy.code == "turn_working")
            for _ in 1...2 {
                let over = try await ann.api(.post, "/v1/turns/1/cancel")
                #expect(over.status == 200 && over["state"]?.string == "cancelled")
            }
            #expect(try await ann.api(.post, "/v1/turns/9/cancel").code == "turn_not_found")
        }
    }

    @Test("nobody sees the chats and turns of somebody else")
    func foreign() async throws {
        let harness = try await AssistantHarness([.text("Secret.")])
        let ann = try await harness.person()
        let bob = try await harness.person("bob")
        let program = try await harness.program([.chat])
        let chat = try await ann.chat()
        try await harness.running {
            _ = try await ann.api(
                .post,
                "/v1/chats/\(chat)/turns",
                json: #"{"message":"x","stream":true}"#
            )
            for other in [bob, program] {
                #expect(try await other.api(.get, "/v1/chats")["chats"] == .array([]))
                for (method, path) in [
                    (HTTPMethod.get, "/v1/chats/1"), (.patch, "/v1/chats/1"), (.delete, "/v1/chats/1"),
                    (.get, "/v1/chats/1/turns"), (.get, "/v1/chats/1/events"), (.get, "/v1/turns/1"),
                    (.post, "/v1/turns/1/cancel"),
                ] {
                    let json = method == .patch ? #"{"title":"x"}"# : nil
                    let answer = try await other.api(method, path, json: json)
                    #expect(answer.status == 404, "\(method) \(path)")
                    #expect(!answer.text.contains("Secret"))
                }
                let asked = try await other.api(.post, "/v1/chats/1/turns", json: #"{"message":"x"}"#)
                #expect(asked.status == 404)
            }
        }
        let reader = try await harness.program([.shellRead])
        #expect(try await reader.api(.get, "/v1/chats").code == "permission_missing")
    }
}
