internal import COpenSSL
internal import Core
internal import Domain

/// AES-256-GCM (NIST SP 800-38D) under one key; the label is the additional data.
///
/// A sealed value is the version 1, a random nonce (12 bytes), the encrypted bytes, and the tag (16 bytes).
struct SealingKey: Sealer {
    private static let version: UInt8 = 1
    private static let nonceSize = 12
    private static let tagSize = 16

    private let key: Secret<[UInt8]>

    /// `key` has 32 bytes.
    init(key: Secret<[UInt8]>) {
        precondition(key.reveal().count == 32, "AES-256 takes 32 bytes")
        self.key = key
    }

    func seal(_ value: Secret<[UInt8]>, for label: String) -> [UInt8] {
        let nonce = systemRandomBytes(Self.nonceSize)
        var tag = [UInt8](repeating: 0, count: Self.tagSize)
        guard
            let encrypted = unsafe cipher(
                value.reveal(),
                nonce,
                label,
                encrypts: true,
                { context in
                    unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
                }
            )
        else { preconditionFailure("OpenSSL cannot encrypt with AES-256-GCM on this machine") }
        return [Self.version] + nonce + encrypted + tag
    }

    func open(_ sealed: [UInt8], for label: String) -> Secret<[UInt8]>? {
        guard sealed.count >= 1 + Self.nonceSize + Self.tagSize, sealed[0] == Self.version else { return nil }
        let nonce = Array(sealed[1...Self.nonceSize])
        var tag = Array(sealed.suffix(Self.tagSize))
        let encrypted = Array(sealed[(1 + Self.nonceSize)..<(sealed.count - Self.tagSize)])
        let value = unsafe cipher(encrypted, nonce, label, encrypts: false) { context in
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1
        }
        return value.map { Secret($0) }
    }

    /// Runs the cipher over all bytes (EVP_EncryptInit(3)); nil when the tag does not fit.
    ///
    /// The tag is set before the last step of opening, and read after the last step of sealing.
    private func cipher(
        _ bytes: [UInt8],
        _ nonce: [UInt8],
        _ label: String,
        encrypts: Bool,
        _ tag: (OpaquePointer) -> Bool
    ) -> [UInt8]? {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let label = Array(label.utf8)
        var length: Int32 = 0
        // One byte more: a buffer without any has no address.
        var result = [UInt8](repeating: 0, count: bytes.count + 1)
        guard
            unsafe EVP_CipherInit_ex(
                context,
                EVP_aes_256_gcm(),
                nil,
                key.reveal(),
                nonce,
                encrypts ? 1 : 0
            ) == 1,
            unsafe EVP_CipherUpdate(context, nil, &length, label, Int32(label.count)) == 1,
            unsafe bytes.isEmpty
                || EVP_CipherUpdate(context, &result, &length, bytes, Int32(bytes.count)) == 1,
            unsafe encrypts || tag(context)
        else { return nil }
        var rest = [UInt8](repeating: 0, count: 16)
        guard unsafe EVP_CipherFinal_ex(context, &rest, &length) == 1, unsafe !encrypts || tag(context) else {
            return nil
        }
        return Array(result.prefix(bytes.count))
    }
}
