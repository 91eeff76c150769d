import Core
import Crypto
import Domain
import Testing

@Suite("Sealing")
struct SealingTests {
    private let sealer = makeSealer(masterKey: Secret([UInt8](repeating: 3, count: 32)))

    @Test("opens what it sealed, for the same label and key only", arguments: [0, 1, 15, 16, 17, 8_192])
    func roundTrip(size: Int) {
        let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let sealed = sealer.seal(Secret(value), for: "DB_PASSWORD")
        #expect(sealer.open(sealed, for: "DB_PASSWORD")?.reveal() == value)
        #expect(sealer.open(sealed, for: "DB_PASSWORF") == nil)
        #expect(sealer.open(sealed, for: "") == nil)
        let other = makeSealer(masterKey: Secret([UInt8](repeating: 4, count: 32)))
        #expect(other.open(sealed, for: "DB_PASSWORD") == nil)
    }

    @Test("notices a change of any byte, and any cut")
    func changes() {
        let sealed = sealer.seal(Secret(Array("correct horse".utf8)), for: "A")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(sealer.open(changed, for: "A") == nil, "byte \(index)")
            #expect(sealer.open(Array(sealed[..<index]), for: "A") == nil, "cut at \(index)")
        }
        #expect(sealer.open(sealed + [0], for: "A") == nil)
    }

    @Test("never seals the same value to the same bytes")
    func nonces() {
        let all = Set((0..<100).map { _ in sealer.seal(Secret([1, 2, 3]), for: "A") })
        #expect(all.count == 100)
    }
}
