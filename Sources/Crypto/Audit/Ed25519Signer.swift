internal import COpenSSL
internal import Core
internal import Domain

/// Ed25519 (RFC 8032) under one key.
struct Ed25519Signer: CheckpointSigner {
    private static let signatureSize = 64

    private let seed: Secret<[UInt8]>
    let publicKey: String

    /// `seed` is a private key of 32 bytes (RFC 8032 section 5.1.5).
    init(seed: Secret<[UInt8]>) {
        precondition(seed.reveal().count == 32, "a private key of Ed25519 has 32 bytes")
        self.seed = seed
        publicKey = Self.publicKey(of: seed)
    }

    func sign(_ bytes: [UInt8]) -> [UInt8] {
        let key = unsafe Self.key(seed)
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("OpenSSL is out of memory")
        }
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Self.signatureSize)
        var size = signature.count
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            unsafe EVP_DigestSign(context, &signature, &size, bytes, bytes.count) == 1,
            size == Self.signatureSize
        else { preconditionFailure("OpenSSL cannot sign with Ed25519 on this machine") }
        return signature
    }

    private static func key(_ seed: Secret<[UInt8]>) -> OpaquePointer {
        let bytes = seed.reveal()
        let name = "ED25519"
        guard let key = unsafe EVP_PKEY_new_raw_private_key_ex(nil, name, nil, bytes, bytes.count) else {
            preconditionFailure("OpenSSL has no Ed25519 on this machine")
        }
        return unsafe key
    }

    private static func publicKey(of seed: Secret<[UInt8]>) -> String {
        let key = unsafe key(seed)
        defer { unsafe EVP_PKEY_free(key) }
        guard let target = unsafe BIO_new(BIO_s_mem()) else {
            preconditionFailure("OpenSSL is out of memory")
        }
        defer { unsafe BIO_free(target) }
        var text = [UInt8](repeating: 0, count: 1_024)
        guard unsafe PEM_write_bio_PUBKEY(target, key) == 1 else {
            preconditionFailure("OpenSSL cannot write a public key")
        }
        let count = unsafe BIO_read(target, &text, Int32(text.count))
        precondition(count > 0, "OpenSSL wrote no public key")
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}

extension PublicKey: CheckpointVerifier {
    func isSigned(_ bytes: [UInt8], signature: [UInt8]) -> Bool { verifies(signature, of: bytes) }
}
