internal import COpenSSL
internal import Core
internal import Domain

/// The port on OpenSSL's libcrypto; the keys of all purposes are derived once.
final class OpenSSLCryptography: Cryptography {
    private let keys: [KeyPurpose: KeyedHash]

    /// Derives one key per purpose: HMAC(master key, "deckhand key v1: " and the purpose), the expand step of
    /// HKDF (RFC 5869 section 2.3) with a single block.
    init(masterKey: Secret<[UInt8]>) {
        var keys: [KeyPurpose: KeyedHash] = [:]
        for purpose in KeyPurpose.allCases { keys[purpose] = Self.key(for: purpose, of: masterKey) }
        self.keys = keys
    }

    static func key(for purpose: KeyPurpose, of masterKey: Secret<[UInt8]>) -> KeyedHash {
        let information = Array("deckhand key v1: \(purpose.rawValue)".utf8) + [1]
        return KeyedHash(key: KeyedHash(key: masterKey.reveal()).code(for: information))
    }

    func authenticationCode(for message: [UInt8], purpose: KeyPurpose) -> [UInt8] {
        guard let key = keys[purpose] else { preconditionFailure("every purpose has a key") }
        return key.code(for: message)
    }

    func digest(_ bytes: [UInt8]) -> [UInt8] { SHA256Digest.digest(bytes) }

    func randomBytes(_ count: Int) -> [UInt8] { systemRandomBytes(count) }

    func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        // Digests have one length, so neither the lengths nor the contents show in the time of the comparison.
        let leftDigest = digest(left)
        let rightDigest = digest(right)
        return unsafe CRYPTO_memcmp(leftDigest, rightDigest, leftDigest.count) == 0
    }
}
