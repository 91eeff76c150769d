import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Capabilities of links")
struct CapabilityTests {
    private let clock = ManualClock()
    private var signer: CapabilitySigner { CapabilitySigner(cryptography: FakeCryptography(), clock: clock) }

    @Test("what was signed is what is verified", arguments: Capability.Verb.allCases)
    func roundTrip(verb: Capability.Verb) throws {
        let holders: [Capability.Holder] = [
            .hash(.max), .socket(.max), .token(.max), .signIn(SignInID(.max)), .token(1),
            .signIn(SignInID(1)),
        ]
        for (index, holder) in holders.enumerated() {
            let (session, number) = [(Int64(1), 0), (Int64.max, Int(UInt32.max)), (42, 7)][index % 3]
            let text = signer.sign(verb, for: holder, session: SessionID(session), number: number)
            let capability = try signer.verify(text)
            #expect(capability.verb == verb)
            #expect(capability.holder == holder)
            #expect(capability.session == SessionID(session))
            #expect(capability.number == number)
            #expect(capability.expires == clock.now() + .seconds(86_400))
        }
    }

    @Test("flipping any bit of any byte makes it worthless")
    func tampering() throws {
        let text = signer.sign(.read, for: .token(5), session: SessionID(3), number: 9)
        let bytes = try #require(TextCoding.bytes(base64URL: text))
        #expect(bytes.count == 46)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                let failure = #expect(throws: Failure.self) {
                    try signer.verify(TextCoding.base64URL(changed))
                }
                #expect(failure?.code == "invalid_capability", "byte \(index), bit \(bit)")
            }
        }
    }

    @Test(
        "cut, extended and foreign texts are refused",
        arguments: [
            "", "A", "AAAA", String(repeating: "A", count: 50), "%%%", String(repeating: "A", count: 100_000),
        ]
    )
    func malformed(text: String) {
        #expect(throws: Failure.self) { try signer.verify(text) }
        let good = signer.sign(.read, for: .token(5), session: SessionID(1), number: 1)
        #expect(throws: Failure.self) { try signer.verify(String(good.dropLast())) }
        #expect(throws: Failure.self) { try signer.verify(good + "A") }
    }

    @Test("another installation's key does not open ours")
    func otherKey() {
        let foreign = CapabilitySigner(cryptography: FakeCryptography(key: 8), clock: clock)
        #expect(throws: Failure.self) {
            try signer.verify(foreign.sign(.read, for: .token(5), session: SessionID(1), number: 1))
        }
    }

    @Test("each hash has a fingerprint of its own, which says nothing about it without the key")
    func fingerprints() {
        let foreign = CapabilitySigner(cryptography: FakeCryptography(key: 8), clock: clock)
        let digest = [UInt8](repeating: 7, count: 32)
        #expect(signer.holder(hashDigest: digest) == signer.holder(hashDigest: digest))
        #expect(signer.holder(hashDigest: digest) != signer.holder(hashDigest: digest.dropLast() + [8]))
        #expect(signer.holder(hashDigest: digest) != foreign.holder(hashDigest: digest))
    }

    @Test("a link ends on time, and a later answer's link lives on")
    func expiry() throws {
        let text = signer.sign(.submit, for: .token(5), session: SessionID(1))
        clock.advance(by: .seconds(86_399))
        #expect(throws: Never.self) { try signer.verify(text) }
        let fresh = signer.sign(.submit, for: .token(5), session: SessionID(1))
        clock.advance(by: .seconds(1))
        let failure = #expect(throws: Failure.self) { try signer.verify(text) }
        #expect(failure?.code == "capability_expired")
        #expect(failure?.hint != nil)
        #expect(throws: Never.self) { try signer.verify(fresh) }
    }
}
