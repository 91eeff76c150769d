import Core
import Testing
import TestSupport

@Suite("JSON")
struct JSONTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "strings are escaped as little as RFC 8259 asks for",
        arguments: [
            ("", "\"\""), ("plain", "\"plain\""), ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("\n\r\t", "\"\\n\\r\\t\""), ("\u{0}\u{1}\u{1f}\u{7f}", "\"\\u0000\\u0001\\u001f\\u007f\""),
            ("ä€😀/", "\"ä€😀/\""), ("\u{2028}", "\"\u{2028}\""), ("100%s", "\"100%s\""),
        ]
    )
    func escapes(value: String, json: String) {
        #expect(text { $0.string(value) } == json)
    }

    @Test("commas stand between members and elements, and nowhere else")
    func commas() {
        let json = text { writer in
            writer.object { writer in
                writer.key("empty")
                writer.object { _ in }
                writer.key("list")
                writer.array { writer in
                    writer.array { _ in }
                    writer.integer(1)
                    writer.object { writer in
                        writer.key("a")
                        writer.null()
                        writer.key(dynamic: "b\"")
                        writer.bool(true)
                    }
                    writer.raw(Array("[2]".utf8))
                    writer.string("x")
                }
                writer.key(dynamic: "last")
                writer.number(0.5)
            }
        }
        #expect(json == #"{"empty":{},"list":[[],1,{"a":null,"b\"":true},[2],"x"],"last":0.5}"#)
    }

    @Test(
        "numbers are valid JSON at their extremes",
        arguments: [
            (0.0, "0.0"), (-0.5, "-0.5"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
            (.infinity, "null"),
            (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)]
    )
    func numbers(value: Double, json: String) throws {
        #expect(text { $0.number(value) } == json)
        #expect(throws: Never.self) { try JSONValue(parsing: Array(json.utf8)) }
    }

    @Test("integers are written in full", arguments: [0, 1, -1, 9, 10, -10, Int64.max, Int64.min])
    func integers(value: Int64) {
        #expect(text { $0.integer(value) } == String(value))
    }

    @Test("times are RFC 3339 text")
    func times() {
        #expect(text { $0.time(Timestamp(seconds: 0)) } == "\"1970-01-01T00:00:00.000Z\"")
    }

    @Test("an error in the middle of an object reaches the caller")
    func errors() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.object { _ throws(Stop) in throw Stop() } }
    }

    @Test("members of a value are had by name, and wrong types are nil")
    func access() throws {
        let value = try JSONValue(
            parsing: Array(#"{"s":"x","i":3,"d":2.5,"b":false,"n":null,"a":[1],"o":{"k":"v"}}"#.utf8)
        )
        #expect(value["s"]?.string == "x")
        #expect(value["i"]?.integer == 3)
        #expect(value["i"]?.number == 3)
        #expect(value["d"]?.number == 2.5)
        #expect(value["d"]?.integer == nil)
        #expect(value["b"]?.bool == false)
        #expect(value["b"]?.integer == nil)
        #expect(value["n"] == .null)
        #expect(value["a"]?.array == [.integer(1)])
        #expect(value["o"]?["k"]?.string == "v")
        #expect(value["missing"] == nil)
        #expect(value["s"]?["x"] == nil)
    }

    @Test(
        "text that is not JSON is refused",
        arguments: [
            "", " ", "{", "}", "{\"a\":}", "nul", "01", "\"\\x\"", "\"\u{1}\"", "{} {}", "'a'", "\"\\ud800\"",
        ]
    )
    func malformed(text: String) {
        #expect(throws: (any Error).self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func notText() {
        #expect(throws: (any Error).self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test("comments and trailing commas are accepted only when asked for")
    func json5() throws {
        let text = Array("{ // why\n a: [1, 2,], }".utf8)
        #expect(try JSONValue(parsing: text, allowsJSON5: true)["a"]?.array?.count == 2)
        #expect(throws: (any Error).self) { try JSONValue(parsing: text) }
    }

    @Test("nesting without end is refused, not followed", arguments: [600, 20_000, 1_000_000])
    func nesting(depth: Int) {
        #expect(throws: (any Error).self) { try JSONValue(parsing: [UInt8](repeating: 0x5B, count: depth)) }
        let closed = [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
        #expect(throws: (any Error).self) { try JSONValue(parsing: closed) }
    }

    @Test("random values come back as they were written")
    func roundTrip() throws {
        var generator = SeededGenerator()
        for _ in 0..<300 {
            let value = Self.random(depth: 4, using: &generator)
            #expect(try JSONValue(parsing: value.bytes) == value, "seed \(generator.seed)")
        }
    }

    private static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(.random(in: .min ... .max, using: &generator))
        case 3: .number(Double.random(in: -1e9...1e9, using: &generator) + 0.123)
        case 4: .string(randomText(using: &generator))
        case 5:
            .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    random(depth: depth - 1, using: &generator)
                }
            )
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                        (randomText(using: &generator), random(depth: depth - 1, using: &generator))
                    },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let characters: [Character] = [
            "a", "\"", "\\", "\n", "\u{0}", "\u{1B}", "ä", "€", "😀", "\u{7F}", " ", "%", "/",
        ]
        return String(
            (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in
                characters.randomElement(using: &generator)
            }
        )
    }
}
