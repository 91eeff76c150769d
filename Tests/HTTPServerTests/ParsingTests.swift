import Testing

@testable import HTTPServer

@Suite("Reading request targets")
struct RequestTargetTests {
    @Test(
        "a path is decoded exactly once and split before that",
        arguments: [
            ("/", [], "/"),
            ("/a/b", ["a", "b"], "/a/b"),
            ("/a/", ["a", ""], "/a/"),
            ("//a", ["", "a"], "//a"),
            ("/a%2Fb", ["a/b"], "/a%2Fb"),
            ("/a%252Fb", ["a%2Fb"], "/a%2Fb"),
            ("/a+b", ["a+b"], "/a+b"),
            ("/%C3%A9", ["é"], "/é"),
            ("/%2e%2e/x", ["..", "x"], "/../x"),
            ("http://h/a?b", ["a"], "/a"),
            ("http://h", [], "/"),
            ("*", [], "*"),
        ] as [(String, [String], String)]
    )
    func paths(raw: String, path: [String], text: String) throws {
        let target = try RequestTarget(Array(raw.utf8), base: [])
        #expect(target.path == path)
        #expect(target.pathText == text)
    }

    @Test(
        "a query is decoded exactly once",
        arguments: [
            ("cmd=echo%20a%2Bb%2525", "cmd", "echo a+b%25"),
            ("cmd=a+b%20c", "cmd", "a b c"),
            ("cmd=%2541", "cmd", "%41"),
            ("c%6Dd=x", "cmd", "x"),
            ("cmd", "cmd", ""),
            ("cmd=a=b", "cmd", "a=b"),
            ("cmd=%26&x=1", "cmd", "&"),
            ("cmd=%F0%9F%9A%80", "cmd", "🚀"),
            ("&&cmd=1&", "cmd", "1"),
            ("cmd=%09%0A", "cmd", "\t\n"),
        ]
    )
    func queries(raw: String, name: String, value: String) throws {
        let answer1 = try RequestTarget(Array("/?\(raw)".utf8), base: []).query[name]
        #expect(answer1 == value)
    }

    @Test(
        "broken escapes, NUL, control characters and bad UTF-8 are refused",
        arguments: [
            "/%", "/%4", "/%zz", "/?a=%", "/?a=%0", "/?%G1=1", "/%00", "/?a=%00", "/?a=%FF", "/?a=%C0%AF",
            "/?a=%ED%A0%80", "/?a=%F4%90%80%80", "/a\u{01}", "/?a=\u{7F}", "/%E9",
        ]
    )
    func refused(raw: String) {
        #expect(throws: RequestTarget.Failure.badEncoding) { try RequestTarget(Array(raw.utf8), base: []) }
    }

    @Test(
        "other forms of target are refused",
        arguments: ["", "a", "example.org:80", "ftp://h/", "http:///x"]
    )
    func malformed(raw: String) {
        #expect(throws: RequestTarget.Failure.malformed) { try RequestTarget(Array(raw.utf8), base: []) }
    }

    @Test("the base path is removed by whole segments")
    func base() throws {
        let answer2 = try RequestTarget(Array("/deck/hand/x".utf8), base: ["deck", "hand"]).pathText
        #expect(answer2 == "/x")
        let answer3 = try RequestTarget(Array("/deck/hand".utf8), base: ["deck", "hand"]).pathText
        #expect(answer3 == "/")
        #expect(throws: RequestTarget.Failure.outsideBasePath) {
            try RequestTarget(Array("/deckhand/x".utf8), base: ["deck"])
        }
    }

    @Test("repeated names are kept in order and found")
    func repeated() throws {
        let query = try RequestTarget(Array("/?a=1&b=2&a=3".utf8), base: []).query
        #expect(query.all("a") == ["1", "3"])
        #expect(query["a"] == "1")
        #expect(query.isRepeated("a") && !query.isRepeated("b"))
        #expect(query.firstRepeatedName == "a")
    }
}

