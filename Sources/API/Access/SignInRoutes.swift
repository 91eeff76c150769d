internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/signin and /v1/signins: signing in and out, and looking at one's own sign-ins.
struct SignInRoutes: Sendable {
    let services: EdgeServices
    private let operators: OperatorService?
    let ownOrigin: OwnOrigin
    let cookie: SignInCookie

    init(_ services: EdgeServices) {
        self.services = services
        operators = services.admin?.operators
        ownOrigin = OwnOrigin(services.settings)
        cookie = SignInCookie(services)
    }

    var routes: [Route] {
        [
            Route(.post, "/v1/signin", access: .open, signIn),
            Route(.post, "/v1/signin/assertion", access: .open, signInByAssertion),
            Route(.get, "/v1/signin", access: .signIn(nil, on: nil), current),
            Route(.get, "/v1/signin/state", access: .open, state),
            Route(.delete, "/v1/signin", access: .signIn(nil, on: nil), signOut),
            Route(.get, "/v1/signins", access: .signIn(nil, on: nil), list),
            Route(.delete, "/v1/signins/{id}", access: .signIn(nil, on: .signIn), end),
        ]
            + (operators == nil
                ? [] : [Route(.put, "/v1/signin/passphrase", access: .signIn(nil, on: nil), setPassphrase)])
    }

    private func signIn(_ context: RequestContext) async throws -> HTTPResponse {
        let request = context.request
        let body = try BodyReader(request, known: ["username", "passphrase", "kind"])
        guard let name = try body.string("username"), let passphrase = try body.string("passphrase") else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The fields 'username' and 'passphrase' are needed.",
                hint: "Send {\"username\": \"…\", \"passphrase\": \"…\"}."
            )
        }
        let kind = try body.word("kind", SignInKind.self) ?? .browser
        // Otherwise a foreign page could sign a browser in as somebody else. A token goes to pages that are allowed.
        try ownOrigin.require(request, or: kind == .client ? services.settings.allowedOrigins : [])
        let begun = try await services.signIns.signIn(
            name: name,
            passphrase: Secret(passphrase),
            kind: kind,
            from: request.clientAddress
        )
        return answer(begun, kind, request)
    }

    /// A sign-in that began: with its token for a client, with a cookie for a browser.
    func answer(_ begun: BegunSignIn, _ kind: SignInKind, _ request: HTTPRequest) -> HTTPResponse {
        var response = NativeAnswers.json { writer in
            write(begun.known, token: kind == .client ? begun.credential : nil, to: &writer)
        }
        if kind == .browser { setCookie(begun.credential, begun.known.signIn, request, &response) }
        return response
    }

    private func current(_ context: RequestContext) async throws -> HTTPResponse {
        answer(try await services.signIns.current(as: try context.caller()), context.request)
    }

    /// A sign-in that the browser or client has already.
    func answer(_ known: KnownSignIn, _ request: HTTPRequest) -> HTTPResponse {
        var response = NativeAnswers.json { write(known, token: nil, to: &$0) }
        // The end of a browser's sign-in moves on with its use, and the cookie's must not come before it.
        if known.signIn.kind == .browser, let value = cookie.read(request) {
            setCookie(value, known.signIn, request, &response)
        }
        return response
    }

    /// The same for a page that does not know yet whether somebody is signed in with the cookie: nobody is no error there,
    /// which browsers would report.
    private func state(_ context: RequestContext) async throws -> HTTPResponse {
        let value = cookie.read(context.request)
        let known = try await services.signIns.known(cookie: value, token: nil)
        var response = NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("signed_in")
                if let known { write(known, token: nil, to: &writer) } else { writer.null() }
            }
        }
        if let known, let value { setCookie(value, known.signIn, context.request, &response) }
        return response
    }

    /// Another passphrase for oneself, which ends all of one's sign-ins.
    private func setPassphrase(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["current", "passphrase"])
        guard let operators, let present = try body.string("current"),
            let next = try body.string("passphrase")
        else { throw body.wrong("passphrase", "a text, beside the present one in 'current'") }
        let caller = try context.caller()
        try await services.signIns.confirm(Secret(present), as: caller, from: context.request.clientAddress)
        let name = try await services.signIns.current(as: caller).person.name
        try await operators.setPassphrase(Secret(next), of: name, by: caller.id)
        return HTTPResponse(status: 204)
    }

    private func signOut(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        if let id = caller.signIn { try await services.signIns.end(id, as: caller) }
        var response = HTTPResponse(status: 204)
        cookie.clear(context.request, &response)
        return response
    }

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        return Self.answer(try await services.signIns.signIns(as: caller), to: caller)
    }

    /// Sign-ins, of which one may be the caller's present one.
    static func answer(_ signIns: [SignIn], to caller: Principal) -> HTTPResponse {
        NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("sign_ins")
                writer.array { writer in
                    for signIn in signIns {
                        writer.object { writer in
                            write(signIn, to: &writer)
                            writer.key("current")
                            writer.bool(signIn.id == caller.signIn)
                        }
                    }
                }
            }
        }
    }

    private func end(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        // What is no number names no sign-in either.
        let id = SignInID(Int64(context.parameter("id")) ?? 0)
        try await services.signIns.end(id, as: caller)
        return HTTPResponse(status: 204)
    }

    // MARK: Shapes

    private func setCookie(
        _ value: Secret<String>,
        _ signIn: SignIn,
        _ request: HTTPRequest,
        _ response: inout HTTPResponse
    ) {
        cookie.set(value, for: signIn.expires - services.clock.now(), request, &response)
    }

    private func write(_ known: KnownSignIn, token: Secret<String>?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("operator")
            writer.object { writer in
                writer.key("id")
                writer.integer(known.person.id.rawValue)
                writer.key("name")
                writer.string(known.person.name.rawValue)
                writer.key("permissions")
                writer.array { writer in
                    for permission in known.person.permissions.sorted() { writer.string(permission.rawValue) }
                }
            }
            writer.key("sign_in")
            writer.object { writer in Self.write(known.signIn, to: &writer) }
            if known.signIn.kind == .browser {
                writer.key("csrf_token")
                writer.string(services.signIns.crossSiteToken(for: known.signIn.id))
            }
            if let token {
                writer.key("token")
                writer.string(token.reveal())
            }
            Features(ofOperatorWith: known.person.permissions, services).write(to: &writer)
            if let prompts = services.settings.prompts {
                writer.key("prompts")
                writer.array { writer in for prompt in prompts { prompt.write(to: &writer) } }
            }
        }
    }

    private static func write(_ signIn: SignIn, to writer: inout JSONWriter) {
        writer.key("id")
        writer.integer(signIn.id.rawValue)
        writer.key("kind")
        writer.string(signIn.kind.rawValue)
        writer.key("created")
        writer.time(signIn.created)
        writer.key("last_seen")
        writer.time(signIn.lastSeen)
        writer.key("expires")
        writer.time(signIn.expires)
    }
}
