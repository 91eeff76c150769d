internal import COpenSSL
public import Core
public import Domain

/// Makes the cryptography of an installation from its master key.
///
/// The result may be used from any thread. See ``Cryptography`` for what it promises.
public func makeCryptography(masterKey: Secret<[UInt8]>) -> any Cryptography {
    OpenSSLCryptography(masterKey: masterKey)
}

/// Makes the sealer of stored secrets, with a key of its own from the master key.
public func makeSealer(masterKey: Secret<[UInt8]>) -> any Sealer {
    let purpose = Array("deckhand key v1: secret.sealing".utf8) + [1]
    return SealingKey(key: Secret(KeyedHash(key: masterKey.reveal()).code(for: purpose)))
}

/// Makes the signer of messages to somebody who knows the same secret.
public func makeMessageSigner(key: Secret<String>) -> any MessageSigner {
    KeyedHash(key: Array(key.reveal().utf8))
}

/// Makes the check of passphrases: bcrypt on a few threads of its own.
///
/// `cost` is the binary logarithm of the rounds of new hashes, 4 to 31; 12 takes about a quarter of a second. `stored` are
/// the hashes that there are: with one of a higher cost, every check takes as long as its.
public func makePasswordVerifier(
    cost: Int,
    threads: Int = 2,
    stored: [Secret<String>] = []
) -> any PasswordVerifier {
    let known = stored.compactMap { BcryptHash.cost(of: $0.reveal()) }.max() ?? 0
    return BcryptVerifier(cost: cost, threads: threads, known: known)
}

/// Says whether a text is a bcrypt hash (`$2a$`, `$2b$` or `$2y$`), which passphrases can be checked against.
public func isPassphraseHash(_ text: String) -> Bool { BcryptHash.cost(of: text) != nil }

/// Makes the signer of tokens for clients that signed in.
///
/// Without a key of their own (at least 32 characters) they are signed with one that is derived from the master key.
/// Tokens of one issuer are refused by every other one, also under the same key.
public func makeSignInTokens(
    masterKey: Secret<[UInt8]>,
    key: Secret<String>?,
    issuer: String
) -> any SignInTokens {
    let hash =
        if let key { KeyedHash(key: Array(key.reveal().utf8)) } else {
            OpenSSLCryptography.key(for: .signIn, of: masterKey)
        }
    return HS256Tokens(key: hash, issuer: issuer)
}

/// Random bytes from OpenSSL's generator, which the kernel seeds (RAND_bytes(3)).
///
/// A generator that fails ends the program: what it was needed for would be guessable.
public func systemRandomBytes(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        guard count <= Int(Int32.max), unsafe RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else {
            fatalError("the random generator of OpenSSL failed; nothing can be signed or named safely")
        }
        initialized = count
    }
}

/// Makes the check of host applications' tokens; throws `Failure` `invalid_host_key` for a key that cannot be used.
public func makeHostTokenVerifier(_ hosts: [HostSettings]) throws(Failure) -> any HostTokenVerifier {
    try HostTokens(hosts)
}

/// What is wrong with a host application's key, for whoever configures it; nil when nothing is.
public func mistake(ofHostKey key: HostKey) -> Failure? { HostTokens.mistake(of: key) }

/// Makes the signer of checkpoints of the audit log from a private key of Ed25519: 32 random bytes.
public func makeCheckpointSigner(seed: Secret<[UInt8]>) -> any CheckpointSigner { Ed25519Signer(seed: seed) }

/// Makes the check of checkpoints by a public key of Ed25519 as PEM; nil when it is none.
public func makeCheckpointVerifier(publicKey pem: [UInt8]) -> (any CheckpointVerifier)? {
    PublicKey(pem: pem, algorithm: .edDSA)
}

/// Reads the first certificate of a PEM text (RFC 7468), as servers with TLS present it; nil when there is none.
public func makeCertificate(pem: [UInt8]) -> Certificate? { Certificate(pem: pem) }
