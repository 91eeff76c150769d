import Core
import Testing
@testable import Domain
@testable import Providers

@Suite("Signatures of Gemini's calls")
struct GeminiSignatureTests {
    private static func call(_ id: String, extra: String? = nil) -> ModelItem {
        ModelItem(
            .toolCall(ToolCall(id: id, request: .function(name: "run", arguments: #"{"cmd":"ls"}"#))),
            native: extra.map {
                NativeItem(dialect: "chat-completions", json: Array(#"{"extra_content":\#($0)}"#.utf8))
            }
        )
    }

    private static func signatures(_ items: [ModelItem]) throws -> [String?] {
        var encoder = GeminiContentEncoder(takesImages: true)
        encoder.encode(Transcript([ModelItem(.user([.text("x")]))] + items))
        let contents = try #require(try JSONValue(parsing: encoder.bytes).array)
        let parts = contents.filter { $0["role"]?.string == "model" }.flatMap { $0["parts"]?.array ?? [] }
        return parts.filter { $0["functionCall"] != nil }.map { $0["thoughtSignature"]?.string }
    }

    @Test("one that a caller kept in the form of Chat Completions stands on its call again")
    func kept() throws {
        let signed = Self.call("a", extra: #"{"google":{"thought_signature":"c2ln_w=="}}"#)
        #expect(try Self.signatures([signed, Self.call("b")]) == ["c2ln_w==", nil])
    }

    @Test("a call that has none of Gemini's gets the documented word in its place")
    func foreign() throws {
        let word = "skip_thought_signature_validator"
        #expect(try Self.signatures([Self.call("a"), Self.call("b")]) == [word, nil])
        #expect(try Self.signatures([Self.call("a", extra: #"{"other":1}"#)]) == [word])
    }
}
