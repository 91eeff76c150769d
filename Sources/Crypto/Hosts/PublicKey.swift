internal import COpenSSL
internal import Domain

/// A public key, by which signatures are checked.
///
/// It is kept as the bytes of a SubjectPublicKeyInfo (RFC 5280 section 4.1) and read for each check: that takes some
/// microseconds, and leaves nothing to share between threads.
struct PublicKey: Sendable {
    /// Weaker ones could be broken.
    static let leastRSABits = 2_048
    /// Larger ones only cost time.
    static let mostRSABits = 8_192

    private let encoded: [UInt8]
    private let algorithm: HostKeyAlgorithm

    /// Reads a key as PEM text (RFC 7468 section 13); nil when it is none, or does not suit the algorithm.
    init?(pem: [UInt8], algorithm: HostKeyAlgorithm) {
        guard let key = unsafe Self.key(pem: pem) else { return nil }
        defer { unsafe EVP_PKEY_free(key) }
        switch algorithm {
        case .hs256: return nil
        case .rs256:
            // The name of RSA-PSS keys is another one: they are for another padding.
            guard unsafe EVP_PKEY_is_a(key, "RSA") == 1,
                unsafe (Self.leastRSABits...Self.mostRSABits).contains(Int(EVP_PKEY_get_bits(key)))
            else { return nil }
        case .edDSA: guard unsafe EVP_PKEY_is_a(key, "ED25519") == 1 else { return nil }
        }
        var text: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_PUBKEY(key, &text)
        guard length > 0, let start = unsafe text else { return nil }
        defer { unsafe dh_openssl_free(start) }
        encoded = unsafe Array(UnsafeBufferPointer(start: start, count: Int(length)))
        self.algorithm = algorithm
    }

    /// Says whether a signature is this key's, over exactly these bytes (EVP_DigestVerify(3)).
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let read = unsafe encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var start = bytes.baseAddress
            return unsafe d2i_PUBKEY(nil, &start, bytes.count)
        }
        guard let key = unsafe read else { return false }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer {
            unsafe EVP_MD_CTX_free(context)
            // What a wrong signature left must not be found by whoever looks at the queue next.
            ERR_clear_error()
        }
        // Ed25519 hashes by itself.
        let digest = unsafe algorithm == .rs256 ? EVP_sha256() : nil
        guard unsafe EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func key(pem: [UInt8]) -> OpaquePointer? {
        guard pem.count <= 1 << 16, let source = unsafe BIO_new_mem_buf(pem, Int32(pem.count)) else {
            return nil
        }
        defer {
            unsafe BIO_free(source)
            ERR_clear_error()
        }
        return unsafe PEM_read_bio_PUBKEY(source, nil, nil, nil)
    }
}
