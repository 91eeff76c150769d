public import Core
public import Domain

/// Counts what users of host applications ask for, and refuses what is too much.
public final class UserLimits: Sendable {
    /// Tokens of host applications that one address may show in a minute, whoever signed them.
    private static let tokensOfAddress = 1_200

    /// The limits of one host application.
    private struct Limiters: Sendable {
        let requestsOfUser: RateLimiter
        let turnsOfUser: RateLimiter
        let turnsOfBrand: RateLimiter
        let turnsOfClient: RateLimiter
        let turnsOfAddress: RateLimiter

        init(_ settings: UserLimitSettings) {
            let limiter = { RateLimiter(limit: $0, per: .seconds(60)) }
            requestsOfUser = limiter(settings.requestsOfUser)
            turnsOfUser = limiter(settings.turnsOfUser)
            turnsOfBrand = limiter(settings.turnsOfBrand)
            turnsOfClient = limiter(settings.turnsOfClient)
            turnsOfAddress = limiter(settings.turnsOfAddress)
        }
    }

    private let limiters: [String: Limiters]
    private let tokensOfAddress = RateLimiter(limit: tokensOfAddress, per: .seconds(60))
    private let clock: any WallClock

    /// Makes limits; nobody asked yet.
    public init(_ hosts: [HostSettings], clock: any WallClock) {
        limiters = Dictionary(hosts.map { ($0.issuer, Limiters($0.limits)) }) { first, _ in first }
        self.clock = clock
    }

    /// Counts a request; throws `Failure` `too_many_requests` (rateLimited).
    public func admitRequest(of principal: Principal) throws(Failure) {
        guard let user = principal.user, let limiters = limiters(of: principal) else { return }
        try admit(limiters.requestsOfUser, "user \(user)", "requests of this user")
    }

    /// Counts a token that is to be exchanged or used; throws as above.
    public func admitToken(from address: String) throws(Failure) {
        try admit(tokensOfAddress, address, "tokens from this address")
    }

    /// Counts a turn that is about to begin for everybody who bears it; throws as above, and counts for nobody then.
    public func admitTurn(of principal: Principal, at place: Place?, from address: String) throws(Failure) {
        guard let user = principal.user, let place, let limiters = limiters(of: principal) else { return }
        var wanted = [
            (limiters.turnsOfUser, "user \(user)", "turns of this user"),
            (limiters.turnsOfAddress, address, "turns from this address"),
            (limiters.turnsOfClient, "client \(place.client)", "turns of this client"),
        ]
        if let brand = place.brand {
            wanted.append((limiters.turnsOfBrand, "brand \(brand)", "turns of this brand"))
        }
        for (index, (limiter, key, what)) in wanted.enumerated() {
            do throws(Failure) { try admit(limiter, key, what) } catch {
                for (limiter, key, _) in wanted[..<index] { limiter.forgive(key) }
                throw error
            }
        }
    }

    private func limiters(of principal: Principal) -> Limiters? {
        principal.standing.flatMap { limiters[$0.client.issuer] }
    }

    private func admit(_ limiter: RateLimiter, _ key: String, _ what: String) throws(Failure) {
        guard let wait = limiter.admit(key, at: clock.now()) else { return }
        throw Failure(
            .rateLimited,
            code: "too_many_requests",
            message: "There were more than \(limiter.limit) \(what) in a minute.",
            hint: "Wait, and try again.",
            retryAfter: wait
        )
    }
}
