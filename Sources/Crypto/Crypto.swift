internal import COpenSSL
public import Core
public import Domain

/// Makes the cryptography of an installation from its master key.
///
/// The result may be used from any thread. See ``Cryptography`` for what it promises.
public func makeCryptography(masterKey: Secret<[UInt8]>) -> any Cryptography {
    OpenSSLCryptography(masterKey: masterKey)
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
