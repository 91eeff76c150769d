public import Domain
internal import Synchronization

/// Hashes that are quick and repeatable, and nothing more; each byte of the input changes the result.
public final class FakeCryptography: Cryptography {
    private let generator: Mutex<SeededGenerator>
    private let key: UInt8

    /// Makes one; another key gives other codes.
    public init(key: UInt8 = 7, seed: UInt64 = 1) {
        self.key = key
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// As the port says.
    public func authenticationCode(for message: [UInt8], purpose: KeyPurpose) -> [UInt8] {
        digest([key] + Array(purpose.rawValue.utf8) + [0] + message)
    }

    /// As the port says.
    public func digest(_ bytes: [UInt8]) -> [UInt8] {
        // FNV-1a, stretched: http://www.isthe.com/chongo/tech/comp/fnv/
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var stretched = SeededGenerator(seed: hash)
        return (0..<4).flatMap { _ -> [UInt8] in
            let word = stretched.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
        }
    }

    /// As the port says.
    public func randomBytes(_ count: Int) -> [UInt8] {
        generator.withLock { generator in
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
    }

    /// As the port says.
    public func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
}
