import Core
import Domain
import Testing

@testable import Crypto

@Suite struct SignInTokenTests {
    private static let master = Secret([UInt8](repeating: 7, count: 32))
    private let key = Secret("0123456789abcdef0123456789abcdef")
    private let now = Timestamp(seconds: 1_700_000_000)
    private var claims: SignInClaims {
        SignInClaims(
            signIn: SignInID(9),
            operator: OperatorID(3),
            issued: now,
            expires: now + .seconds(60)
        )
    }

    private func tokens(_ issuer: String = "deckhand/a", key: Secret<String>? = nil) -> any SignInTokens {
        makeSignInTokens(masterKey: Self.master, key: key ?? self.key, issuer: issuer)
    }

    /// A token with a signature that is right for its text.
    private func signed(_ header: String, _ payload: String) -> String {
        let text = TextCoding.base64URL(Array(header.utf8)) + "." + TextCoding.base64URL(Array(payload.utf8))
        let code = KeyedHash(key: Array(key.reveal().utf8)).code(for: Array(text.utf8))
        return text + "." + TextCoding.base64URL(code)
    }

    private static let header = #"{"alg":"HS256","typ":"JWT"}"#
    private static func payload(
        iss: String = "deckhand/a",
        sub: String = "operator:3",
        aud: String = "deckhand",
        exp: Int64 = 1_700_000_060,
        nbf: Int64 = 1_700_000_000,
        iat: Int64 = 1_700_000_000,
        jti: String = "9"
    ) -> String {
        #"{"iss":"\#(iss)","sub":"\#(sub)","aud":"\#(aud)","exp":\#(exp),"nbf":\#(nbf),"iat":\#(iat),"jti":"\#(jti)"}"#
    }

    @Test("a token holds what was signed, until it expires")
    func roundTrip() {
        let text = tokens().sign(claims).reveal()
        #expect(text == signed(Self.header, Self.payload()))
        #expect(tokens().verify(text, at: now) == claims)
        #expect(tokens().verify(text, at: now + .seconds(59)) == claims)
        #expect(tokens().verify(text, at: now + .seconds(60)) == nil)
        #expect(tokens().verify(text, at: now - .seconds(60)) == claims)
        #expect(tokens().verify(text, at: now - .seconds(61)) == nil)
    }

    @Test("tokens of other keys and installations are refused")
    func others() {
        let text = tokens().sign(claims).reveal()
        #expect(tokens("deckhand/b").verify(text, at: now) == nil)
        #expect(tokens(key: Secret(String(key.reveal().reversed()))).verify(text, at: now) == nil)
        let derived = makeSignInTokens(masterKey: Self.master, key: nil, issuer: "deckhand/a")
        #expect(derived.verify(text, at: now) == nil)
        #expect(derived.verify(derived.sign(claims).reveal(), at: now) == claims)
    }

    @Test(
        "other algorithms and headers are refused, also with a good signature",
        arguments: [
            #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"None","typ":"JWT"}"#, #"{"alg":"HS512","typ":"JWT"}"#,
            #"{"alg":"RS256","typ":"JWT"}"#, #"{"typ":"JWT","alg":"HS256"}"#, #"{"alg":"HS256"}"#,
            #"{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}"#, "{}", "",
        ]
    )
    func algorithms(header: String) {
        let text = signed(header, Self.payload())
        #expect(tokens().verify(text, at: now) == nil)
        let unsigned = text[...(text.lastIndex(of: ".") ?? text.startIndex)]
        #expect(tokens().verify(String(unsigned), at: now) == nil)
    }

    @Test(
        "other claims are refused, also with a good signature",
        arguments: [
            payload(iss: "deckhand/b"), payload(aud: "other"), payload(sub: "operator:x"),
            payload(sub: "token:3"),
            payload(sub: "operator:03"), payload(exp: 1_700_000_000), payload(exp: 1_600_000_000),
            payload(exp: Int64.max), payload(nbf: 1_700_000_050), payload(iat: -1), payload(jti: "x"),
            payload(jti: "+9"), payload() + " ", "{}", "[]", "", "null",
            payload().replacing(#","jti":"9""#, with: ""),
            payload().replacing(#""aud":"deckhand""#, with: #""aud":["deckhand","x"]"#),
            payload().replacing(#""jti":"9""#, with: #""jti":"9","jti":"8""#),
        ]
    )
    func claims(payload: String) {
        #expect(tokens().verify(signed(Self.header, payload), at: now) == nil)
    }

    @Test("no single changed character is accepted, nor a missing or an added one")
    func tampered() {
        let tokens = tokens()
        let text = Array(tokens.sign(claims).reveal())
        for index in text.indices {
            for other: Character in ["A", "B", "-", ".", "="] where other != text[index] {
                var changed = text
                changed[index] = other
                #expect(tokens.verify(String(changed), at: now) == nil, "\(index)")
            }
        }
        #expect(tokens.verify(String(text.dropLast()), at: now) == nil)
        for more in ["A", "=", ".", " ", ".x"] {
            #expect(tokens.verify(String(text) + more, at: now) == nil)
        }
        #expect(tokens.verify(String(repeating: "A", count: 100_000), at: now) == nil)
    }
}
