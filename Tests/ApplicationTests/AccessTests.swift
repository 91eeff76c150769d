import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Who is calling")
struct AccessTests {
    private let clock = ManualClock()
    private let tokens = MemoryTokenStore()
    private let audit = MemoryAuditStore()
    private let people = MemorySignInStores()
    private let cryptography = FakeCryptography()
    private let hash = "0123456789abcdef0123456789abcdef"

    private func access() -> AccessService {
        AccessService(
            hash: Secret(hash),
            tokens: tokens,
            signIns: SignInService(
                operators: people,
                signIns: people,
                passphrases: FakePassphrases(),
                tokens: FakeSignInTokens(),
                audit: audit,
                cryptography: cryptography,
                clock: clock,
                hub: SignInHub()
            ),
            cryptography: cryptography,
            clock: clock
        )
    }

    private var service: TokenService {
        TokenService(tokens: tokens, audit: audit, cryptography: cryptography, clock: clock)
    }

    @Test("the hash carries the ticket permissions and nothing else")
    func hashPermissions() throws {
        let principal = try access().principal(hash: hash, from: "192.0.2.1")
        #expect(principal == Principal(id: .hash, permissions: [.shellRead, .shellRun, .shellInput]))
    }

    @Test("wrong hashes are slowed down, the right one never is")
    func backoff() throws {
        let access = access()
        var codes: [String] = []
        for _ in 0..<8 {
            do { _ = try access.principal(hash: "wrong", from: "192.0.2.1") } catch {
                codes.append(error.code)
            }
        }
        #expect(
            codes == [String](repeating: "invalid_hash", count: 6) + [
                "too_many_failures", "too_many_failures",
            ]
        )
        #expect(throws: Never.self) { try access.principal(hash: hash, from: "192.0.2.1") }
        let other = #expect(throws: Failure.self) { try access.principal(hash: "wrong", from: "192.0.2.2") }
        #expect(other?.code == "invalid_hash")
    }

    @Test("a token is stored as its hash only, and carries what it lists")
    func token() async throws {
        let (token, text) = try await service.create(
            name: "ci",
            permissions: [.shellRead],
            lifetime: .seconds(3_600),
            by: PrincipalID("socket:0")
        )
        #expect(text.reveal().hasPrefix("dh_"))
        #expect(text.reveal().utf8.count == 46)
        let stored = try await tokens.token(hash: cryptography.digest(Array(text.reveal().utf8)))
        #expect(stored == token)
        let principal = try await access().principal(bearer: text.reveal(), from: "192.0.2.1")
        #expect(principal == Principal(id: PrincipalID("token:1"), permissions: [.shellRead]))
        #expect(try await audit.entries(limit: 9).map(\.action) == ["token.create"])
    }

    @Test("expired and revoked tokens are refused, with different codes")
    func ended() async throws {
        let (_, short) = try await service.create(
            name: "a",
            permissions: [.shellRead],
            lifetime: .seconds(10),
            by: .hash
        )
        let (revoked, text) = try await service.create(
            name: "b",
            permissions: [.shellRead],
            lifetime: nil,
            by: .hash
        )
        try await service.revoke(revoked.id, by: .hash)
        clock.advance(by: .seconds(10))
        let access = access()
        var failure = await #expect(throws: Failure.self) {
            try await access.principal(bearer: short.reveal(), from: "x")
        }
        #expect(failure?.code == "token_expired")
        failure = await #expect(throws: Failure.self) {
            try await access.principal(bearer: text.reveal(), from: "x")
        }
        #expect(failure?.code == "token_revoked")
        failure = await #expect(throws: Failure.self) { try await service.revoke(99, by: .hash) }
        #expect(failure?.code == "token_not_found")
    }

    @Test(
        "a token cannot be given what needs a person's sign-in",
        arguments: [Permission.approve, .share, .admin]
    )
    func grant(permission: Permission) async {
        let failure = await #expect(throws: Failure.self) {
            try await service.create(
                name: "x",
                permissions: [.shellRead, permission],
                lifetime: nil,
                by: .hash
            )
        }
        #expect(failure?.code == "permission_not_grantable")
    }

    @Test("a stored permission beyond the agreed ones is not honoured")
    func planted() async throws {
        let text = "dh_planted"
        _ = try await tokens.createToken(
            name: "p",
            hash: cryptography.digest(Array(text.utf8)),
            permissions: [.shellRead, .admin],
            expires: nil,
            at: clock.now()
        )
        #expect(try await access().principal(bearer: text, from: "x").permissions == [.shellRead])
    }

    @Test("the use of a token is stored once a minute at most")
    func touch() async throws {
        let (_, text) = try await service.create(
            name: "a",
            permissions: [.shellRead],
            lifetime: nil,
            by: .hash
        )
        let access = access()
        for _ in 0..<5 { _ = try await access.principal(bearer: text.reveal(), from: "x") }
        #expect(tokens.touchCount == 1)
        clock.advance(by: .seconds(61))
        _ = try await access.principal(bearer: text.reveal(), from: "x")
        #expect(tokens.touchCount == 2)
        #expect(try await tokens.tokens().first?.lastUsed == clock.now())
    }

    @Test("forged capabilities count as failures, expired ones do not")
    func capabilities() throws {
        let access = access()
        let old = access.capabilities.sign(.read, for: .token(1), session: SessionID(1), number: 1)
        clock.advance(by: .seconds(90_000))
        for _ in 0..<20 {
            let failure = #expect(throws: Failure.self) { try access.capability(old, from: "x") }
            #expect(failure?.code == "capability_expired")
        }
        var last: Failure?
        for _ in 0..<7 { last = #expect(throws: Failure.self) { try access.capability("forged", from: "x") } }
        #expect(last?.code == "too_many_failures")
    }
}

