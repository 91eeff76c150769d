internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// How often an address may call the panel assistant's routes, and the headers that say so.
struct ChatterLimits: Sendable {
    private let limiter = RateLimiter(limit: 500, per: .seconds(600))
    private let clock: any WallClock
    private let basePath: String

    init(clock: any WallClock, basePath: String) {
        self.clock = clock
        self.basePath = basePath
    }

    /// A handler whose requests are counted, those of all routes together.
    func limited(_ handler: @escaping Route.Handler) -> Route.Handler {
        { context in try await answer(context, handler) }
    }

    private func answer(_ context: RequestContext, _ handler: Route.Handler) async throws -> HTTPResponse {
        let standing = limiter.count(context.request.clientAddress, at: clock.now())
        var response: HTTPResponse
        do {
            guard !standing.isRefused else { throw Self.tooMany(standing) }
            response = try await handler(context)
        } catch let failure as Failure {
            response = ErrorPresenter.response(
                PresentedError(failure),
                path: context.request.pathText,
                basePath: basePath,
                requestID: context.request.id
            )
        }
        response.headers["RateLimit-Policy"] = "\(limiter.limit);w=\(Int(limiter.length.inSeconds))"
        response.headers["RateLimit-Limit"] = String(limiter.limit)
        response.headers["RateLimit-Remaining"] = String(standing.remaining)
        response.headers["RateLimit-Reset"] = String(Int(standing.resetsAfter.inSeconds.rounded(.up)))
        return response
    }

    private static func tooMany(_ standing: RateLimiter.Standing) -> Failure {
        Failure(
            .rateLimited,
            code: "too_many_requests",
            message: "Too many requests came from this address.",
            hint: "Wait, then try again; the routes below /v1 have no such limit.",
            retryAfter: standing.resetsAfter
        )
    }
}
