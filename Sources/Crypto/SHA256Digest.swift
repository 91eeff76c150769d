internal import COpenSSL

/// SHA-256 (FIPS 180-4) in one call.
enum SHA256Digest {
    /// Bytes of a digest.
    static let length = 32

    /// Fetched once, since each look-up of an algorithm takes a lock in OpenSSL 3 (EVP_MD_fetch(3)).
    private static let algorithm = Algorithm()

    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            var written: UInt32 = 0
            guard
                unsafe EVP_Digest(bytes, bytes.count, buffer.baseAddress, &written, algorithm.pointer, nil)
                    == 1
            else { fatalError("OpenSSL cannot compute SHA-256 on this machine") }
            count = Int(written)
        }
    }

    /// Keeps the algorithm for the life of the program.
    ///
    /// `@unchecked Sendable`: it is immutable after being fetched.
    @safe private final class Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer

        init() {
            guard let pointer = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
                fatalError("OpenSSL has no SHA-256 on this machine")
            }
            unsafe self.pointer = pointer
        }
    }
}
