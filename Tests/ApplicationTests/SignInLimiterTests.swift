import Core
import Domain
import Testing

@testable import Application

@Suite("Guessing of passphrases is slowed down")
struct SignInLimiterTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    /// How long an attempt has to wait; nil when it is let in.
    private static func wait(_ limiter: SignInLimiter, _ name: String, _ address: String, _ now: Timestamp)
        -> Duration?
    {
        do {
            try limiter.begin(name: name, from: address, at: now)
            return nil
        } catch { return error.retryAfter }
    }

    @Test("an address has five tries; then it waits twice as long each time, five minutes at most")
    func address() {
        let limiter = SignInLimiter()
        var now = Self.start
        for number in 0..<5 { #expect(Self.wait(limiter, "name\(number)", "192.0.2.1", now) == nil) }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] as [Int64] {
            #expect(Self.wait(limiter, "other", "192.0.2.1", now) == .seconds(seconds))
            #expect(Self.wait(limiter, "other", "192.0.2.2", now) == nil, "another address does not wait")
            limiter.succeeded(name: "other", from: "192.0.2.2")
            now = now + .seconds(seconds)
            #expect(Self.wait(limiter, "name\(seconds)", "192.0.2.1", now) == nil)
        }
    }

    @Test("a name that many addresses try leaves each new one a single try, and is closed for none")
    func name() {
        let limiter = SignInLimiter()
        let now = Self.start
        for number in 0..<20 { #expect(Self.wait(limiter, "ann", "192.0.2.\(number)", now) == nil) }
        for address in ["198.51.100.1", "198.51.100.2"] {
            #expect(Self.wait(limiter, "ANN", address, now) == nil, "the first try is open")
            #expect(Self.wait(limiter, "ann", address, now) == .seconds(1))
            #expect(Self.wait(limiter, "bob", address, now) == nil, "another name has its five")
        }
        #expect(Self.wait(limiter, "ann", "198.51.100.1", now + .seconds(1)) == nil)
        #expect(Self.wait(limiter, "ann", "198.51.100.1", now + .seconds(1)) == .seconds(2))
    }

    @Test("a right passphrase forgives the failures of its address for its name")
    func success() {
        let limiter = SignInLimiter()
        for _ in 0..<4 { #expect(Self.wait(limiter, "ann", "192.0.2.1", Self.start) == nil) }
        #expect(Self.wait(limiter, "ann", "192.0.2.1", Self.start) == nil)
        limiter.succeeded(name: "ann", from: "192.0.2.1")
        #expect(Self.wait(limiter, "ann", "192.0.2.1", Self.start) == nil)
        #expect(
            Self.wait(limiter, "ann", "192.0.2.1", Self.start) == .seconds(1),
            "four were forgotten for the name only"
        )
    }

    @Test("what was tried a quarter of an hour ago is forgotten")
    func memory() {
        let limiter = SignInLimiter()
        for _ in 0..<5 { _ = Self.wait(limiter, "ann", "192.0.2.1", Self.start) }
        #expect(Self.wait(limiter, "ann", "192.0.2.1", Self.start) != nil)
        let later = Self.start + .seconds(901)
        for _ in 0..<5 { #expect(Self.wait(limiter, "ann", "192.0.2.1", later) == nil) }
    }
}
