internal import COpenSSL
internal import Domain

/// HMAC-SHA-256 (RFC 2104) with one key.
///
/// The keyed context is made once and only ever copied (EVP_MAC(3)): looking up the algorithm and hashing the key
/// pads would cost more than the message. `@unchecked Sendable`: nothing writes to `context` after `init`.
@safe final class KeyedHash: @unchecked Sendable {
    private let context: OpaquePointer

    init(key: [UInt8]) {
        // OpenSSL refuses an empty key; keys are padded with zeros, so one zero is the same key.
        let key = key.isEmpty ? [0] : key
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else { Self.fail() }
        defer { unsafe EVP_MAC_free(algorithm) }
        guard let context = unsafe EVP_MAC_CTX_new(algorithm) else { Self.fail() }
        guard unsafe dh_hmac_sha256_init(context, key, key.count) == 1 else { Self.fail() }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// The code of a message: 32 bytes.
    func code(for message: [UInt8]) -> [UInt8] {
        guard let copy = unsafe EVP_MAC_CTX_dup(context) else { Self.fail() }
        defer { unsafe EVP_MAC_CTX_free(copy) }
        var length = 0
        let code = unsafe [UInt8](unsafeUninitializedCapacity: SHA256Digest.length) { buffer, count in
            guard unsafe EVP_MAC_update(copy, message, message.count) == 1,
                unsafe EVP_MAC_final(copy, buffer.baseAddress, &length, buffer.count) == 1
            else { Self.fail() }
            count = length
        }
        precondition(code.count == SHA256Digest.length, "an HMAC-SHA-256 code has 32 bytes")
        return code
    }

    /// OpenSSL fails here only without memory or without its default provider; going on would be unsafe.
    private static func fail() -> Never { fatalError("OpenSSL cannot compute HMAC-SHA-256 on this machine") }
}

extension KeyedHash: MessageSigner {}
