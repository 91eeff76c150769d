import Core
import Crypto
import Domain
import TestSupport
import Testing

/// Tokens that the openssl program signed, checked by the product.
@Suite("Tokens of host applications")
struct HostTokenTests {
    private static let secret = "0123456789abcdef0123456789abcdef-shared"
    private static let now = Timestamp(seconds: 1_700_000_000)

    /// Keys of one run: made once, since RSA keys take a while.
    private struct Bench: Sendable {
        let tool: OpenSSLTool
        let host: HostSettings
        let publicRSA: String

        init() async throws {
            tool = try OpenSSLTool()
            publicRSA = try await tool.makeKey("rsa", "RSA -pkeyopt rsa_keygen_bits:2048")
            let publicEd = try await tool.makeKey("ed", "ED25519")
            try await tool.keep(HostTokenTests.secret, as: "shared")
            // The public key as a secret: what an attacker has, who wants it to be taken for one.
            try await tool.keep(publicRSA, as: "confused")
            host = HostSettings(
                name: "shop",
                issuer: "https://shop.example",
                audience: "deckhand",
                keys: [
                    HostKey(id: "h", algorithm: .hs256, material: Secret(Array(HostTokenTests.secret.utf8))),
                    HostKey(id: "r", algorithm: .rs256, material: Secret(Array(publicRSA.utf8))),
                    HostKey(id: "e", algorithm: .edDSA, material: Secret(Array(publicEd.utf8))),
                ]
            )
        }

        var verifier: any HostTokenVerifier { get throws { try makeHostTokenVerifier([host]) } }

        func token(
            _ algorithm: String,
            kid: String,
            key: String,
            header: String? = nil,
            _ claims: String = HostTokenTests.claims()
        ) async throws -> String {
            try await tool.token(
                header: header ?? #"{"alg":"\#(algorithm)","kid":"\#(kid)","typ":"JWT"}"#,
                claims: claims,
                algorithm: algorithm,
                key: key
            )
        }
    }

    private static func claims(_ changes: [String: JSONValue?] = [:]) -> String {
        var members: [String: JSONValue] = [
            "iss": .string("https://shop.example"), "aud": .string("deckhand"), "sub": .string("u-1"),
            "iat": .integer(1_700_000_000), "exp": .integer(1_700_000_060), "jti": .string("t-1"),
            "client": .string("c-1"), "brands": .array([.string("b-1"), .string("b-2")]),
            "locations": .array([.string("l-1")]), "teams": .array([.string("x")]),
            "modules": .array([.string("jobs")]), "role": .string("store"), "name": .string("Änn"),
        ]
        for (name, value) in changes { members[name] = value }
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }

    private static let keys = [("HS256", "h", "shared"), ("RS256", "r", "rsa"), ("EdDSA", "e", "ed")]