@Suite("Slowing down guesses")
struct FailureLimiterTests {
    private let start = ManualClock().now()

    private func attempt(_ limiter: FailureLimiter, _ address: String, _ time: Timestamp) -> Duration? {
        do {
            try limiter.recordFailure(from: address, at: time)
            return nil
        } catch {
            return error.retryAfter
        }
    }

    @Test("after five free failures the wait doubles up to a minute")
    func doubling() {
        let limiter = FailureLimiter()
        var now = start
        for _ in 0..<5 { #expect(attempt(limiter, "a", now) == nil) }
        var waits: [Duration] = []
        for _ in 0..<9 {
            #expect(attempt(limiter, "a", now) == nil)
            guard let wait = attempt(limiter, "a", now) else { break }
            waits.append(wait)
            now = now + wait
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test("an address that is quiet for a quarter of an hour begins afresh")
    func forgetting() {
        let limiter = FailureLimiter()
        for _ in 0..<7 { _ = attempt(limiter, "a", start) }
        #expect(attempt(limiter, "a", start) != nil)
        #expect(attempt(limiter, "a", start + .seconds(901)) == nil)
    }

    @Test(
        "addresses of one IPv6 /64 count together, of two do not",
        arguments: [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", true),
            ("2001:db8::1", "2001:db8::2:0:0:5", true),
            ("2001:db8::1:2:3:4", "2001:db8::5:6:7:8", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::1", "::2", true), ("1::", "2::", false), ("192.0.2.1", "192.0.2.2", false),
        ]
    )
    func networks(first: String, second: String, isSame: Bool) {
        let limiter = FailureLimiter()
        for _ in 0..<6 { _ = attempt(limiter, first, start) }
        #expect((attempt(limiter, second, start) != nil) == isSame)
    }

    @Test("a flood of addresses costs bounded memory and is still counted")
    func flood() {
        let limiter = FailureLimiter()
        for number in 0..<30_000 {
            _ = attempt(limiter, "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)", start)
        }
        for _ in 0..<6 { _ = attempt(limiter, "b", start) }
        #expect(attempt(limiter, "b", start) != nil)
    }
}
