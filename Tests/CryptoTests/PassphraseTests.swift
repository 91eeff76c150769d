import Core
import Domain
import TestSupport
import Testing

@testable import Crypto

@Suite struct PassphraseTests {
    private let verifier = makePasswordVerifier(cost: 4, threads: 1)

    /// From the tests of crypt_blowfish (wrapper.c), the origin of `$2y$`.
    static let vectors = [
        ("U*U", "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    ]

    @Test("hashes of other programs are understood", arguments: vectors, ["$2a$", "$2b$", "$2y$"])
    func known(vector: (passphrase: String, hash: String), prefix: String) async throws {
        let hash = Secret(prefix + vector.hash)
        #expect(try await verifier.verify(Secret(vector.passphrase), against: hash))
        for wrong in ["", "u*u", vector.passphrase + "!", String(vector.passphrase.dropLast())] {
            #expect(try await !verifier.verify(Secret(wrong), against: hash), "\(wrong)")
        }
        #expect(isPassphraseHash(hash.reveal()))
    }

    @Test("a new hash is bcrypt with its own salt, and fits its passphrase only")
    func fresh() async throws {
        let passphrase = Secret("Füchse, die grün sind 🦊")
        let hashes = [try await verifier.hash(passphrase), try await verifier.hash(passphrase)]
        #expect(hashes[0].reveal() != hashes[1].reveal())
        for hash in hashes {
            #expect(hash.reveal().hasPrefix("$2b$04$") && hash.reveal().utf8.count == 60)
            #expect(try await verifier.verify(passphrase, against: hash))
            #expect(try await !verifier.verify(Secret("Fuchse, die grun sind"), against: hash))
        }
    }

    @Test("without a hash, and with what is none, nothing is right")
    func none() async throws {
        #expect(try await !verifier.verify(Secret(""), against: nil))
        let good = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.lwkfuDkSvBdUHRBWY088mS9aSRh4jSm"
        for text in [
            "", "plain", "*0", "*1", "$1$abc$def", "$2b$04$", good + "x", String(good.dropLast()),
            good.replacing("$04$", with: "$03$"), good.replacing("$04$", with: "$32$"),
            good.replacing("lwk", with: "l:k"), good.replacing("$2b$", with: "$2x$"),
        ] {
            #expect(!isPassphraseHash(text), "\(text)")
            #expect(try await !verifier.verify(Secret(text), against: Secret(text)), "\(text)")
        }
        #expect(isPassphraseHash(good))
    }

    @Test("every check takes the rounds of the costliest hash, whatever it is checked against")
    func rounds() async throws {
        let settings = Recorder<String>()
        let verifier = BcryptVerifier(cost: 5, threads: 1, known: 7) { passphrase, setting in
            settings.record(setting)
            return BcryptHash.compute(passphrase, setting: setting)
        }
        /// The rounds of the checks since the last time.
        var seen = 0
        func rounds() -> Int {
            defer { seen = settings.all.count }
            return settings.all.dropFirst(seen).reduce(0) { sum, setting in
                sum + (1 << (Int(setting.dropFirst(4).prefix(2)) ?? 0))
            }
        }
        func hash(_ cost: Int) throws -> Secret<String> {
            let salt = [UInt8](repeating: 7, count: 16)
            return Secret(try #require(BcryptHash.make("right", cost: cost, salt: salt)))
        }
        let costs = try [4, 5, 6, 7].map { try hash($0) }
        for stored in [nil, Secret("!"), Secret("")] + costs.map(Optional.some) {
            for passphrase in ["right", "wrong"] {
                let isRight = try await verifier.verify(Secret(passphrase), against: stored)
                #expect(isRight == (passphrase == "right" && (stored?.reveal().count ?? 0) == 60))
                #expect(rounds() == 1 << 7)
            }
        }
        // One that costs more than all known before raises the time of all.
        #expect(try await verifier.verify(Secret("right"), against: hash(8)))
        #expect(rounds() == 1 << 8)
        #expect(try await !verifier.verify(Secret("right"), against: nil))
        #expect(rounds() == 1 << 8)
        let made = makePasswordVerifier(cost: 4, threads: 1, stored: [Secret("!"), try hash(5)])
        #expect(try await made.verify(Secret("right"), against: hash(4)))
    }

    @Test("NUL does not cut a passphrase short")
    func nul() async throws {
        let hash = try await verifier.hash(Secret("secret"))
        #expect(try await !verifier.verify(Secret("secret\0more"), against: hash))
        await #expect(throws: Failure.self) { try await verifier.hash(Secret("a\0b")) }
    }

    @Test("beyond a bound of waiting checks callers are sent away")
    func bound() async {
        let verifier = makePasswordVerifier(cost: 8, threads: 1)
        let results = await withTaskGroup(of: String.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    do {
                        return try await verifier.verify(Secret("x"), against: nil) ? "right" : "wrong"
                    } catch {
                        return (error as? Failure)?.code ?? "\(error)"
                    }
                }
            }
            var results: [String: Int] = [:]
            for await result in group { results[result, default: 0] += 1 }
            return results
        }
        #expect(Set(results.keys) == ["wrong", "passphrase_checks_busy"])
    }
}
