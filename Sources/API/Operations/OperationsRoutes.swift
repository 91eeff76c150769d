internal import Core
internal import Domain
internal import HTTPServer

/// /healthz, /readyz and /metrics.
struct OperationsRoutes: Sendable {
    private let services: EdgeServices
    private let authentication: Authentication

    init(_ services: EdgeServices) {
        self.services = services
        authentication = Authentication(services)
    }

    var routes: [Route] {
        [
            Route(.get, "/healthz", access: .open) { _ in
                NativeAnswers.json { writer in
                    writer.object { writer in
                        writer.key("status")
                        writer.string("ok")
                    }
                }
            },
            Route(.get, "/readyz", access: .open, ready),
            Route(.get, "/metrics", access: .byHandler(.shellRead, on: nil), metrics),
        ]
    }

    private func ready(_ context: RequestContext) async throws -> HTTPResponse {
        let reason = await services.readiness()
        var response = NativeAnswers.json(reason == nil ? 200 : 503) { writer in
            writer.object { writer in
                writer.key("status")
                writer.string(reason == nil ? "ready" : "not_ready")
                if let reason {
                    writer.key("reason")
                    writer.string(reason)
                }
            }
        }
        if reason != nil { response.headers["Retry-After"] = "1" }
        return response
    }

    /// Numbers tell about the business of a server: from this machine they are free, from elsewhere they need a credential.
    private func metrics(_ context: RequestContext) async throws -> HTTPResponse {
        let isLoopback =
            context.request.clientAddress == "local" || context.request.clientAddress == "::1"
            || context.request.clientAddress.hasPrefix("127.")
        if !isLoopback { try await authentication.caller(of: context.request).require(.shellRead) }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
            body: .bytes(Array(services.metrics.prometheusText().utf8))
        )
    }
}
