internal import Application
internal import Core
internal import Domain
public import HTTPServer

/// Everything between the socket and the use cases: routing, authentication, error shapes, headers.
public struct Edge: HTTPResponder {
    private let router: Router
    private let authentication: Authentication
    private let ends: StreamEnds
    private let cors: CrossOriginPolicy
    private let logger: Logger
    private let basePath: String

    /// Makes the edge on the services it speaks for.
    public init(_ services: EdgeServices) {
        authentication = Authentication(services)
        ends = StreamEnds(services)
        cors = CrossOriginPolicy(allowedOrigins: services.settings.allowedOrigins)
        logger = services.logger
        basePath = services.settings.basePath
        router = Router(Self.routes(services))
    }

    /// All routes of this server; those that reach tickets are absent when the shell is off.
    static func routes(_ services: EdgeServices) -> [Route] {
        var routes = OperationsRoutes(services).routes + PageRoutes(services).routes
        routes += WebRoutes(services.settings).routes
        routes += SignInRoutes(services).routes
        if let shares = services.shares { routes += ShareRoutes(shares, services.settings).routes }
        if let credits = services.credits {
            routes += WalletRoutes(credits).routes + WalletHostRoutes(credits).routes
            routes += WalletAdminRoutes(credits).routes
        }
        if let accounts = services.accounts {
            routes += AccountRoutes(accounts, clock: services.clock).routes
        }
        if let audit = services.audit { routes += AuditRoutes(audit).routes }
        if let admin = services.admin { routes += AdminRoutes.all(services, admin) }
        if let inspection = services.inspection { routes += AuditAdminRoutes(inspection).routes }
        if let oversight = services.oversight {
            routes += HostAdminRoutes(oversight).routes + ActionAdminRoutes(oversight).routes
        }
        if services.settings.shellIsOn {
            routes += JumpHostRoutes(services).routes
            routes += SessionRoutes(services).routes + TicketRoutes(services).routes
            routes += LatestTicketRoutes(services).routes
            if let secrets = services.secrets { routes += SecretRoutes(secrets).routes }
        }
        if let assistant = services.assistant {
            routes += ChatRoutes(services, assistant).routes + TurnRoutes(services, assistant).routes
            routes += ChatExport(services, assistant).routes
            routes += OpenAIRoutes(services, assistant).routes
            routes += ApprovalRoutes(services, assistant).routes
            routes += ApprovalPageRoutes(services, assistant).routes
            routes += FollowRoutes(services, assistant).routes
            routes += ChatterRoutes(services, assistant).routes
            if services.settings.shellIsOn { routes += BridgeRoutes(services, assistant).routes }
        }
        if let artifacts = services.artifacts { routes += ArtifactRoutes(artifacts).routes }
        if let hosts = services.hosts {
            routes += UserSessionRoutes(services, hosts).routes + TenantRoutes(hosts).routes
            if let assistant = services.assistant {
                routes += ChatRoutes(services, assistant, for: .users).routes
                routes += TurnRoutes(services, assistant, for: .users).routes
                routes += ChatExport(services, assistant, for: .users).routes
                routes += OneShotRoutes(assistant, hosts).routes
                if let actions = services.actions { routes += ActionRoutes(actions, assistant).routes }
                if let artifacts = services.artifacts {
                    routes += ArtifactRoutes(artifacts, for: .users).routes
                }
            }
        }
        return routes + DocumentationRoutes(services, documented: routes).routes
    }

    /// Answers a request; every answer carries the security headers.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        await Logger.$requestID.withValue(request.id) {
            var response = await answer(request)
            SecurityHeaders.add(to: &response.headers, isSecure: request.isSecure)
            cors.add(to: &response.headers, for: request)
            response.headers["X-Request-Id"] = request.id
            return response
        }
    }

    /// Renders a refusal of the server in the error shape of the face.
    public func respond(toRejected rejection: HTTPRejection) -> HTTPResponse {
        let hint =
            rejection.reason == .targetTooLong
            ? "POST the command as JSON to /v1/sessions/{session}/tickets with the header Authorization: Bearer."
            : rejection.hint
        let error = PresentedError(
            status: rejection.status,
            code: rejection.reason.rawValue,
            message: rejection.message,
            hint: hint,
            retryAfter: rejection.retryAfter.map { max(1, Int($0.inSeconds.rounded(.up))) }
        )
        var response = ErrorPresenter.response(
            error,
            path: rejection.pathText ?? "/",
            basePath: basePath,
            requestID: rejection.id
        )
        SecurityHeaders.add(to: &response.headers, isSecure: false)
        return response
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        var template: StaticString?
        do {
            if request.method == .options {
                let allowed = allowedMethods(request.path)
                guard !allowed.isEmpty else { throw Self.notFound }
                return cors.preflight(request, allowed: allowed)
            }
            switch router.match(request.method, request.path) {
            case .none: throw Self.notFound
            case .wrongMethod(let allowed, let matched):
                template = matched
                var response = present(Self.methodNotAllowed(allowed), request, matched)
                response.headers["Allow"] = allowed.map(\.description).joined(separator: ", ")
                return response
            case .found(let route, let parameters):
                template = route.template
                let principal = try await authentication.caller(of: request, admittedTo: route.access)
                let context = RequestContext(
                    request: request,
                    parameters: parameters,
                    principal: principal,
                    ends: ends,
                    template: route.template
                )
                var response = try await route.handler(context)
                response.routeTemplate = route.template
                return response
            }
        } catch {
            return present(error, request, template)
        }
    }

    private func present(_ error: any Error, _ request: HTTPRequest, _ template: StaticString?)
        -> HTTPResponse
    {
        let presented: PresentedError
        if let failure = error as? Failure {
            presented = PresentedError(failure)
        } else if let field = error as? FieldFailure {
            presented = PresentedError(field)
        } else if error is CancellationError {
            presented = PresentedError(
                status: 503,
                code: "shutting_down",
                message: "The server is going down.",
                hint: "Ask again in a moment; tickets go on meanwhile.",
                retryAfter: 2
            )
        } else {
            logger.error("request failed", .init("error", LogValue.error(error)))
            presented = .internal
        }
        var response =
            ErrorPage.isWanted(for: request, template: template)
            ? ErrorPage(error: presented, basePath: basePath).response()
            : ErrorPresenter.response(
                presented,
                path: request.pathText,
                basePath: basePath,
                requestID: request.id
            )
        response.routeTemplate = template
        // RFC 9110 section 15.5.6: a 405 names what is allowed; a route refuses HEAD only where it acts.
        if presented.status == 405 {
            response.headers["Allow"] = allowedMethods(request.path).filter { $0 != .head }.map(\.description)
                .joined(separator: ", ")
        }
        return response
    }

    private func allowedMethods(_ path: [String]) -> [HTTPMethod] {
        if case .wrongMethod(let allowed, _) = router.match(.other("?"), path) { return allowed }
        return []
    }

    private static var notFound: Failure {
        Failure(
            .notFound,
            code: "not_found",
            message: "There is nothing at this path.",
            hint: "See / or /docs for what there is."
        )
    }

    private static func methodNotAllowed(_ allowed: [HTTPMethod]) -> Failure {
        Failure(
            .methodNotAllowed,
            code: "method_not_allowed",
            message: "Method not allowed",
            hint: "Use " + allowed.map(\.description).joined(separator: ", ") + "."
        )
    }
}
