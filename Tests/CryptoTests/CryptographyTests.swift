import Core
import Domain
import Testing

@testable import Crypto

@Suite struct CryptographyTests {
    private let cryptography = makeCryptography(masterKey: Secret([UInt8](repeating: 7, count: 32)))

    struct Vector: Sendable {
        let key: [UInt8]
        let message: String
        let code: String
    }

    /// RFC 4231, cases 1, 2, 6 and 7 (5 is a truncated code).
    static let cases = [
        Vector(
            key: [UInt8](repeating: 0x0b, count: 20),
            message: "Hi There",
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Vector(
            key: Array("Jefe".utf8),
            message: "what do ya want for nothing?",
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: "Test Using Larger Than Block-Size Key - Hash Key First",
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: "This is a test using a larger than block-size key and a larger than block-size data. "
                + "The key needs to be hashed before being used by the HMAC algorithm.",
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("codes are those of RFC 4231", arguments: cases)
    func vectors(vector: Vector) {
        let hash = KeyedHash(key: vector.key)
        #expect(TextCoding.hex(hash.code(for: Array(vector.message.utf8))) == vector.code)
        // The keyed context is copied, not used up.
        #expect(TextCoding.hex(hash.code(for: Array(vector.message.utf8))) == vector.code)
    }

    @Test("messages to others are signed with the secret that both know")
    func signer() {
        let signer = makeMessageSigner(key: Secret("Jefe"))
        #expect(TextCoding.hex(signer.code(for: Array(Self.cases[1].message.utf8))) == Self.cases[1].code)
    }

    @Test("codes of bytes are those of RFC 4231, cases 3 and 4")
    func binaryVectors() {
        let third = KeyedHash(key: [UInt8](repeating: 0xaa, count: 20))
        #expect(
            TextCoding.hex(third.code(for: [UInt8](repeating: 0xdd, count: 50)))
                == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        )
        let fourth = KeyedHash(key: Array(UInt8(1)...25))
        #expect(
            TextCoding.hex(fourth.code(for: [UInt8](repeating: 0xcd, count: 50)))
                == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        )
    }

    @Test("an empty key and an empty message are allowed")
    func emptyKey() {
        #expect(
            TextCoding.hex(KeyedHash(key: []).code(for: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }

    @Test("digests are those of FIPS 180-4")
    func digests() {
        #expect(
            TextCoding.hex(cryptography.digest([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            TextCoding.hex(cryptography.digest(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test("each purpose and each installation has a key of its own")
    func purposes() {
        let message = Array("message".utf8)
        let other = makeCryptography(masterKey: Secret([UInt8](repeating: 8, count: 32)))
        let codes =
            KeyPurpose.allCases.map { cryptography.authenticationCode(for: message, purpose: $0) }
            + KeyPurpose.allCases.map { other.authenticationCode(for: message, purpose: $0) }
        #expect(Set(codes).count == KeyPurpose.allCases.count * 2)
        #expect(codes.allSatisfy { $0.count == 32 })
    }

    @Test("the key of a purpose never changes between versions, or every link would break")
    func derivationIsFixed() {
        let master = [UInt8](repeating: 7, count: 32)
        let key = KeyedHash(key: master).code(for: Array("deckhand key v1: capability".utf8) + [1])
        #expect(
            cryptography.authenticationCode(for: [1, 2, 3], purpose: .capability)
                == KeyedHash(key: key).code(for: [1, 2, 3])
        )
    }

    @Test("comparison tells equal from different, also for different lengths")
    func comparison() {
        #expect(cryptography.areEqual([], []))
        #expect(cryptography.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!cryptography.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!cryptography.areEqual([1, 2, 3], [1, 2]))
        #expect(!cryptography.areEqual([], [0]))
    }

    @Test("random bytes have the asked-for length and do not repeat")
    func randomness() {
        #expect(cryptography.randomBytes(0) == [])
        let draws = (0..<100).map { _ in cryptography.randomBytes(16) }
        #expect(draws.allSatisfy { $0.count == 16 })
        #expect(Set(draws).count == 100)
    }

    @Test("many threads share one key")
    func concurrency() async {
        let cryptography = cryptography
        let expected = cryptography.authenticationCode(for: [42], purpose: .capability)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<2_000).allSatisfy { _ in
                        cryptography.authenticationCode(for: [42], purpose: .capability) == expected
                    }
                }
            }
            for await same in group { #expect(same) }
        }
    }
}
