import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The document of the assistant's routes")
struct AssistantDocumentTests {
    @Test("the schemas of answers have the members that answers have")
    func members() async throws {
        let harness = try await AssistantHarness(
            [.text("Fine.")],
            policy: FakePolicy { _ in .ask(reason: "It changes something.", rule: "change") }
        )
        let ann = try await harness.person()
        let document = try await harness.send(.get, "/openapi.json").json
        let chat = try await ann.api(.post, "/v1/chats", json: #"{"key":"k"}"#).json
        try await harness.running {
            _ = try await ann.api(
                .post,
                "/v1/chats/1/turns",
                json: #"{"message":"x","key":"q","stream":true}"#
            )
            let ticket = try await ann.api(
                .post,
                "/v1/sessions/s/tickets",
                json: #"{"command":"x","input":"y"}"#
            )
            let approvals = try await ann.api(.get, "/v1/approvals")
            let turn = try await ann.api(.get, "/v1/turns/1")
            let events = try await ann.api(.get, "/v1/chats/1/events", [("format", "json")])
            let answers: [(String, JSONValue?)] = [
                ("Chat", chat), ("ChatList", try await ann.api(.get, "/v1/chats").json), ("Turn", turn.json),
                ("TurnList", try await ann.api(.get, "/v1/chats/1/turns").json),
                ("TokenUsage", turn["usage"]),
                ("EventList", events.json), ("ChatEvent", events["events"]?.array?.first),
                ("Ticket", ticket.json), ("OpenApproval", ticket["approval"]),
                ("ApprovalList", approvals.json), ("ApprovalSummary", approvals["approvals"]?.array?.first),
                ("Approval", try await ann.api(.get, "/v1/approvals/1").json),
            ]
            for (schema, answer) in answers {
                try Self.check(try #require(answer, "\(schema)"), schema, document)
            }
        }
    }

    /// The examples have been written by hand, so they are checked like answers.
    @Test("examples have the members that the schemas name")
    func examples() async throws {
        let document = try await AssistantHarness().send(.get, "/openapi.json").json
        for (path, item) in document["paths"]?.object ?? [:] {
            for operation in (item.object ?? [:]).values {
                var bodies = Array((operation["responses"]?.object ?? [:]).values)
                if let body = operation["requestBody"] { bodies.append(body) }
                for content in bodies.compactMap({ $0["content"]?["application/json"] }) {
                    guard let example = content["example"], example.object != nil,
                        let reference = content["schema"]?["$ref"]?.string?.split(separator: "/").last
                    else { continue }
                    try Self.check(example, String(reference), document, path)
                }
            }
        }
    }

    private static func check(
        _ value: JSONValue,
        _ schema: String,
        _ document: JSONValue,
        _ path: String = ""
    ) throws {
        let known = try #require(document["components"]?["schemas"]?[schema])
        guard let properties = known["properties"]?.object else { return }
        let members = Set(try #require(value.object, "\(schema)").keys)
        let surplus = members.subtracting(properties.keys)
        #expect(surplus.isEmpty, "\(path) \(schema)")
        let required = Set((known["required"]?.array ?? []).compactMap(\.string))
        #expect(required.isSubset(of: members), "\(path) \(schema): \(required.subtracting(members))")
    }
}
