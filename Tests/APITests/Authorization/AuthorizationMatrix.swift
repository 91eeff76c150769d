import Core
import Domain
import HTTPServer
import Synchronization

@testable import API

/// Something that the matrix found.
struct MatrixFinding: Sendable, CustomStringConvertible {
    let route: String
    let caller: MatrixCaller
    /// The kind of object it is about.
    let kind: ObjectKind?
    let problem: String

    var description: String { "\(route) as \(caller.rawValue): \(problem)" }
}

/// Every route of the router × every caller, with an object of the kind that the route names.
///
/// What is right is derived from the registries alone: ``RouteAccess`` of the route, and ``ObjectKind/ownerRule``. Each
/// request is about an object of its own, so that no answer depends on another one.
struct AuthorizationMatrix {
    let world: MatrixWorld

    private enum Verdict: String {
        case admitted, unauthenticated, forbidden, missing, notUnderstood, broken
    }

    /// All that is wrong; nothing on a server that is right.
    ///
    /// About one kind of object only, if one is given: by the routes that name it, and those that list objects.
    func findings(about kind: ObjectKind? = nil) async throws -> [MatrixFinding] {
        let leakable = Set(kind.map { [$0] } ?? ObjectKind.allCases.filter { $0.ownerRule == .owner })
        // So that lists have something to leak.
        for kind in leakable {
            _ = try await world.make(kind, of: try world.owner(for: .rightOperator, .open))
        }
        let routes = world.routes.filter { route in
            kind == nil || route.access.object == kind || route.isList
        }
        let all = Mutex<[MatrixFinding]>([])
        // Some routes wait for what they began.
        try await world.harness.running {
            for route in routes {
                for caller in world.callers {
                    let found = try await ask(route, caller, leakable)
                    all.withLock { $0 += found }
                }
            }
        }
        return all.withLock { $0 }
    }

    private func ask(_ route: Route, _ caller: MatrixCaller, _ leakable: Set<ObjectKind>) async throws
        -> [MatrixFinding]
    {
        let access = route.access
        let finding: (ObjectKind?, String) -> MatrixFinding = { kind, problem in
            MatrixFinding(
                route: "\(route.method) \(route.template)",
                caller: caller,
                kind: kind,
                problem: problem
            )
        }
        let request: MatrixRequest
        let credentials = try await world.credentials(caller, access)
        var marker: String?
        do {
            let owner = try world.owner(for: caller, access)
            var fixture: ObjectFixture?
            if let kind = access.object { fixture = try await world.make(kind, of: owner) }
            marker = fixture?.marker
            request = try MatrixRequest(
                route,
                fixture,
                world.document,
                issuer: caller == .otherBackend ? AssistantHarness.otherIssuer : AssistantHarness.issuer,
                crossSiteToken: credentials.crossSiteToken
            )
        } catch let error as MatrixRequest.Undocumented {
            return [finding(access.object, error.description)]
        }
        var headers = credentials.headers
        headers["Content-Type"] = request.contentType
        let response = await world.harness.respond(
            route.method,
            request.path,
            query: request.query,
            headers: headers,
            body: request.body
        )
        let principal = try world.principal(caller, access)
        let answer = await MatrixAnswer(response)
        let wanted = right(route, caller, principal)
        var found = verdict(response.status, access)
        // Its token is a wrong credential everywhere else, and so many of them slow its address down.
        if [.backend, .otherBackend].contains(caller), response.status == 429 {
            found = access.door == .open ? .admitted : .unauthenticated
        }
        // Whoever is admitted there is told that nothing is kept.
        if Self.keepsNothing(route), found == .missing { found = .admitted }
        // A page with the form of sign-in, in place of the object.
        if found == .admitted, route.method == .get, let marker, !answer.text.contains(marker) {
            found = .unauthenticated
        }
        var findings: [MatrixFinding] = []
        if !Self.agree(found, wanted, access) {
            let status = "\(found.rawValue) (\(response.status))"
            findings.append(finding(access.object, "\(status), which should be \(wanted.rawValue)"))
        }
        // A link shows what it leads to, and the audit log what everybody did, to those who may see all of it.
        for kind in leakable where access.door != .link && access.object != .auditEntry {
            let seen = world.owners(kind, among: answer.numbers).first { $0.value != principal?.operator }?
                .key
            if let seen { findings.append(finding(kind, "shows the \(kind.rawValue) \(seen) of another")) }
        }
        return findings
    }

    /// Answers of models are not kept under ids of their own.
    private static func keepsNothing(_ route: Route) -> Bool {
        route.template.description.hasPrefix("/v1/responses/{id}")
    }

    /// Pages ask to sign in whoever shows something else than they take.
    private static func agree(_ found: Verdict, _ wanted: Verdict, _ access: RouteAccess) -> Bool {
        let refusals: Set<Verdict> = [.unauthenticated, .forbidden]
        return found == wanted
            || access.door == .byHandler && refusals.contains(found) && refusals.contains(wanted)
    }

    /// What a backend puts under a name of its own is made when it is new, whatever another application calls so.
    private static func makes(_ route: Route) -> Bool {
        ["/v1/ai/clients/{client}", "/v1/ai/users/{user}/grants"].contains(route.template.description)
            && route.method == .put
    }

    /// A host application's backend reaches what is its own.
    private static func right(_ route: Route, ofBackend issuer: String) -> Verdict {
        let isOwn = issuer == AssistantHarness.issuer || route.access.object == nil || makes(route)
        return isOwn ? .admitted : .missing
    }

    /// What the registries say.
    private func right(_ route: Route, _ caller: MatrixCaller, _ principal: Principal?) -> Verdict {
        let access = route.access
        if access.door == .open || access.door == .link { return .admitted }
        guard let principal else { return .unauthenticated }
        switch access.door {
        case .user: if principal.user == nil { return principal.host == nil ? .forbidden : .unauthenticated }
        case .host:
            if let host = principal.host { return Self.right(route, ofBackend: host) }
            return principal.signIn != nil && principal.permissions.contains(.admin) ? .admitted : .forbidden
        default:
            // What a host application signs opens nothing of the server's own but what its routes say.
            if let host = principal.host {
                return access.admitsHosts ? Self.right(route, ofBackend: host) : .unauthenticated
            }
            if principal.user != nil {
                guard let permission = access.users, principal.permissions.contains(permission) else {
                    return .forbidden
                }
                return access.object == nil ? .admitted : .missing
            }
        }
        if access.door == .signIn, principal.signIn == nil { return .forbidden }
        if let permission = access.permission, !principal.permissions.contains(permission) {
            return .forbidden
        }
        switch access.object?.ownerRule {
        case nil, .shared, .host: return .admitted
        case .place: return principal.permissions.contains(.admin) ? .admitted : .missing
        case .holder(let permission):
            return principal.permissions.contains(permission) ? .admitted : .forbidden
        case .owner:
            return caller == .rightOperator || caller == .withoutPermission ? .admitted : .missing
        }
    }

    private func verdict(_ status: Int, _ access: RouteAccess) -> Verdict {
        // What is open to everybody may look at credentials in its body: the form of sign-in does.
        if access.door == .open { return status < 500 && status != 404 ? .admitted : .broken }
        switch status {
        case 401: return .unauthenticated
        case 403: return .forbidden
        case 404: return .missing
        // Then nothing was proven about the object.
        case 400, 422: return access.object == nil ? .admitted : .notUnderstood
        case 500: return .broken
        default: return .admitted
        }
    }
}
