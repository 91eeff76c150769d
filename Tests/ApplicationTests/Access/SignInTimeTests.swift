import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Whether a name is known does not show in the time of a refusal")
struct SignInTimeTests {
    /// Says of each check against what it was made.
    private struct CountingPassphrases: PasswordVerifier {
        let checks = Recorder<String?>()

        func hash(_ passphrase: Secret<String>) async throws -> Secret<String> {
            try await FakePassphrases().hash(passphrase)
        }

        func verify(_ passphrase: Secret<String>, against hash: Secret<String>?) async throws -> Bool {
            checks.record(hash?.reveal())
            return try await FakePassphrases().verify(passphrase, against: hash)
        }
    }

    private let people = MemorySignInStores()
    private let clock = ManualClock()
    private let passphrases = CountingPassphrases()
    private let audit = MemoryAuditStore()

    private func service() -> SignInService {
        SignInService(
            operators: people,
            signIns: people,
            passphrases: passphrases,
            tokens: FakeSignInTokens(),
            audit: audit,
            cryptography: FakeCryptography(),
            clock: clock,
            hub: SignInHub()
        )
    }

    private func makeOperator(_ name: String, hash: String) async throws -> OperatorID {
        let draft = OperatorDraft(
            name: try OperatorName(name),
            passphraseHash: Secret(hash),
            permissions: Set(Permission.allCases)
        )
        return try await people.createOperator(draft, at: clock.now()).id
    }

    @Test("every refusal costs one check of a passphrase, and says the same")
    func one() async throws {
        _ = try await makeOperator("ann", hash: "hash of right words")
        // An operator whom only a panel lets in.
        _ = try await makeOperator("panel", hash: "!")
        let disabled = try await makeOperator("bob", hash: "hash of right words")
        _ = try await people.changeOperator(disabled, .disable, at: clock.now())
        let service = service()
        let long = String(repeating: "x", count: 100_000)
        var failures: [Failure] = []
        for (number, (name, passphrase)) in [
            ("ann", "wrong words"), ("nobody", "right words"), ("bob", "right words"), ("bob", "wrong"),
            ("panel", "right words"), ("panel", "!"), ("a b", "right words"), ("", ""), (long, "right words"),
            ("ann", long), ("nobody", long), ("ann", ""),
        ].enumerated() {
            let failure = await #expect(throws: Failure.self) {
                try await service.signIn(
                    name: name,
                    passphrase: Secret(passphrase),
                    kind: .client,
                    from: "192.0.2.\(number)"
                )
            }
            failures.append(try #require(failure))
            #expect(passphrases.checks.all.count == number + 1, "\(name.prefix(20))")
            clock.advance(by: .seconds(3_600))
        }
        #expect(failures.allSatisfy { $0 == failures[0] } && failures[0].code == "sign_in_refused")
        _ = try await service.signIn(
            name: "ann",
            passphrase: Secret("right words"),
            kind: .client,
            from: "192.0.2.100"
        )
        #expect(passphrases.checks.all.count == 13)
    }
}
