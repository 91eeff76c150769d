internal import CCrypt
internal import COpenSSL

/// bcrypt by libcrypt, crypt_ra(3) and crypt_gensalt_ra(3); both block for as long as the cost says.
enum BcryptHash {
    /// bcrypt reads this many bytes of a passphrase and no more.
    static let significantBytes = 72
    /// Bytes of a hash: `$2b$12$`, 22 characters of salt and 31 of result.
    private static let length = 60

    /// A fresh `$2b$` hash; `salt` is 16 random bytes, `cost` the binary logarithm of the rounds.
    static func make(_ passphrase: String, cost: Int, salt: [UInt8]) -> String? {
        let bytes = salt.map { CChar(bitPattern: $0) }
        let setting = unsafe crypt_gensalt_ra("$2b$", UInt(cost), bytes, Int32(bytes.count))
        guard let setting = unsafe setting else { return nil }
        defer { unsafe free(setting) }
        return compute(passphrase, setting: unsafe String(cString: setting))
    }

    /// Says in constant time whether what was computed is this hash.
    static func matches(_ hash: String, _ computed: String?) -> Bool {
        guard cost(of: hash) != nil, let computed else { return false }
        let left = Array(computed.utf8)
        let right = Array(hash.utf8)
        return unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// The cost that stands in a hash; nil when the text is no bcrypt hash.
    static func cost(of hash: String) -> Int? {
        let bytes = Array(hash.utf8)
        guard bytes.count == length, ["$2a$", "$2b$", "$2y$"].contains(String(hash.prefix(4))),
            bytes[6] == 0x24,
            let cost = Int(hash.dropFirst(4).prefix(2)), (4...31).contains(cost)
        else { return nil }
        let isBase64: (UInt8) -> Bool = { byte in
            switch byte {
            case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
        return bytes[7...].allSatisfy(isBase64) ? cost : nil
    }

    /// A setting of this cost that belongs to nobody, for work whose result is thrown away.
    static func emptySetting(cost: Int) -> String {
        "$2b$\(cost < 10 ? "0" : "")\(cost)$......................"
    }

    /// What libcrypt computes; nil when it refuses the setting.
    static func compute(_ passphrase: String, setting: String) -> String? {
        // A NUL would end the passphrase unnoticed; libcrypt takes 511 bytes, of which bcrypt reads the first 72.
        var phrase = passphrase.utf8.prefix(significantBytes).map { CChar(bitPattern: $0) }
        guard !phrase.contains(0) else { return nil }
        phrase.append(0)
        defer { unsafe phrase.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        var data: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer {
            if let data = unsafe data {
                unsafe OPENSSL_cleanse(data, Int(size))
                unsafe free(data)
            }
        }
        guard let result = unsafe crypt_ra(phrase, setting, &data, &size) else { return nil }
        return unsafe String(cString: result)
    }
}
