import Core
import Domain
import HTTPServer
import Testing

@testable import API

@Suite("Reading queries")
struct QueryReaderTests {
    private func reader(_ items: [(String, String)]) -> QueryReader {
        QueryReader(HTTPQuery(items.map { HTTPQuery.Item(name: $0.0, value: $0.1) }))
    }

    private func failure(_ body: () throws(Failure) -> Void) -> Failure? {
        do {
            try body()
            return nil
        } catch { return error }
    }

    @Test("a parameter that is given twice is an error that names it")
    func repeated() {
        let query = reader([("a", "1"), ("b", "2"), ("a", "1")])
        let error = failure { () throws(Failure) in _ = try query.text("a") }
        #expect(error?.code == "repeated_parameter")
        #expect(error?.message.contains("'a'") == true)
        #expect(throws: Never.self) { try query.text("b") }
    }

    @Test("names are case-sensitive, and absent is not empty")
    func absent() throws {
        let query = reader([("a", ""), ("B", "x")])
        #expect(try query.text("a") == "")
        #expect(try query.text("b") == nil)
        #expect(try query.integer("c", 1...2) == nil)
        #expect(try query.flag("c") == false)
    }

    @Test(
        "whole numbers within their range",
        arguments: [("1", 1), ("5", 5), ("007", 7)] as [(String, Int64)]
    )
    func integers(text: String, value: Int64) throws {
        #expect(try reader([("n", text)]).integer("n", 1...10) == value)
    }

    @Test(
        "other texts are no whole numbers there",
        arguments: [
            "", "0", "11", "-1", "1.5", "1e3", "x", " 1", "1 ", "٣", "99999999999999999999", "0x1", "1\u{0}",
        ]
    )
    func notIntegers(text: String) {
        let error = failure { () throws(Failure) in _ = try reader([("n", text)]).integer("n", 1...10) }
        #expect(error?.code == "invalid_parameter")
        #expect(error?.hint == "Send a whole number from 1 to 10.")
    }

    @Test(
        "seconds with fractions",
        arguments: [("0", 0), ("1.5", 1_500), ("60", 60_000), ("0.001", 1)] as [(String, Int64)]
    )
    func seconds(text: String, milliseconds: Int64) throws {
        #expect(try reader([("w", text)]).seconds("w", upTo: 60) == .milliseconds(milliseconds))
    }

    @Test(
        "other texts are no seconds",
        arguments: ["", "-1", "60.1", "nan", "inf", "-inf", "1e9", "x", "1,5", " 1"]
    )
    func notSeconds(text: String) {
        let error = failure { () throws(Failure) in _ = try reader([("w", text)]).seconds("w", upTo: 60) }
        #expect(error?.code == "invalid_parameter")
    }

    @Test(
        "switches",
        arguments: [("1", true), ("true", true), ("YES", true), ("", true), ("0", false), ("no", false)]
    )
    func flags(text: String, value: Bool) throws {
        #expect(try reader([("f", text)]).flag("f") == value)
    }

    @Test("other texts are no switches", arguments: ["2", "on", "maybe", "1 "])
    func notFlags(text: String) {
        #expect(
            failure { () throws(Failure) in _ = try reader([("f", text)]).flag("f") }?.code
                == "invalid_parameter"
        )
    }

    @Test("words are among those that are known, and the hint lists them")
    func words() throws {
        #expect(try reader([("f", "text")]).word("f", AnswerFormat.self) == .text)
        for text in ["TEXT", "", "xml"] {
            let error = failure { () throws(Failure) in
                _ = try reader([("f", text)]).word("f", AnswerFormat.self)
            }
            #expect(error?.hint == "Send one of: json, text.")
        }
    }

    @Test(
        "ticket numbers are digits",
        arguments: ["", "0", "-1", "+1", "1.0", "x", "٣", "1 ", "99999999999999999999"]
    )
    func ticketNumbers(text: String) throws {
        #expect(
            failure { () throws(Failure) in _ = try RequestContext.ticketNumber(text) }?.code
                == "invalid_ticket"
        )
        #expect(try RequestContext.ticketNumber("17") == 17)
    }
}

@Suite("Reading bodies")
struct BodyReaderTests {
    private func read(_ text: String, type: String? = "application/json") throws(Failure) -> BodyReader {
        try read(Array(text.utf8), type: type)
    }

    private func read(_ bytes: [UInt8], type: String? = "application/json") throws(Failure) -> BodyReader {
        let request = HTTPRequest(
            method: .post,
            rawTarget: "/",
            path: [""],
            pathText: "/",
            headers: type.map { ["Content-Type": $0] } ?? [:],
            body: bytes
        )
        return try BodyReader(request, known: ["s", "i", "b", "n", "m", "o", "w"])
    }

