internal import Application
internal import Core
internal import Domain
internal import HTTPServer

// Signing in by the word of a hosting panel.
extension SignInRoutes {
    func signInByAssertion(_ context: RequestContext) async throws -> HTTPResponse {
        let request = context.request
        let body = try BodyReader(request, known: ["assertion", "kind"])
        guard let assertion = try body.string("assertion") else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'assertion' is needed.",
                hint: "Send what the panel's page was given."
            )
        }
        let kind = try body.word("kind", SignInKind.self) ?? .client
        // Browsers always say where a page comes from when it posts, and no page can say it differently (Fetch, "Origin").
        let origins = request.headers.all("Origin").map { $0.lowercased() }
        guard origins.count == 1, PageOrigin.isAdmitted(origins[0], services.settings) else {
            throw Failure(
                .forbidden,
                code: "foreign_origin",
                message: "This was not sent by a page that may sign people in.",
                hint: "The panel's origin must stand in DECKHAND_CORS_ORIGINS."
            )
        }
        guard let panels = services.panels else {
            throw Failure(
                .notFound,
                code: "not_found",
                message: "No hosting panel signs people in here.",
                hint: "Sign in with POST /v1/signin, or see docs/panels.md."
            )
        }
        // A cookie is for this server's own pages.
        if kind == .browser { try ownOrigin.require(request) }
        // What this browser has already: on a foreign page a token, on our own the cookie.
        let known = try await services.signIns.known(
            cookie: kind == .browser ? cookie.read(request) : nil,
            token: kind == .client ? Authentication.bearer(request) : nil
        )
        let vouched = try await panels.signIn(
            Secret(assertion),
            kind: kind,
            at: origins[0],
            inPlaceOf: known
        )
        return switch vouched {
        case .same(let known): answer(known, request)
        case .begun(let begun): answer(begun, kind, request)
        }
    }
}
