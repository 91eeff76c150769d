import Core
import Domain
import Testing

@Suite("Schemas of actions")
struct JSONSchemaTests {
    private func schema(_ text: String) throws -> JSONSchema {
        try JSONSchema(JSONValue(parsing: Array(text.utf8)))
    }

    private func mistakes(_ schema: JSONSchema, _ text: String) throws -> Int {
        schema.mistakes(in: try JSONValue(parsing: Array(text.utf8))).count
    }

    @Test(
        "refuse what they do not understand",
        arguments: [
            #"{"type":"string"}"#, #"{"type":["object"]}"#, #"{"type":"object","oneOf":[]}"#,
            #"{"type":"object","properties":{"a":{"type":"string","format":"email"}}}"#,
            #"{"type":"object","required":["a"]}"#, #"{"type":"object","additionalProperties":true}"#,
            #"{"type":"object","properties":{"a":{"type":"string","pattern":"(a+)+"}}}"#,
            #"{"type":"object","properties":{"a":{"type":"string","maxLength":"9"}}}"#,
            #"{"type":"object","properties":{"a":{"type":"array"}}}"#,
            #"{"type":"object","properties":{"a":{"type":"string","$ref":"https://x"}}}"#,
        ]
    )
    func refused(_ text: String) {
        #expect(throws: Failure.self) { try schema(text) }
    }

    @Test("take what fits and name what does not")
    func checks() throws {
        let schema = try schema(
            #"""
            {"type":"object","required":["a"],"properties":{
                "a":{"type":"string","minLength":2,"maxLength":4,"pattern":"^[a-c]+\\d?$"},
                "n":{"type":"integer","minimum":1,"maximum":9}, "x":{"type":"number"},
                "e":{"type":"string","enum":["p","q"]}, "b":{"type":"boolean"},
                "l":{"type":"array","items":{"type":"integer"},"maxItems":2}}}
            """#
        )
        for right in [#"{"a":"ab"}"#, #"{"a":"abc1","n":9,"x":1.5,"e":"q","b":true,"l":[1,2]}"#] {
            #expect(try mistakes(schema, right) == 0, "\(right)")
        }
        for wrong in [
            "{}", #"{"a":1}"#, #"{"a":"a"}"#, #"{"a":"abcab"}"#, #"{"a":"ad"}"#, #"{"a":"ab","n":10}"#,
            #"{"a":"ab","n":1.5}"#, #"{"a":"ab","e":"r"}"#, #"{"a":"ab","b":"true"}"#,
            #"{"a":"ab","l":[1,2,3]}"#,
            #"{"a":"ab","l":["1"]}"#, #"{"a":"ab","more":1}"#, #"{"a":null}"#, "[]",
        ] {
            #expect(try mistakes(schema, wrong) > 0, "\(wrong)")
        }
    }

    @Test("match patterns as they are meant, and hostile texts in no time")
    func patterns() throws {
        let date = try #require(TextPattern(#"^\d{4}-\d{2}-\d{2}$"#))
        #expect(date.matches("2026-03-01") && !date.matches("2026-03-011") && !date.matches("x2026-03-01"))
        let inside = try #require(TextPattern("b[^x]?c"))
        #expect(inside.matches("aabycd") && inside.matches("bc") && !inside.matches("abxc"))
        let open = try #require(TextPattern("^a{2,}"))
        #expect(open.matches("aaab") && !open.matches("ab"))
        for text in ["(a)", "a|b", "[", "a{3,1}", "*", #"\b"#, #"\1"#, "a**"] {
            #expect(TextPattern(text) == nil, "\(text)")
        }
        let hostile = try #require(TextPattern("^a*a*a*a*a*a*a*a*b$"))
        let start = ContinuousClock.now
        #expect(!hostile.matches(String(repeating: "a", count: 20_000)))
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
