internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /approve/{approval}: the page to which the link of an approval leads.
///
/// It works without a script, and decides nothing by GET. The cookie of a sign-in counts here as it does below /v1:
/// looking needs it, deciding also needs the page's own token.
struct ApprovalPageRoutes: Sendable {
    private let desk: ApprovalDesk
    private let signIns: SignInService
    private let origins: OwnOrigin
    private let cookie: SignInCookie
    private let basePath: String
    private let clock: any WallClock

    init(_ services: EdgeServices, _ assistant: AssistantServices) {
        desk = ApprovalDesk(services, assistant)
        signIns = services.signIns
        origins = OwnOrigin(services.settings)
        cookie = SignInCookie(services)
        basePath = services.settings.basePath
        clock = services.clock
    }

    var routes: [Route] {
        [
            Route(.get, "/approve/{approval}", access: .byHandler(.approve, on: .approval), show),
            Route(.post, "/approve/{approval}", access: .byHandler(.approve, on: .approval), decide),
            Route(.post, "/approve/{approval}/signin", access: .open, signIn),
        ]
    }

    // MARK: Looking

    private func show(_ context: RequestContext) async throws -> HTTPResponse {
        let page = page(context)
        do {
            guard let person = try await person(context) else { return answer(page.signIn(nil)) }
            return try await show(page, to: person)
        } catch let failure as Failure {
            return refusal(failure, page)
        }
    }

    private func show(_ page: ApprovalPage, to person: KnownSignIn, _ error: Failure? = nil) async throws
        -> HTTPResponse
    {
        let approval = try await desk.approvals.approval(page.id, as: Self.principal(person))
        let html = page.show(
            await desk.shown(approval),
            to: person,
            token: signIns.crossSiteToken(for: person.signIn.id),
            error
        )
        return answer(html, status: error?.kind.status ?? 200)
    }

    // MARK: Acting

    private func signIn(_ context: RequestContext) async throws -> HTTPResponse {
        let page = page(context)
        do {
            try origins.require(context.request)
            let form = try form(context.request)
            let begun = try await signIns.signIn(
                name: try form.text("username") ?? "",
                passphrase: Secret(try form.text("passphrase") ?? ""),
                kind: .browser,
                from: context.request.clientAddress
            )
            var response = back(page)
            cookie.set(
                begun.credential,
                for: begun.known.signIn.expires - clock.now(),
                context.request,
                &response
            )
            return response
        } catch let failure as Failure {
            return answer(page.signIn(failure), status: failure.kind.status)
        }
    }

    private func decide(_ context: RequestContext) async throws -> HTTPResponse {
        let page = page(context)
        do {
            guard let person = try await person(context) else { throw Self.nobody }
            do {
                try await decide(context, page.id, person)
                return back(page)
            } catch let failure as Failure {
                return try await show(page, to: person, failure)
            }
        } catch let failure as Failure {
            return refusal(failure, page)
        }
    }

    private func decide(_ context: RequestContext, _ id: ApprovalID, _ person: KnownSignIn) async throws {
        try origins.require(context.request)
        let form = try form(context.request)
        guard let token = try form.text("csrf_token"),
            signIns.isCrossSiteToken(token, for: person.signIn.id)
        else {
            throw Failure(
                .forbidden,
                code: "csrf_token_missing",
                message: "This change was not shown to come from a page of this server.",
                hint: "Look at it again here, then decide."
            )
        }
        guard let answer = try form.word("decision", Answer.self) else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'decision' is needed.",
                hint: "Press one of the buttons."
            )
        }
        _ = try await desk.approvals.decide(
            id,
            answer == .deny ? .deny : .approve,
            digest: try form.text("digest") ?? "",
            note: try form.text("note"),
            alsoAlways: answer == .always,
            as: Self.principal(person)
        )
    }

    private enum Answer: String, CaseIterable { case approve, deny, always }

    // MARK: Parts

    private func page(_ context: RequestContext) -> ApprovalPage {
        ApprovalPage(basePath: basePath, id: context.approvalID)
    }

    /// Who is signed in in this browser; nil for nobody.
    private func person(_ context: RequestContext) async throws -> KnownSignIn? {
        guard let value = cookie.read(context.request) else { return nil }
        return try await signIns.signIn(cookie: value)
    }

    private static func principal(_ person: KnownSignIn) -> Principal {
        Principal(person.person, signIn: person.signIn.id)
    }

    private func form(_ request: HTTPRequest) throws(Failure) -> QueryReader {
        guard let form = HTTPQuery(encoded: request.body[...]) else {
            throw Failure(.invalid, code: "invalid_form", message: "The form is not understood.")
        }
        return QueryReader(form)
    }

    private func answer(_ html: String, status: Int = 200) -> HTTPResponse {
        HTMLPage(title: "Approval", basePath: basePath, layout: .cards)
            .response(status: status, headers: HTMLPage.formHeaders, body: html)
    }

    /// Who is not signed in any more can sign in; others see what is wrong.
    private func refusal(_ failure: Failure, _ page: ApprovalPage) -> HTTPResponse {
        answer(
            failure.kind == .unauthenticated ? page.signIn(failure) : page.failure(failure),
            status: failure.kind.status
        )
    }

    /// A page that can be reloaded without sending the form again (RFC 9110 section 15.4.4).
    private func back(_ page: ApprovalPage) -> HTTPResponse {
        HTTPResponse(status: 303, headers: ["Location": "\(basePath)/approve/\(page.id)"])
    }

    private static let nobody = Failure(
        .unauthenticated,
        code: "credential_missing",
        message: "Nothing was decided: you are not signed in.",
        hint: "Sign in, and look at it again."
    )
}
