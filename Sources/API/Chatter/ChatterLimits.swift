internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// How often an address may call the panel assistant's routes, and the headers that say so.
struct ChatterLimits: Sendable {
    private let everything = RequestRate(limit: 500, per: .seconds(600))
    private let lookUps = RequestRate(limit: 50, per: .seconds(3_600))
    private let clock: any WallClock
    private let basePath: String

    init(clock: any WallClock, basePath: String) {
        self.clock = clock
        self.basePath = basePath
    }

    /// A handler that counts for all routes together.
    func all(_ handler: @escaping Route.Handler) -> Route.Handler {
        { context in try await limited([everything], context, handler) }
    }

    /// A handler that counts for look-ups of shares, too.
    func shares(_ handler: @escaping Route.Handler) -> Route.Handler {
        { context in try await limited([everything, lookUps], context, handler) }
    }

    private func limited(_ rates: [RequestRate], _ context: RequestContext, _ handler: Route.Handler)
        async throws -> HTTPResponse
    {
        let now = clock.now()
        let standings = rates.map { ($0, $0.count(context.request.clientAddress, at: now)) }
        // The one that is nearest to its end is what the client has to know.
        guard let (rate, standing) = standings.min(by: { $0.1.remaining < $1.1.remaining }) else {
            return try await handler(context)
        }
        var response: HTTPResponse
        do {
            if let refused = standings.first(where: \.1.isRefused) { throw Self.tooMany(refused.1) }
            response = try await handler(context)
        } catch let failure as Failure {
            response = ErrorPresenter.response(
                PresentedError(failure),
                path: context.request.pathText,
                basePath: basePath,
                requestID: context.request.id
            )
        }
        response.headers["RateLimit-Policy"] = "\(rate.limit);w=\(Int(rate.window.inSeconds))"
        response.headers["RateLimit-Limit"] = String(standing.limit)
        response.headers["RateLimit-Remaining"] = String(standing.remaining)
        response.headers["RateLimit-Reset"] = String(Self.seconds(standing.resetsAfter))
        return response
    }

    private static func seconds(_ duration: Duration) -> Int {
        max(1, Int(duration.inSeconds.rounded(.up)))
    }

    private static func tooMany(_ standing: RequestRate.Standing) -> Failure {
        Failure(
            .rateLimited,
            code: "too_many_requests",
            message: "Too many requests came from this address.",
            hint: "Wait, then try again; GET and POST below /v1 have no such limit.",
            retryAfter: standing.resetsAfter
        )
    }
}