    @Test("tokens of all three algorithms are understood, and no byte of them can be changed")
    func algorithms() async throws {
        let bench = try await Bench()
        let verifier = try bench.verifier
        for (algorithm, kid, key) in Self.keys {
            let token = try await bench.token(algorithm, kid: kid, key: key)
            let claims = try verifier.verify(token, at: Self.now)
            #expect(claims.issuer == "https://shop.example" && claims.subject.rawValue == "u-1")
            #expect(claims.use == .user && claims.tokenID == "t-1" && claims.name == "Änn")
            #expect(claims.client?.rawValue == "c-1" && claims.role == "store")
            #expect(claims.brands.map(\.rawValue).sorted() == ["b-1", "b-2"])
            #expect(claims.locations?.map(\.rawValue) == ["l-1"])
            #expect(claims.teams == ["x"] && claims.modules == ["jobs"])
            #expect(claims.end == Self.now + .seconds(90))
            var bytes = Array(token.utf8)
            for index in stride(from: 0, to: bytes.count, by: 7) where bytes[index] != UInt8(ascii: ".") {
                let old = bytes[index]
                bytes[index] = old == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
                let changed = String(decoding: bytes, as: UTF8.self)
                #expect(throws: Failure.self, "\(algorithm) \(index)") {
                    try verifier.verify(changed, at: Self.now)
                }
                bytes[index] = old
            }
        }
    }

    @Test("a key is used with its own algorithm only")
    func confusion() async throws {
        let bench = try await Bench()
        let verifier = try bench.verifier
        let tokens = [
            // The public key as the secret of an HMAC, under the name of the key that it is.
            try await bench.token("HS256", kid: "r", key: "confused"),
            try await bench.token(
                "HS256",
                kid: "r",
                key: "confused",
                header: #"{"alg":"RS256","kid":"r"}"#
            ),
            try await bench.token("HS256", kid: "e", key: "shared"),
            try await bench.token("RS256", kid: "h", key: "rsa"),
            try await bench.token("RS256", kid: "e", key: "rsa"),
            try await bench.token("EdDSA", kid: "r", key: "ed"),
            try await bench.token("EdDSA", kid: "e", key: "ed", header: #"{"alg":"Ed25519","kid":"e"}"#),
            try await bench.token("HS256", kid: "h", key: "shared", header: #"{"alg":"hs256","kid":"h"}"#),
            try await bench.token("HS256", kid: "h", key: "shared", header: #"{"alg":"HS256"}"#),
            try await bench.token("HS256", kid: "x", key: "shared"),
            try await bench.token(
                "HS256",
                kid: "h",
                key: "shared",
                header: #"{"alg":"HS256","kid":"h","crit":["exp"]}"#
            ),
            try await bench.token(
                "HS256",
                kid: "h",
                key: "shared",
                header: #"{"alg":"HS256","kid":"h","typ":"JWE"}"#
            ),
        ]
        for token in tokens {
            let failure = #expect(throws: Failure.self, "\(token)") {
                try verifier.verify(token, at: Self.now)
            }
            #expect(failure?.code == "invalid_host_token" && failure?.kind == .unauthenticated)
        }
        let body = TextCoding.base64URL(Array(Self.claims().utf8))
        for header in [
            #"{"alg":"none","kid":"h"}"#, #"{"alg":"None","kid":"h"}"#, #"{"alg":"none"}"#, #"{"kid":"h"}"#,
        ] {
            let start = TextCoding.base64URL(Array(header.utf8)) + "." + body + "."
            for token in [start, start + "AA"] {
                #expect(throws: Failure.self) { try verifier.verify(token, at: Self.now) }
            }
        }
    }

    @Test("times, audience, issuer and the form of claims are looked at")
    func claims() async throws {
        let bench = try await Bench()
        let verifier = try bench.verifier
        let sign = { (changes: [String: JSONValue?]) async throws -> String in
            try await bench.token("HS256", kid: "h", key: "shared", Self.claims(changes))
        }
        let wrong: [[String: JSONValue?]] = [
            ["iss": .string("https://other.example")], ["iss": nil],
            ["aud": .string("else")], ["aud": nil], ["aud": .array([.string("else")])],
            ["exp": nil], ["iat": nil], ["exp": .string("1700000060")],
            ["exp": .integer(1_700_000_301)], ["exp": .integer(1_700_000_000)], ["exp": .number(1e300)],
            ["iat": .integer(1_700_000_031), "exp": .integer(1_700_000_090)],
            ["nbf": .integer(1_700_000_031)], ["nbf": .string("x")],
            ["jti": nil], ["jti": .string("")], ["jti": .integer(1)],
            ["jti": .string(String(repeating: "x", count: 129))],
            ["sub": nil], ["sub": .string("")], ["sub": .string("a\u{0}b")],
            ["client": nil], ["client": .integer(7)], ["client": .string("a\nb")],
            ["brands": .string("b-1")], ["brands": .array([.integer(1)])],
            ["brands": .array((0...500).map { .string("b-\($0)") })],
            ["locations": .object([:])], ["role": .array([])], ["use": .string("admin")],
            ["use": .integer(1)], ["body_sha256": .string("abc")], ["body_sha256": .integer(1)],
            ["body_sha256": .null],
        ]
        for changes in wrong {
            let token = try await sign(changes)
            let failure = #expect(throws: Failure.self, "\(changes)") {
                try verifier.verify(token, at: Self.now)
            }
            #expect(failure?.code == "invalid_host_token", "\(changes)")
        }
        let right: [[String: JSONValue?]] = [
            [:], ["aud": .array([.string("else"), .string("deckhand")])], ["nbf": .integer(1_700_000_030)],
            ["exp": .integer(1_700_000_300)], ["exp": .number(1_700_000_060.5)],
            ["iat": .integer(1_700_000_030), "exp": .integer(1_700_000_090)],
            ["locations": nil], ["locations": .null], ["brands": .array([])], ["role": nil],
            ["use": .string("service"), "client": nil], ["permissions": .array([.string("admin")])],
        ]
        for changes in right { _ = try verifier.verify(try await sign(changes), at: Self.now) }
        let digest = (0..<32).map { UInt8($0) }
        let bound = try await sign(["body_sha256": .string(TextCoding.base64URL(digest))])
        #expect(try verifier.verify(bound, at: Self.now).bodyDigest == digest)
        let token = try await sign([:])
        _ = try verifier.verify(token, at: Self.now + .seconds(89))
        let late = #expect(throws: Failure.self) { try verifier.verify(token, at: Self.now + .seconds(90)) }
        #expect(late?.code == "host_token_expired")
        _ = try verifier.verify(token, at: Self.now - .seconds(30))
        #expect(throws: Failure.self) { try verifier.verify(token, at: Self.now - .seconds(31)) }
    }

    @Test(
        "what is no token at all is refused, however large",
        arguments: [
            "", ".", "..", "...", "a.b.c", "é.é.é", "e30.e30.", "e30.e30.e30", "bnVsbA.bnVsbA.AA",
            "====.e30.AA",
            String(repeating: "a", count: 1 << 20), String(repeating: ".", count: 1 << 20),
        ]
    )
    func nonsense(_ text: String) async throws {
        var host = HostSettings(name: "shop", issuer: "i", audience: "a", keys: [])
        host.keys = [HostKey(id: "h", algorithm: .hs256, material: Secret(Array(Self.secret.utf8)))]
        let verifier = try makeHostTokenVerifier([host])
        #expect(throws: Failure.self) { try verifier.verify(text, at: Self.now) }
    }

    @Test("keys that do not suit their algorithm are refused when they are configured")
    func keys() async throws {
        let tool = try OpenSSLTool()
        let weak = try await tool.makeKey("weak", "RSA -pkeyopt rsa_keygen_bits:1024")
        let pss = try await tool.makeKey("pss", "RSA-PSS -pkeyopt rsa_keygen_bits:2048")
        let curve = try await tool.makeKey("ec", "EC -pkeyopt ec_paramgen_curve:P-256")
        let ed = try await tool.makeKey("ed", "ED25519")
        let rsa = try await tool.makeKey("rsa", "RSA -pkeyopt rsa_keygen_bits:2048")
        let wrong: [(HostKeyAlgorithm, String)] = [
            (.rs256, weak), (.rs256, pss), (.rs256, curve), (.rs256, ed), (.rs256, ""), (.rs256, "x"),
            (.edDSA, rsa), (.edDSA, curve),
            (.edDSA, "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
            (.hs256, "short"), (.hs256, rsa), (.hs256, ed),
        ]
        for (algorithm, text) in wrong {
            let key = HostKey(id: "k", algorithm: algorithm, material: Secret(Array(text.utf8)))
            #expect(mistake(ofHostKey: key)?.code == "invalid_host_key", "\(algorithm) \(text)")
        }
        for (algorithm, text) in [(HostKeyAlgorithm.rs256, rsa), (.edDSA, ed), (.hs256, Self.secret)] {
            let key = HostKey(id: "k", algorithm: algorithm, material: Secret(Array(text.utf8)))
            #expect(mistake(ofHostKey: key) == nil)
        }
    }
}
