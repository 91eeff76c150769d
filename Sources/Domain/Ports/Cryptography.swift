/// Keyed hashes, random bytes and comparison in constant time.
public protocol Cryptography: Sendable {
    /// HMAC-SHA-256 (RFC 2104) with the installation's key for this purpose: 32 bytes.
    func authenticationCode(for message: [UInt8], purpose: KeyPurpose) -> [UInt8]
    /// SHA-256 (FIPS 180-4): 32 bytes.
    func digest(_ bytes: [UInt8]) -> [UInt8]
    /// Random bytes from the system's generator.
    func randomBytes(_ count: Int) -> [UInt8]
    /// Compares without telling by its time where the first difference is.
    func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool
}

/// What a key is for; each purpose has a key of its own, derived from the installation's key.
public enum KeyPurpose: String, Sendable, CaseIterable {
    /// Capability links.
    case capability
    /// Profile folders.
    case profile
    /// Tokens of signed-in clients, unless a key for them is configured.
    case signIn
    /// What pages send along to show that they are ours.
    case crossSite
    /// What vouches for the person who looks at a panel's page.
    case panel
}
