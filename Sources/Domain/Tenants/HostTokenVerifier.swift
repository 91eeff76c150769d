public import Core

/// What a token of a host application is for.
public enum HostTokenUse: String, Sendable, CaseIterable {
    /// To be exchanged for the session of a user.
    case user
    /// A call of the application's own backend.
    case service
}

/// What a token of a host application says, once its signature, times and form were found right.
///
/// There is no claim for permissions: what a role gives is in this server's configuration.
public struct HostClaims: Sendable, Equatable {
    /// The application, which was checked against the configuration.
    public var issuer: String
    /// Who, as the application calls them.
    public var subject: TenantKey
    /// What for.
    public var use: HostTokenUse
    /// The token's own name (`jti`), by which it is used once.
    public var tokenID: String
    /// When nothing can be done with it any more, the leeway included.
    public var end: Timestamp
    /// The client; nil in service tokens only.
    public var client: TenantKey?
    /// The brands.
    public var brands: Set<TenantKey> = []
    /// The locations; nil for all of the brands.
    public var locations: Set<TenantKey>?
    /// Names of teams.
    public var teams: Set<String> = []
    /// Names of modules.
    public var modules: Set<String> = []
    /// The role.
    public var role: String?
    /// The SHA-256 of the body that the token may come with, 32 bytes; nil for any body.
    public var bodyDigest: [UInt8]?
    /// What people call them; shown only.
    public var name: String?

    /// Makes claims.
    public init(issuer: String, subject: TenantKey, use: HostTokenUse, tokenID: String, end: Timestamp) {
        self.issuer = issuer
        self.subject = subject
        self.use = use
        self.tokenID = tokenID
        self.end = end
    }
}

/// Checks tokens of host applications (RFC 7519) by the configured keys.
public protocol HostTokenVerifier: Sendable {
    /// The claims of a token that is right now; throws `Failure` of kind unauthenticated: `invalid_host_token`, and
    /// `host_token_expired` when nothing but the time is wrong.
    ///
    /// Whether it was used before is not looked at.
    func verify(_ text: String, at now: Timestamp) throws(Failure) -> HostClaims
}