    private func code(_ body: () throws(Failure) -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return error.code }
    }

    @Test(
        "hostile bodies are refused",
        arguments: [
            ("{", "invalid_json"), ("[]", "invalid_json"), ("\"s\"", "invalid_json"),
            ("null", "invalid_json"),
            ("12", "invalid_json"), ("{\"s\":}", "invalid_json"), ("{\"s\":\"\\ud800\"}", "invalid_json"),
            ("{'s':'x'}", "invalid_json"), ("{\"s\":\"x\"} x", "invalid_json"),
            ("{\"S\":1}", "unknown_field"),
            ("{\"__proto__\":{}}", "unknown_field"), ("{\"\":1}", "unknown_field"),
            (String(repeating: "[", count: 100_000), "invalid_json"),
            ("{\"o\":" + String(repeating: "{\"o\":", count: 100_000), "invalid_json"),
        ]
    )
    func hostile(text: String, expected: String) {
        #expect(code { () throws(Failure) in _ = try read(text) } == expected)
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0x7B, 0x22, 0xC0, 0x80, 0x22, 0x7D], [0xFE, 0xFF, 0x00, 0x7B]] as [[UInt8]]
    )
    func notText(bytes: [UInt8]) {
        #expect(code { () throws(Failure) in _ = try read(bytes) } == "invalid_json")
    }

    @Test(
        "JSON is read whatever type is declared: curl -d declares forms",
        arguments: [
            "application/json; charset=utf-8", "application/x-www-form-urlencoded", "text/plain", nil,
        ] as [String?]
    )
    func accepted(type: String?) throws {
        #expect(try read("{\"s\":\"x\"}", type: type).string("s") == "x")
    }

    @Test("no body is an empty object, and null is absent")
    func empty() throws {
        #expect(try read("", type: "text/plain").string("s") == nil)
        let reader = try read("{\"s\":null,\"i\":null}")
        #expect(try reader.string("s") == nil)
        #expect(try reader.integer("i") == nil)
        #expect(!reader.has("s"))
    }

    @Test("wrong types name the field and what is expected")
    func wrongTypes() throws {
        let reader = try read(
            "{\"s\":1,\"i\":\"1\",\"b\":1,\"n\":\"x\",\"m\":{\"k\":1},\"o\":[],\"w\":\"blue\"}"
        )
        let attempts: [(String, () throws(Failure) -> Void)] = [
            ("s", { () throws(Failure) in _ = try reader.string("s") }),
            ("i", { () throws(Failure) in _ = try reader.integer("i") }),
            ("b", { () throws(Failure) in _ = try reader.bool("b") }),
            ("n", { () throws(Failure) in _ = try reader.seconds("n") }),
            ("m", { () throws(Failure) in _ = try reader.strings("m") }),
            ("o", { () throws(Failure) in _ = try reader.object("o", known: []) }),
            ("w", { () throws(Failure) in _ = try reader.word("w", SessionMode.self) }),
        ]
        for (name, attempt) in attempts {
            do {
                try attempt()
                Issue.record("\(name) was accepted")
            } catch {
                #expect(error.code == "invalid_field")
                #expect(error.message.contains("'\(name)'"))
                #expect(error.hint?.isEmpty == false)
            }
        }
    }

    @Test("fields of inner objects are named by their path")
    func inner() throws {
        let reader = try read("{\"o\":{\"x\":1}}")
        do {
            _ = try reader.object("o", known: ["y"])
            Issue.record("it was accepted")
        } catch {
            #expect(error.message.contains("'o.x'"))
            #expect(error.hint == "Known are: y.")
        }
    }

    @Test(
        "numbers at their edges",
        arguments: [("1.5", nil), ("1e30", nil), ("9223372036854775807", Int64.max), ("-3", -3)]
            as [(String, Int64?)]
    )
    func integers(text: String, value: Int64?) throws {
        let reader = try read("{\"i\":\(text)}")
        if let value {
            #expect(try reader.integer("i") == value)
        } else {
            #expect(code { () throws(Failure) in _ = try reader.integer("i") } == "invalid_field")
        }
    }

    @Test("seconds are not negative and not endless", arguments: ["-0.1", "1e9", "1e300"])
    func seconds(text: String) throws {
        let reader = try read("{\"n\":\(text)}")
        #expect(code { () throws(Failure) in _ = try reader.seconds("n") } == "invalid_field")
    }
}