@Suite("Deciding about hosts")
struct HostRuleTests {
    @Test(
        "loopback names are answered on loopback listeners only",
        arguments: ["localhost", "LOCALHOST:8083", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:9"]
    )
    func loopback(host: String) {
        let rule = HostRule([])
        #expect(rule.allows(host, onLoopback: true))
        #expect(!rule.allows(host, onLoopback: false))
    }

    @Test(
        "configured names match with any port, or with the configured one",
        arguments: [
            ("deck.example", true), ("deck.example:443", true), ("Deck.Example.", true),
            ("one.example:8083", true),
            ("one.example", false), ("one.example:80", false), ("evil.example", false),
            ("deck.example.evil", false),
            ("xdeck.example", false), ("127.0.0.1.evil", false), ("localhost.evil", false),
        ]
    )
    func configured(host: String, isAllowed: Bool) {
        let rule = HostRule(["deck.example", "one.example:8083"])
        #expect(rule.allows(host, onLoopback: true) == isAllowed)
    }

    @Test(
        "what is no host is recognised",
        arguments: ["a b", "a/b", "a:b", "a:999999", "[::1", "u@h", ":80", "a,b"]
    )
    func malformed(host: String) { #expect(!HostRule.isWellFormed(host)) }
}

@Suite("Believing forwarding headers")
struct ForwardingRuleTests {
    private func client(
        _ peer: String,
        _ headers: HTTPHeaders,
        trusted: [String] = ["10.0.0.0/8"],
        header: HTTPForwardingHeader = .xForwarded
    ) throws -> (String, Bool) {
        let rule = try #require(ForwardingRule(trusted: trusted, header: header))
        return rule.client(of: .ip(peer, port: 1), isTLS: false, headers: headers)
    }

    @Test("a peer that is no proxy is the client, whatever it says")
    func untrusted() throws {
        let said: HTTPHeaders = [
            "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4",
        ]
        let answer4 = try client("8.8.8.8", said)
        #expect(answer4 == ("8.8.8.8", false))
        let answer5 = try client("8.8.8.8", said, header: .forwarded)
        #expect(answer5 == ("8.8.8.8", false))
    }

    @Test(
        "behind a proxy the right-most untrusted address is the client",
        arguments: [
            ("1.2.3.4", "1.2.3.4"), ("6.6.6.6, 1.2.3.4", "1.2.3.4"), ("1.2.3.4, 10.1.1.1", "1.2.3.4"),
            ("6.6.6.6, nonsense, 10.1.1.1", "10.1.1.1"), ("10.2.2.2", "10.2.2.2"), ("", "10.0.0.1"),
            ("[2001:db8::1]:443", "2001:db8::1"), ("1.2.3.4:5555", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"),
        ]
    )
    func chain(value: String, expected: String) throws {
        let answer6 = try client("10.0.0.1", ["X-Forwarded-For": value]).0
        #expect(answer6 == expected)
    }

    @Test("the scheme is the last one said")
    func scheme() throws {
        let holds7 = try client("10.0.0.1", ["X-Forwarded-Proto": "https"]).1
        #expect(holds7)
        let holds8 = try !client("10.0.0.1", ["X-Forwarded-Proto": "https, http"]).1
        #expect(holds8)
    }

    @Test("Forwarded is read when it is the configured header, and only then")
    func forwarded() throws {
        let said: HTTPHeaders = ["Forwarded": "for=6.6.6.6, For=\"[2001:db8::7]:1\";proto=https"]
        let answer9 = try client("10.0.0.1", said, header: .forwarded)
        #expect(answer9 == ("2001:db8::7", true))
        let answer10 = try client("10.0.0.1", said)
        #expect(answer10 == ("10.0.0.1", false))
    }

    @Test("networks are compared by their bits")
    func networks() throws {
        let four = try #require(AddressNetwork("192.168.4.0/22"))
        #expect(four.contains("192.168.7.255") && !four.contains("192.168.8.0"))
        let six = try #require(AddressNetwork("2001:db8::/33"))
        #expect(six.contains("2001:db8:7fff::") && !six.contains("2001:db8:8000::"))
        #expect(AddressNetwork("0.0.0.0/0")?.contains("::ffff:9.9.9.9") == true)
        #expect(AddressNetwork("10.0.0.0/33") == nil && AddressNetwork("x") == nil)
        #expect(ForwardingRule(trusted: ["unix", "10.0.0.0/8"], header: .xForwarded) != nil)
        #expect(ForwardingRule(trusted: ["proxy.example"], header: .xForwarded) == nil)
    }
}

@Suite("Encoding server-sent events")
struct SSEEventTests {
    @Test(
        "each line of data has its field",
        arguments: [
            (SSEEvent(data: "x"), "data: x\n\n"),
            (SSEEvent(id: "7", event: "output", data: "a\nb"), "id: 7\nevent: output\ndata: a\ndata: b\n\n"),
            (SSEEvent(data: "a\r\nb\rc\n"), "data: a\ndata: b\ndata: c\ndata: \n\n"),
            (SSEEvent(id: "1\n2\0", data: ""), "id: 12\ndata: \n\n"),
            (SSEEvent(data: "é", retry: .milliseconds(1_500)), "retry: 1500\ndata: é\n\n"),
        ]
    )
    func encoding(event: SSEEvent, text: String) {
        #expect(String(decoding: SSE.encode(event), as: UTF8.self) == text)
    }
}
