import Core
import Crypto
import Testing

@testable import Domain

@Suite("What the chain of the audit log stands on")
struct AuditSigningTests {
    private let cryptography = makeCryptography(masterKey: Secret([UInt8](repeating: 1, count: 32)))

    @Test(
        "the domain's SHA-256 is the one of FIPS 180-4, as OpenSSL computes it, for every length of its padding"
    )
    func digests() {
        #expect(
            TextCoding.hex(SHA256.digest(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        for length in 0...260 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + length) }
            #expect(SHA256.digest(bytes) == cryptography.digest(bytes), "\(length) bytes")
        }
    }

    @Test("Ed25519 signs as RFC 8032 section 7.1 says, and its public half verifies that and nothing else")
    func signatures() throws {
        // Test 2 of the section.
        let seed: [UInt8] = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
            0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ]
        let signer = makeCheckpointSigner(seed: Secret(seed))
        let signature = signer.sign([0x72])
        #expect(
            TextCoding.hex(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        let verifier = try #require(makeCheckpointVerifier(publicKey: Array(signer.publicKey.utf8)))
        #expect(verifier.isSigned([0x72], signature: signature))
        #expect(!verifier.isSigned([0x73], signature: signature))
        let other = makeCheckpointSigner(seed: Secret([UInt8](repeating: 9, count: 32)))
        #expect(!verifier.isSigned([0x72], signature: other.sign([0x72])))
        #expect(makeCheckpointVerifier(publicKey: Array("nothing".utf8)) == nil)
    }
}
