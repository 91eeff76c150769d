import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The panel assistant's shares")
struct ChatterShareTests {
    private static func look(_ harness: AssistantHarness, _ token: String) async throws -> Answer {
        try await harness.send(.post, "/chkshr", body: Array(#"{"shareToken":"\#(token)"}"#.utf8))
    }

    @Test("the owner makes a link; whoever has it reads what was said, and what is said later")
    func walk() async throws {
        let harness = try await AssistantHarness([
            .calls([AssistantHarness.call("c1", "uptime")]), .text("Up for long."), .text("Bye."),
        ])
        let ann = try await harness.person()
        let client = ChatterTests.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running {
            _ = try await client.say("Is it up?")
            _ = try await client.bring([
                .object(["stdout": .string("secret output"), "stderr": .string(""), "exitCode": .integer(0)])
            ])
            let body = #"{"chatId":"float-ann","user":"somebody"}"#
            let made = try await ann.api(.post, "/mkshr", json: body)
            let token = try #require(made["shareToken"]?.string)
            #expect(made.status == 200 && made.json.object?.count == 1)
            #expect(
                token.utf8.count == 32 && token.utf8.allSatisfy { Set("0123456789abcdef".utf8).contains($0) }
            )
            let read = try await Self.look(harness, token)
            #expect(read.status == 200)
            let entries = try #require(read.json.array)
            #expect(entries.map { $0["r"]?.string } == ["user", "assistant", "assistant"])
            #expect(
                entries.map { $0["z"]?.string } == [
                    "Is it up?", "```shell\nuptime\n```", "Up for long.",
                ]
            )
            #expect(Set(try #require(entries[0].object).keys) == ["u", "m", "t", "p", "k", "r", "d", "z"])
            for hidden in ["secret output", "You help with servers.", "ann"] {
                #expect(!read.text.contains(hidden), "\(hidden)")
            }
            _ = try await client.say("Bye!")
            #expect(try await Self.look(harness, token).json.array?.count == 5)
            #expect(try await ann.api(.delete, "/v1/shares/1").status == 204)
            let over = try await Self.look(harness, token)
            #expect(over.status == 404 && over["error"]?.string == "Invalid or expired share token")
        }
    }

    @Test("nobody shares without a sign-in, or the chat of somebody else")
    func owners() async throws {
        let harness = try await AssistantHarness([.text("Hello.")])
        let ann = try await harness.person()
        let bob = try await harness.person("bob")
        let rita = try await harness.person("rita", [.chat])
        let client = ChatterTests.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running { _ = try await client.say("Hi") }
        let body = #"{"chatId":"float-ann","user":"ann"}"#
        let nobody = try await harness.send(.post, "/mkshr", body: Array(body.utf8))
        #expect(nobody.status == 401 && nobody["error"]?.string == "Unauthorized")
        let stranger = try await bob.api(.post, "/mkshr", json: body)
        #expect(stranger.status == 404 && stranger.code == "chat_not_found")
        #expect(try await bob.api(.post, "/mkshr", json: #"{"chatId":"chat-1"}"#).status == 404)
        #expect(try await rita.api(.post, "/mkshr", json: body).status == 403)
        let hash = AssistantCaller(harness: harness, bearer: AssistantHarness.hash)
        #expect(try await hash.api(.post, "/mkshr", json: body).status == 403)
        for missing in [#"{}"#, #"{"chatId":""}"#, #"{"chatId":null,"user":"ann"}"#] {
            let answer = try await ann.api(.post, "/mkshr", json: missing)
            #expect(answer.status == 400 && answer["error"]?.string == "Missing chatId", "\(missing)")
        }
    }

    @Test("a link lives 365 days, and 50 look-ups an hour are enough")
    func bounds() async throws {
        let harness = try await AssistantHarness([.text("Hello.")])
        let ann = try await harness.person()
        let client = ChatterTests.client(harness)
        try await client.checkIn(AssistantHarness.passphrase)
        try await harness.running { _ = try await client.say("Hi") }
        let made = try await ann.api(.post, "/mkshr", json: #"{"chatId":"float-ann"}"#)
        let token = try #require(made["shareToken"]?.string)
        for _ in 0..<50 { #expect(try await Self.look(harness, token).status == 200) }
        let refused = try await Self.look(harness, token)
        #expect(refused.status == 429 && refused["error"]?.string == "Too Many Requests")
        #expect(refused.headers["Retry-After"] == "3600")
        harness.clock.advance(by: .seconds(365 * 86_400 - 1))
        #expect(try await Self.look(harness, token).status == 200)
        harness.clock.advance(by: .seconds(1))
        #expect(try await Self.look(harness, token).status == 404)
        let bad = try await harness.send(.post, "/chkshr", body: Array("{}".utf8))
        #expect(bad.status == 400 && bad["error"]?.string == "Bad Request")
    }
}
