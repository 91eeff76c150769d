public import Core

/// How a host application signs; fixed for each key, so that no token chooses.
public enum HostKeyAlgorithm: String, Sendable, CaseIterable {
    /// HMAC with SHA-256 (RFC 7518 section 3.2).
    case hs256 = "HS256"
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
    case rs256 = "RS256"
    /// Ed25519 (RFC 8037 section 3.1).
    case edDSA = "EdDSA"
}

/// A key by which a host application's tokens are checked.
public struct HostKey: Sendable {
    /// The `kid` of tokens.
    public let id: String
    /// The only algorithm that it is used with.
    public let algorithm: HostKeyAlgorithm
    /// For HS256 the bytes that both sides know; else a public key as PEM text.
    public let material: Secret<[UInt8]>

    /// Makes a key.
    public init(id: String, algorithm: HostKeyAlgorithm, material: Secret<[UInt8]>) {
        self.id = id
        self.algorithm = algorithm
        self.material = material
    }
}

/// A business application that embeds this server.
public struct HostSettings: Sendable {
    /// What the configuration calls it.
    public var name: String
    /// The `iss` of its tokens; issuer and subject together are a user's identity.
    public var issuer: String
    /// The `aud` of its tokens.
    public var audience: String
    /// Its keys.
    public var keys: [HostKey]
    /// How far the clocks of both sides may differ.
    public var leeway = Duration.seconds(30)
    /// How long a token may be valid.
    public var tokenLifetime = Duration.seconds(300)
    /// How long a session lasts.
    public var sessionLifetime = Duration.seconds(43_200)
    /// Whether clients that are new here have AI.
    public var newClientsHaveAI = false
    /// By what its own endpoints know that this server calls; nil where it has none.
    public var callKey: Secret<String>?
    /// How often its users may ask.
    public var limits = UserLimitSettings()

    /// Makes settings.
    public init(name: String, issuer: String, audience: String, keys: [HostKey]) {
        self.name = name
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
    }
}

/// How often users of a host application may ask, in a minute.
public struct UserLimitSettings: Sendable, Equatable {
    /// Requests of one user.
    public var requestsOfUser = 600
    /// Turns that one user begins.
    public var turnsOfUser = 20
    /// Turns in the chats of one brand.
    public var turnsOfBrand = 200
    /// Turns in the chats of one client.
    public var turnsOfClient = 600
    /// Turns from one address.
    public var turnsOfAddress = 240

    /// The usual limits.
    public init() {}
}
