public import Core
public import Domain

/// Tokens of host applications that are nothing but their claims: whoever writes them is believed.
public struct FakeHostTokens: HostTokenVerifier {
    /// Believes everything.
    public init() {}

    /// The text of a token with these claims.
    public static func token(_ claims: JSONValue) -> String {
        "fake." + TextCoding.base64URL(claims.bytes)
    }

    /// As the port says, but without a signature.
    public func verify(_ text: String, at now: Timestamp) throws(Failure) -> HostClaims {
        let wrong = Failure(.unauthenticated, code: "invalid_host_token", message: "It is no token.")
        guard text.hasPrefix("fake."), let bytes = TextCoding.bytes(base64URL: String(text.dropFirst(5))),
            let json = try? JSONValue(parsing: bytes), let issuer = json["iss"]?.string,
            let subject = json["sub"]?.string, let tokenID = json["jti"]?.string
        else { throw wrong }
        var claims = HostClaims(
            issuer: issuer,
            subject: try TenantKey(subject),
            use: json["use"]?.string == "service" ? .service : .user,
            tokenID: tokenID,
            end: now + .seconds(300)
        )
        claims.client = try json["client"]?.string.map { text throws(Failure) in try TenantKey(text) }
        claims.brands = Set(Self.keys(json["brands"]) ?? [])
        claims.locations = Self.keys(json["locations"]).map { Set($0) }
        claims.teams = Set((Self.keys(json["teams"]) ?? []).map(\.rawValue))
        claims.modules = Set((Self.keys(json["modules"]) ?? []).map(\.rawValue))
        claims.role = json["role"]?.string
        claims.bodyDigest = json["body_sha256"]?.string.flatMap { TextCoding.bytes(base64URL: $0) }
        claims.name = json["name"]?.string
        return claims
    }

    private static func keys(_ value: JSONValue?) -> [TenantKey]? {
        value?.array?.compactMap(\.string).compactMap { TenantKey(checking: $0) }
    }
}
